"""The desk that is flooded: a workspace, its people, its channel and the monitors that stand there."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import connection

from bench.flooding.agents import Desk
from bench.flooding.network import HANDLE, TEXTS, TOKEN
from luister.accounts.actions import add_member, new_sign_in_link, new_user, new_workspace
from luister.accounts.enums import Role
from luister.accounts.models import Membership, Workspace
from luister.base.clock import utc_now
from luister.channels.actions import NewChannel, connect
from luister.delivery.enums import RawState
from luister.delivery.models import Outgoing, RawItem
from luister.inbox.models import Case
from luister.listening.enums import Sharing
from luister.listening.models import Mention, Monitor

SHARED = 12  # monitors that everybody sees; the others are somebody's own


def set_up(*, agents: int, monitors: int, network: str) -> list[dict[str, Any]]:
    """Make a workspace with a channel on the network, and return where each agent works."""
    now = utc_now()
    first = new_user("bench@luister.example", name="Bench")
    workspace = new_workspace(
        name="Merk", slug="merk", language="nl", time_zone="Europe/Amsterdam", by_user=first, now=now
    ).workspace
    settings = {"base_url": f"http://{network}/practice/api", "handle": HANDLE, "idempotency": "key"}
    new = NewChannel("practice", HANDLE, HANDLE, "both", settings=settings, secrets={"token": TOKEN})
    connect(new, workspace=workspace, by=None, now=now)
    members = [_member(workspace, number, now=now) for number in range(agents)]
    _listen(members, count=monitors, now=now)
    desks = [Desk(new_sign_in_link(one.user, now=now), workspace.slug, workspace.pk, one.user_id) for one in members]
    return [asdict(desk) for desk in desks]


def _member(workspace: Workspace, number: int, *, now: datetime) -> Membership:
    user = new_user(f"agent{number}@luister.example", name=f"Agent {number}")
    return add_member(workspace=workspace, user=user, role=Role.AGENT, by=None, now=now, sees_private=True)


def _listen(members: Sequence[Membership], *, count: int, now: datetime) -> None:
    dice = random.Random(3)
    words = _rare_words()
    monitors = []
    for number in range(count):
        one, other, third, fourth, fifth = dice.sample(words, 5)
        monitor = Monitor(
            workspace=members[0].workspace,
            name=f"Monitor {number}",
            query=f'{one} OR ({other} {third}) OR "{fourth} {fifth}"',
            owner=members[number % len(members)].user,
            sharing=Sharing.ALL if number < SHARED else Sharing.OWN,
            created_at=now,
            changed_at=now,
        )
        monitors.append(monitor)
    Monitor.objects.bulk_create(monitors)


def _rare_words() -> list[str]:
    """Return the words that a few of the posts say."""
    counts: dict[str, int] = {}
    for path in (TEXTS / f"posts.{lang}.more.jsonl" for lang in ("nl", "en")):
        for word in path.read_text("utf-8").lower().split():
            if word.isalpha() and len(word) > 4:
                counts[word] = counts.get(word, 0) + 1
    return sorted(word for word, count in counts.items() if 2 <= count <= 6)


def through() -> int:
    """Return how many payloads came in and are through the pipeline."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(jsonb_array_length(args->'post_ids')), 0) FROM procrastinate_jobs"
            " WHERE task_name = 'pipeline.run_all' AND status IN ('todo', 'doing')"
        )
        (on_their_way,) = cursor.fetchone()
    return RawItem.objects.exclude(state=RawState.NEW).count() - int(on_their_way)


def mentions() -> int:
    """Return how much monitors found."""
    return Mention.objects.count()


def cases() -> int:
    """Return how many cases there are."""
    return Case.objects.count()


def lateness(arrivals: Mapping[str, float], *, since: float, until: float) -> list[float]:
    """Return by how many seconds replies arrived after they were due, the time to take them back being over.

    Args:
        arrivals: when, by key, as the network noted it.
        since: only those that were due from this moment on.
        until: and before this one.

    What has not arrived counts as late until now.
    """
    now = utc_now().timestamp()
    late = []
    for key, due_at in Outgoing.objects.values_list("key", "due_at"):
        due = due_at.timestamp()
        if since <= due <= until:
            late.append(arrivals.get(str(key), now) - due)
    return late
