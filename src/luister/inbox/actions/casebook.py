"""The cases that posts of one channel may belong to: read together, changed in memory, written together.

Who goes through posts one by one asks the database for each of them a dozen times; a book asks a dozen times for all.
The rules of what belongs where are in `threading`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from luister.accounts.models import User
from luister.base.ids import lock_key
from luister.delivery.models import Outgoing
from luister.events.actions import Happened
from luister.inbox.actions.casewriting import CONTEXT_LIMIT, Changes, Entry, write
from luister.inbox.enums import CaseState
from luister.inbox.models import Case, CasePost
from luister.posts.enums import Direction
from luister.posts.models import Post

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

_AROUND: Final = """
    SELECT around.* FROM unnest(%s::text[]) AS thread(id)
     CROSS JOIN LATERAL (
        SELECT id, version, thread_external_id, state FROM inbox_case
         WHERE channel_id = %s AND thread_external_id = thread.id AND state <> 'closed'
         ORDER BY id DESC LIMIT %s
    ) AS around ORDER BY around.id DESC
"""


@dataclass(frozen=True, slots=True)
class _Send:
    key: str
    external_id: str
    lane: int


class Casebook:
    """See the module. Whoever opens one holds the threads and authors of its posts until the transaction ends."""

    def __init__(self, posts: Sequence[Post]) -> None:
        """Read what may concern the posts, which are of one channel; their author and channel are fetched along."""
        self._posts = posts
        self._channel_id = posts[0].channel_id
        self._changes = Changes()
        self._lock()
        self._sends = self._read_sends()
        references = {reference for post in posts for reference in post.references}
        referred = CasePost.objects.filter(
            post__channel_id=self._channel_id, post__external_id__in=references, is_context=False
        )
        owners = dict(referred.values_list("post__external_id", "case_id")) if references else {}
        links = list(CasePost.objects.filter(post__in=posts))
        joined = {link.case_id for link in links if not link.is_context}
        self._entries: list[Entry] = []
        self._by_id: dict[int, Entry] = {}
        self._open_cases: dict[tuple[int | None, str], Entry] = {}
        self._threads: dict[str, list[Entry]] = {}  # cases that are not closed, newest first
        self._read_cases({*owners.values(), *joined, *(send.lane for send in self._sends)})
        self._owners = {name: self._by_id[case_id] for name, case_id in owners.items() if case_id in self._by_id}
        self._links = {(link.post_id, self._by_id[link.case_id]): link for link in links if link.case_id in self._by_id}

    # What there is

    def joined(self, post: Post) -> Entry | None:
        """Return the case that a post is in, other than as context."""
        found = (entry for (post_id, entry), link in self._links.items() if post_id == post.pk and not link.is_context)
        return next(found, None)

    def referred(self, post: Post) -> Entry | None:
        """Return the case of the nearest post that this one answers, whoever's it is."""
        found = next((self._owners[name] for name in post.references if name in self._owners), None)
        return found or self._case_of_send(post)

    def own_send(self, post: Post) -> tuple[bool, Entry | None]:
        """Return whether a post is one that we sent from here, and its case."""
        send = next((send for send in self._sends if send.external_id == post.external_id), None)
        return send is not None, self._by_id.get(send.lane) if send else None

    def open_case(self, post: Post) -> Entry | None:
        """Return the author's newest case in the post's thread that is not closed."""
        return self._open_cases.get((post.author_id, post.thread_external_id))

    def around(self, post: Post) -> list[Entry]:
        """Return the cases of the post's thread that do not show it yet, newest first."""
        entries = self._threads.get(post.thread_external_id, ())
        return [entry for entry in entries if (post.pk, entry) not in self._links][:CONTEXT_LIMIT]

    # What changes

    def open(self, case: Case, post: Post) -> Entry:
        """Add a new case that a post opens; it gets its number and id when the book is written."""
        entry = Entry(case, opened_with=post)
        self._file(entry)
        return entry

    def link(self, entry: Entry, post: Post, *, is_context: bool = False) -> None:
        """Show a post in a case, as its own or as context."""
        known = self._links.get((post.pk, entry))
        if known is None:
            link = CasePost(post=post, is_context=is_context, version=entry.case.version)
            self._links[post.pk, entry] = link
            (self._changes.context if is_context else self._changes.links).append((entry, link))
        elif known.is_context:
            known.is_context, known.version = False, entry.case.version
            self._changes.turned.append(known)
        if not is_context:
            self._owners[post.external_id] = entry
        entry.is_told = True

    def happened(self, name: str, entry: Entry, *, at: datetime, by: User | None = None, **data: Any) -> None:
        """Note an event."""
        self._changes.events.append((entry, Happened(name, at, case_id=0, data=data, by=by)))

    def warn(self, post: Post, referred: Entry) -> None:
        """Note that a post claims to answer another's case."""
        self._changes.warnings.append((post, referred))

    def write(self) -> None:
        """Write everything, and tell open screens."""
        write(self._changes, entries=self._entries, posts=self._posts)

    # Reading

    def _lock(self) -> None:
        """Take turns with other workers on the same customers and the same threads."""
        names = {f"thread:{self._channel_id}:{post.thread_external_id}" for post in self._posts}
        names |= {f"author:{self._channel_id}:{post.author_id}" for post in self._posts}
        keys = sorted(lock_key("threading", name) for name in names)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])

    def _read_sends(self) -> list[_Send]:
        """An answer can be faster than the news that our reply went out: our sends are known by their key."""
        keys = {key for post in self._posts for key in _keys(post)}
        names = {name for post in self._posts for name in post.references}
        names |= {post.external_id for post in self._posts if post.direction == Direction.OUT}
        if not keys and not names - {""}:
            return []
        sends = Outgoing.objects.filter(Q(key__in=keys) | Q(external_id__in=names - {""}), channel=self._channel_id)
        found = sends.order_by("pk").values_list("key", "external_id", "lane")
        return [_Send(str(key), external_id, lane) for key, external_id, lane in found]

    def _read_cases(self, case_ids: set[int]) -> None:
        """Read the cases that may change, locked, and those of the same threads."""
        threads = {post.thread_external_id for post in self._posts}
        theirs = Q(
            channel=self._channel_id,
            identity__in={post.author_id for post in self._posts if post.author_id},
            thread_external_id__in=threads,
        ) & ~Q(state=CaseState.CLOSED)
        chosen = Case.objects.filter(theirs | Q(pk__in=case_ids)) if case_ids else Case.objects.filter(theirs)
        for case in chosen.select_for_update(no_key=True, of=("self",)).order_by("pk"):
            self._file(Entry(case))
        public = {post.thread_external_id for post in self._posts if post.is_public}
        if public:
            for case in Case.objects.raw(_AROUND, [list(public), self._channel_id, CONTEXT_LIMIT + len(self._posts)]):
                if case.pk not in self._by_id:
                    self._file(Entry(case), is_newest=False)

    def _file(self, entry: Entry, *, is_newest: bool = True) -> None:
        case = entry.case
        self._entries.append(entry)
        if case.pk is not None:
            self._by_id[case.pk] = entry
        if case.state == CaseState.CLOSED:
            return
        if is_newest:
            self._open_cases[case.identity_id, case.thread_external_id] = entry
        in_thread = self._threads.setdefault(case.thread_external_id, [])
        in_thread.insert(0 if is_newest else len(in_thread), entry)

    def _case_of_send(self, post: Post) -> Entry | None:
        keys = set(_keys(post))
        send = next((send for send in self._sends if send.key in keys), None)
        if send is None:
            send = next((send for send in self._sends if send.external_id in post.references), None)
        return self._by_id.get(send.lane) if send else None


def _keys(post: Post) -> list[str]:
    return [match[0] for reference in post.references if (match := _UUID.search(reference))]
