"""Writing what changed in a book of cases, in a handful of statements."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import F

from luister.accounts.models import Workspace
from luister.events import live
from luister.events.actions import Happened, record_all
from luister.inbox.models import Case, CasePost
from luister.posts.models import Post

CONTEXT_LIMIT: Final = 200  # posts of others kept around a case, and cases around which a post is kept

_SAID: Final = """
    SELECT thread.id, said.id FROM unnest(%s::text[]) AS thread(id)
     CROSS JOIN LATERAL (
        SELECT id FROM posts_post
         WHERE channel_id = %s AND thread_external_id = thread.id AND is_public
         ORDER BY posted_at DESC, id DESC LIMIT %s
    ) AS said
"""
_WRITE: Final = """
    UPDATE inbox_case
       SET version = now.version, is_public = now.is_public, last_post_id = now.last_post_id,
           last_post_at = now.last_post_at, waiting_since = now.waiting_since, state = now.state,
           state_since = now.state_since, snoozed_until = now.snoozed_until
      FROM jsonb_to_recordset(%s::jsonb) AS now(
           id bigint, version int, is_public bool, last_post_id bigint, last_post_at timestamptz,
           waiting_since timestamptz, state text, state_since timestamptz, snoozed_until timestamptz)
     WHERE inbox_case.id = now.id
"""
_WRITTEN: Final = (
    "id", "version", "is_public", "last_post_id", "last_post_at", "waiting_since", "state", "state_since",
    "snoozed_until",
)  # fmt: skip


@dataclass(eq=False, slots=True)
class Entry:
    """A case of the book."""

    case: Case
    opened_with: Post | None = None  # it is new
    is_changed: bool = False
    is_told: bool = False  # to open screens


@dataclass(slots=True)
class Changes:
    """What waits until new cases have their ids."""

    links: list[tuple[Entry, CasePost]] = field(default_factory=list)
    context: list[tuple[Entry, CasePost]] = field(default_factory=list)
    turned: list[CasePost] = field(default_factory=list)  # context until now
    events: list[tuple[Entry, Happened]] = field(default_factory=list)
    warnings: list[tuple[Post, Entry]] = field(default_factory=list)


def write(changes: Changes, *, entries: Sequence[Entry], posts: Sequence[Post]) -> None:
    """Write what the posts changed, and tell open screens.

    Args:
        changes: events have no case's id yet.
        entries: new ones in the order in which they were opened.
        posts: of one channel, in the order in which they came.
    """
    new = [entry for entry in entries if entry.opened_with is not None]
    _open(new)
    _link(changes, _said_before(new, posts=posts))
    events = [replace(event, case_id=entry.case.pk) for entry, event in changes.events]
    record_all(events, workspace=posts[0].workspace)
    _save([entry.case for entry in entries if entry.is_changed and entry.opened_with is None])
    for post, referred in changes.warnings:
        _warn(post, referred.case)
    _tell([entry for entry in entries if entry.is_told])


def _open(new: Sequence[Entry]) -> None:
    if not new:
        return
    for number, entry in enumerate(new, _take_numbers(new[0].case.workspace_id, len(new))):
        entry.case.number = number
    Case.objects.bulk_create(entry.case for entry in new)


def _take_numbers(workspace_id: int, count: int) -> int:
    """Take so many case numbers and return the first."""
    Workspace.objects.filter(pk=workspace_id).update(next_case_number=F("next_case_number") + count)
    after: int = Workspace.objects.values_list("next_case_number", flat=True).get(pk=workspace_id)
    return after - count


def _link(changes: Changes, said_before: Sequence[CasePost]) -> None:
    for entry, link in (*changes.links, *changes.context):
        link.case = entry.case
    CasePost.objects.bulk_create(link for _, link in changes.links)
    CasePost.objects.bulk_create([*(link for _, link in changes.context), *said_before], ignore_conflicts=True)
    CasePost.objects.bulk_update(changes.turned, ["is_context", "version"])


def _said_before(new: Sequence[Entry], *, posts: Sequence[Post]) -> list[CasePost]:
    """Return, as context, what was said in public in the threads of new cases before these were opened."""
    opened = [(entry.case, entry.opened_with) for entry in new if entry.opened_with and entry.opened_with.is_public]
    if not opened:
        return []
    said: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        threads = list({post.thread_external_id for _, post in opened})
        cursor.execute(_SAID, [threads, posts[0].channel_id, CONTEXT_LIMIT + len(posts)])
        for thread, post_id in cursor.fetchall():
            said.setdefault(thread, []).append(post_id)
    place = {post.pk: number for number, post in enumerate(posts)}
    links = []
    for case, post in opened:
        # What came in together with it, but after it, finds the case by itself.
        before = [one for one in said.get(post.thread_external_id, ()) if place.get(one, -1) < place[post.pk]]
        links += [CasePost(case=case, post_id=one, is_context=True, version=0) for one in before[:CONTEXT_LIMIT]]
    return links


def _save(cases: Sequence[Case]) -> None:
    if cases:
        rows = [{name: _plain(getattr(case, name)) for name in _WRITTEN} for case in cases]
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [json.dumps(rows)])


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _warn(post: Post, referred: Case) -> None:
    """Note beside a post that it claims to answer another's case."""
    values = {"number": str(referred.number)}
    post.notices = [*post.notices, {"code": "case.refers_to_other", "values": values}]
    post.save(update_fields=["notices"])


def _tell(told: Sequence[Entry]) -> None:
    if not told:
        return
    live.publish_all(
        (live.case_topic(entry.case.pk), "case-changed", {"case": entry.case.pk})
        for entry in told
        if entry.opened_with is None  # nobody has a new one open yet
    )
    # One list is out of date, however many of its cases changed.
    live.publish(live.workspace_topic(told[-1].case.workspace_id), "cases-changed", case=told[-1].case.pk)
