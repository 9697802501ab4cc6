"""What `luister start` has done before it serves, in a process of its own so that the supervisor stays small.

Tells how far it is on standard output, one JSON object a line: {"step", "done", "total"}, and at last {"link",
"has_demo", "advice"}.
"""

import functools
import json

from django.db.models import Case, Value, When

from luister.accounts import actions as accounts
from luister.accounts.enums import Role
from luister.accounts.models import Membership, User
from luister.base.clock import utc_now
from luister.config.migrating import migrate
from luister.config.vitals_fence import advice
from luister.demo import actions as demo
from luister.demo.queries import demo_workspace


def prepare(*, address: str, stage: str | None) -> None:
    """Bring the tables up to date, fill a demo desk of that stage if one is wanted, and make a link to come in by."""
    migrate(progress=functools.partial(_show, "tables"))
    if stage is not None or demo_workspace() is not None:  # one that is there is told the address
        demo.load(stage=stage or "busy", now=utc_now(), site_url=address, progress=functools.partial(_show, "demo"))
    tell(link=way_in(to_demo=stage is not None), has_demo=demo_workspace() is not None, advice=advice())


def _show(step: str, done: int, total: int) -> None:
    tell(step=step, done=done, total=total)


def way_in(*, to_demo: bool) -> str:
    """Return the path that signs an administrator in, or sets up an installation that has no users yet.

    Whoever starts the demo wants to see it; whoever does not, the desk of their own.
    """
    now = utc_now()
    if not User.objects.exists():
        return f"/setup/{accounts.new_setup_link(now=now)}"
    administrators = Membership.objects.filter(role=Role.ADMINISTRATOR, is_active=True, user__is_active=True)
    wanted_first = Case(When(workspace__is_demo=to_demo, then=Value(0)), default=Value(1))
    first = administrators.select_related("user").order_by(wanted_first, "pk").first()
    return f"/enter/{accounts.new_sign_in_link(first.user, now=now)}" if first else "/"


def tell(**facts: object) -> None:
    """Write one line for the supervisor."""
    print(json.dumps(facts), flush=True)  # noqa: T201 - our output is what the supervisor reads
