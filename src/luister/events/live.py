"""The notice board: tells open screens that something changed, by NOTIFY in the same transaction.

A notice carries a topic, a name from the allowlist and ids, never content; the screen fetches what it may
see, and `luister.config.live` asks the topic's access predicate before each delivery.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Final

from django.db import connection

CHANNEL: Final = "luister_live"

NAMES: Final = frozenset(
    {
        "cases-changed",  # topic workspace: the list of cases is out of date
        "case-changed",  # topic case: posts, replies, notes or state
        "presence-changed",  # topic case
        "sending-changed",  # topic workspace: paused, resumed, needs attention
        "channels-changed",  # topic workspace
        "sources-changed",  # topic workspace: posts of a source, or how it is doing
        "mentions-changed",  # topic listening: something was found, handled or let go
        "monitor-changed",  # topic listening: a monitor, or how far it has looked back
        "notice",  # topic user: a mention, a failed reply
    }
)

# What a notice may carry beside ids, which are numbers.
NO_IDS: Final = frozenset(
    {
        "kind",  # of a notification, a word of ours
        "at",  # a moment
    }
)


def workspace_topic(workspace_id: int) -> str:
    """Return the topic of everything in a workspace."""
    return f"workspace:{workspace_id}"


def listening_topic(workspace_id: int) -> str:
    """Return the topic of what is found in a workspace."""
    return f"listening:{workspace_id}"


def case_topic(case_id: int) -> str:
    """Return the topic of one case."""
    return f"case:{case_id}"


def user_topic(user_id: int) -> str:
    """Return the topic of what is for one user alone."""
    return f"user:{user_id}"


Notice = tuple[str, str, Mapping[str, int | str]]
"""Topic, name and ids."""


def publish(topic: str, name: str, **ids: int | str) -> None:
    """Tell open screens, when the present transaction commits.

    Raises:
        ValueError: a name that is not on the allowlist.
    """
    publish_all([(topic, name, ids)])


def publish_all(notices: Iterable[Notice]) -> None:
    """Tell open screens many things in one statement, when the present transaction commits.

    Raises:
        ValueError: a name that is not on the allowlist, or something that is no id.
    """
    payloads = []
    for topic, name, ids in notices:
        if name not in NAMES or not all(isinstance(value, int) or key in NO_IDS for key, value in ids.items()):
            raise ValueError(name)
        payloads.append(json.dumps({"topic": topic, "name": name, "ids": ids}))
    if payloads:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload", [CHANNEL, payloads])
