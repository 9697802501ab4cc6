"""Near-copies: posts that say almost the same, of which the earliest is the original."""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from luister.text.near import NEAR

WITHIN_DAYS: Final = 14

# Of those that say exactly the same the earliest is found by its fingerprint; of those that say almost the same only
# originals are looked through, so that a text which thousands send does not cost a look at each of them. They are to be
# found by their bands: were the workspace not hidden in a sum, PostgreSQL, while it knows too little of a table that
# grows fast, would go through all posts of two weeks for each new one.
_FIND: Final = """
    WITH found AS MATERIALIZED (
        SELECT new.post_id, (
            SELECT other.post_id FROM (
                (SELECT same.post_id, same.posted_at FROM understanding_understanding same
                  WHERE same.workspace_id = new.workspace_id AND same.fingerprint = new.fingerprint
                    AND same.fingerprint <> 0
                    AND same.posted_at BETWEEN new.posted_at - make_interval(days => %(days)s) AND new.posted_at
                  ORDER BY same.posted_at, same.post_id LIMIT 1)
                UNION ALL
                (SELECT near.post_id, near.posted_at FROM understanding_understanding near
                  WHERE near.bands && new.bands AND near.copy_of_id IS NULL AND near.fingerprint <> 0
                    AND near.workspace_id + 0 = new.workspace_id
                    AND near.posted_at BETWEEN new.posted_at - make_interval(days => %(days)s) AND new.posted_at
                    AND bit_count((near.fingerprint # new.fingerprint)::bit(64)) <= %(furthest)s)
            ) other
            WHERE (other.posted_at, other.post_id) < (new.posted_at, new.post_id)
            ORDER BY other.posted_at, other.post_id LIMIT 1
        ) AS original
        FROM understanding_understanding new WHERE new.post_id = ANY(%(posts)s)
    )
    UPDATE understanding_understanding row SET copy_of_id = found.original FROM found
     WHERE row.post_id = found.post_id AND found.original IS NOT NULL
"""


def signed(fingerprint: int) -> int:
    """Return 64 bits as PostgreSQL keeps them."""
    return fingerprint - (1 << 64) if fingerprint >= 1 << 63 else fingerprint


def find_copies(post_ids: Sequence[int]) -> None:
    """Say of posts that were understood just now which earlier post of their workspace they almost repeat."""
    if post_ids:
        with connection.cursor() as cursor:
            cursor.execute(_FIND, {"posts": list(post_ids), "days": WITHIN_DAYS, "furthest": NEAR})
