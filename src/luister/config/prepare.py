"""What `luister start` has done before it serves, in a process of its own so that the supervisor stays small.

Tells how far it is on standard output, one JSON object a line: {"step", "done", "total"} and at last {"link"}.
"""

import json

from django.db.models import Case, Value, When

from luister.accounts import actions as accounts
from luister.accounts.enums import Role
from luister.accounts.models import Membership, User
from luister.base.clock import utc_now
from luister.config.migrating import migrate


def prepare() -> None:
    """Bring the tables up to date and make a fresh link to come in by."""
    migrate(progress=lambda done, total: tell(step="tables", done=done, total=total))
    tell(link=way_in())


def way_in() -> str:
    """Return the path that signs the first administrator in, or sets up an installation that has no users yet.

    An administrator of the demo comes first: whoever starts it wants to see it.
    """
    now = utc_now()
    if not User.objects.exists():
        return f"/setup/{accounts.new_setup_link(now=now)}"
    administrators = Membership.objects.filter(role=Role.ADMINISTRATOR, is_active=True, user__is_active=True)
    demo_first = Case(When(workspace__is_demo=True, then=Value(0)), default=Value(1))
    first = administrators.select_related("user").order_by(demo_first, "pk").first()
    return f"/enter/{accounts.new_sign_in_link(first.user, now=now)}" if first else "/"


def tell(**facts: object) -> None:
    """Write one line for the supervisor."""
    print(json.dumps(facts), flush=True)  # noqa: T201 - our output is what the supervisor reads
