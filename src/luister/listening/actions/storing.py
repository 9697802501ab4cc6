"""Storing mentions: the one place that writes new ones."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from luister.listening.queries.found import Hit, words_of

# The monitor is locked against a change of its query: a mention that an old query found is never stored after that.
_STORE: Final = """
    INSERT INTO listening_mention
        (workspace_id, monitor_id, post_id, words, is_live, is_public, posted_at, found_at, state)
    SELECT monitor.workspace_id, monitor.id, found.post, found.words, %(is_live)s, found.is_public, found.posted_at,
           %(now)s, 'new'
      FROM jsonb_to_recordset(%(found)s::jsonb)
           AS found(monitor bigint, version int, post bigint, words text[], is_public bool, posted_at timestamptz)
      JOIN listening_monitor monitor ON monitor.id = found.monitor AND monitor.version = found.version
     ORDER BY found.post, monitor.id
       FOR KEY SHARE OF monitor
        ON CONFLICT (monitor_id, post_id) DO UPDATE SET words = EXCLUDED.words
     WHERE listening_mention.words <> EXCLUDED.words
    RETURNING monitor_id, xmax = 0
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A mention that was new, or only has other words now."""

    monitor_id: int
    is_new: bool


def still_stand(versions: Mapping[int, int]) -> bool:
    """Lock monitors against a change until the transaction ends; whether the query of each is still of that version."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, version FROM listening_monitor WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(versions)]
        )
        return dict(cursor.fetchall()) == dict(versions)


def store(hits: Iterable[Hit], *, is_live: bool, now: datetime) -> list[Stored]:
    """Store what was found, once; what is known already stays as people left it."""
    rows = [
        {
            "monitor": hit.standing.monitor_id,
            "version": hit.standing.version,
            "post": hit.post.pk,
            "words": words_of(hit.standing.node, hit.document),
            "is_public": hit.post.is_public,
            "posted_at": min(hit.post.posted_at, hit.post.received_at).isoformat(),
        }
        for hit in hits
    ]
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_STORE, {"found": json.dumps(rows), "is_live": is_live, "now": now})
        return [Stored(monitor_id, is_new) for monitor_id, is_new in cursor.fetchall()]
