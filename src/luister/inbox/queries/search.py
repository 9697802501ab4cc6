"""Searching cases with the query language: SQL leaves out what cannot be meant, the matcher decides on the rest.

A term is true of a case when one of its own posts makes it true, so each becomes a condition of its own; what stands
around a case as context is not searched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from luister.accounts.models import Membership
from luister.channels.models import Channel
from luister.inbox.models import Case, CaseLabel, CasePost
from luister.inbox.queries.fields import NEVER, CaseFields, is_of_case
from luister.inbox.queries.limits import TooBroadError, ends_in, left_ms, limited
from luister.posts.access import visible_posts
from luister.posts.index import lexemes
from luister.posts.index.documents import document, media_of, topics_of
from luister.posts.queries.archive import UNREAD
from luister.posts.queries.conditions import ALL, NONE, Condition, Cost, cost_of, filter_sql, seek_sql, seekable
from luister.posts.queries.narrowing import Account, Surroundings, narrow
from luister.query import Moment, Prepared, matches_case, prepare
from luister.query.normalize import normalize
from luister.query.prepared import normalize_name
from luister.query.tree import And, Author, Is, Node, Not, Or, leaves

SECONDS = 3.0
FIRST_STEP = 1_000  # cases of the first walk through the list
STEP_GROWTH = 4
LONGEST_STEP = 20_000
MOST_CHECKED_AT_ONCE = 200


class Key(NamedTuple):
    """Where a case stands in a list, newest activity first."""

    last_post_at: datetime
    case_id: int


@dataclass(frozen=True, slots=True)
class Found:
    """Cases that a query finds, newest activity first.

    `following` is where the next page begins, None on the last one; `is_partial` that time ran out.
    """

    ids: Sequence[int]
    following: Key | None
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class _NoLabels:
    """Labels are the case's own here, so no post is asked for them."""

    def posts_labelled(self, name: str) -> None:
        """Return none."""


class Search:
    """One query of one member."""

    def __init__(self, node: Node, *, member: Membership, now: datetime) -> None:
        self.node = node
        self.member = member
        self.moment = Moment(now, ZoneInfo(member.workspace.time_zone))
        self._fields = CaseFields(member)
        every = leaves(node)
        self.is_exact = all(is_of_case(leaf) for leaf in every)  # SQL alone can tell
        named = {leaf.field for leaf in every if isinstance(leaf, Is)}
        self._needs_labels, self._needs_topics = "label" in named, "topic" in named
        names_channels = any(
            isinstance(leaf, Author) or (isinstance(leaf, Is) and leaf.field == "network") for leaf in every
        )
        accounts = _accounts(member) if names_channels else []
        self._around = Surroundings(member.workspace_id, accounts, _NoLabels(), self.moment)

    def condition(self) -> Q:
        """Return what is true of all cases that are found, and of few others."""
        return self._narrowed(self.node, over=True)

    def page(self, cases: QuerySet[Case], *, after: Key | None, limit: int, seconds: float | None = None) -> Found:
        """Return the cases among these that are found, a page of them."""
        ends = ends_in(SECONDS if seconds is None else seconds)
        hits: list[Key] = []
        try:
            with limited(ends):
                for keys in self._candidates(cases, after, ends):
                    hits += self._decide(keys.keys)
                    if len(hits) > limit:
                        return Found([key.case_id for key in hits[:limit]], hits[limit - 1])
                    after = keys.examined_to
                    left_ms(ends)
        except TooBroadError:
            return Found([key.case_id for key in hits], after or None, is_partial=True)
        return Found([key.case_id for key in hits], None)

    def _candidates(self, cases: QuerySet[Case], after: Key | None, ends: float) -> Iterator["_Stretch"]:
        """Yield all cases that may be found: first by going down the list, then, where few are, by index."""
        over = self.condition()
        seek = self._seek(self.node)
        size = FIRST_STEP
        while True:
            waiting = newest(behind(cases, after))
            looked_at = waiting[:size]
            found = _keys(newest(Case.objects.filter(pk__in=looked_at.values("pk")).filter(over)))
            last = _keys(waiting[size - 1 : size])
            yield from _chunked(found, last[0] if last else None)
            if not last:
                return
            after = last[0]
            if seek is not None and len(found) < size // 10:
                found = _keys(newest(behind(cases, after).filter(seek).filter(over)))
                yield from _chunked(found, None)
                return
            size = min(size * STEP_GROWTH, LONGEST_STEP)
            left_ms(ends)

    def _decide(self, keys: Sequence[Key]) -> list[Key]:
        """Return those cases that the query finds, in the same order."""
        ids = [key.case_id for key in keys]
        cases = Case.objects.in_bulk(ids)
        posts = self.posts_of(ids)
        labels: dict[int, list[int]] = {}
        if self._needs_labels:
            for case_id, label_id in CaseLabel.objects.filter(case_id__in=ids).values_list("case_id", "label_id"):
                labels.setdefault(case_id, []).append(label_id)
        return [key for key in keys if key.case_id in cases and self._is_found(cases[key.case_id], posts, labels)]

    def _is_found(self, case: Case, posts: dict[int, list[Prepared]], labels: dict[int, list[int]]) -> bool:
        own = labels.get(case.pk, ())
        return matches_case(
            self.node,
            posts.get(case.pk, []),
            moment=self.moment,
            is_case=lambda leaf: self._fields.holds(leaf, case, label_ids=own),
        )

    def posts_of(self, case_ids: Sequence[int]) -> dict[int, list[Prepared]]:
        """Return what the member may read of cases, ready for the matcher, by case."""
        links = CasePost.objects.filter(visible_posts(self.member, prefix="post__"), case_id__in=case_ids)
        links = links.filter(is_context=False).select_related("post__author", "post__channel")
        rows = list(links.defer(*(f"post__{name}" for name in UNREAD)))
        media = media_of(row.post for row in rows)
        topics = topics_of({row.post_id for row in rows}) if self._needs_topics else {}
        found: dict[int, list[Prepared]] = {}
        for row in rows:
            seen = document(row.post, media=media.get(row.post_id, 0), topics=topics.get(row.post_id, ()))
            found.setdefault(row.case_id, []).append(prepare(seen))
        return found

    def _narrowed(self, node: Node, *, over: bool) -> Q:
        """Return what is true of at least the cases that a part finds, or else of at most those."""
        if is_of_posts(node):
            return self._of_posts(node) if over else NEVER
        if isinstance(node, And | Or):
            found = [self._narrowed(part, over=over) for part in _merged(node)]
            whole = found[0]
            for part in found[1:]:
                whole = whole & part if isinstance(node, And) else whole | part
            return whole
        if isinstance(node, Not):
            return ~self._narrowed(node.part, over=not over)
        return self._fields.condition(node)  # type: ignore[arg-type]  # CaseIs or Is

    def _of_posts(self, leaf: Node) -> Q:
        """Return what is true of cases with a post that a leaf may find, tested case by case."""
        condition = narrow(leaf, self._around)
        if condition == NONE:
            return NEVER
        test, parameters = filter_sql(condition)
        public = "" if self.member.may_see_private else " AND is_public"
        sql = (
            "(EXISTS (SELECT 1 FROM"  # noqa: S608 - our own words, values apart
            " (SELECT case_id AS own_case, post_id AS own_post FROM inbox_case_post WHERE NOT is_context) AS own"
            " JOIN posts_search ON posts_search.post_id = own_post"
            f' WHERE own_case = "inbox_case"."id" AND {test}{public})) IS TRUE'
        )
        return Q(RawSQL(sql, parameters, output_field=BooleanField()))  # noqa: S611 - our own words, values apart

    def _seek(self, node: Node) -> Q | None:
        """Return what indexes know of the cases that are found; None where they cannot help."""
        if isinstance(node, And | Or) and not is_of_posts(node):
            parts = [(self._seek(part), self._cost(part)) for part in _merged(node)]
            known = [(part, cost) for part, cost in parts if part is not None]
            if not known or (isinstance(node, Or) and len(known) < len(parts)):
                return None
            if isinstance(node, And):
                return min(known, key=lambda part: part[1])[0]
            whole = known[0][0]
            for part, _cost in known[1:]:
                whole |= part
            return whole
        if isinstance(node, Not) or is_of_case(node):
            return None
        condition = seekable(narrow(node, self._around))
        return None if condition == ALL else self._by_index(condition)

    def _cost(self, node: Node) -> Cost:
        if isinstance(node, And | Or) and not is_of_posts(node):
            costs = [self._cost(part) for part in node.parts]
            return min(costs) if isinstance(node, And) else max(costs)
        if isinstance(node, Not) or is_of_case(node):
            return Cost.MOST
        return cost_of(seekable(narrow(node, self._around)))

    def _by_index(self, condition: Condition) -> Q:
        found_by, parameters = seek_sql(condition, workspace=lexemes.workspace(self.member.workspace_id))
        # As an array it is looked up once, and the cases then by their ids.
        sql = (
            '"inbox_case"."id" = ANY(ARRAY('  # noqa: S608 - our own words, values apart
            "SELECT case_id FROM inbox_case_post WHERE NOT is_context AND post_id IN"
            f" (SELECT post_id FROM posts_search WHERE {found_by})))"
        )
        return Q(RawSQL(sql, parameters, output_field=BooleanField()))  # noqa: S611


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Cases that may be found, and how far the list has been looked at with them."""

    keys: Sequence[Key]
    examined_to: Key | None = field(default=None)


def is_of_posts(node: Node) -> bool:
    """Whether one post alone tells: a leaf that is tested on posts, or such leaves of which one has to be true."""
    if isinstance(node, Or):
        return all(not isinstance(part, And | Or | Not) and not is_of_case(part) for part in node.parts)
    return not isinstance(node, And | Not) and not is_of_case(node)


def _merged(node: And | Or) -> Sequence[Node]:
    """Return the parts, those of an OR that posts tell as one: a thousand words are then asked for at once."""
    told = [part for part in node.parts if not isinstance(part, Or) and is_of_posts(part)]
    if isinstance(node, And) or len(told) < 2:
        return node.parts
    rest = [part for part in node.parts if isinstance(part, Or) or not is_of_posts(part)]
    return [Or(tuple(told)), *rest]


def _chunked(keys: Sequence[Key], examined_to: Key | None) -> Iterator[_Stretch]:
    for start in range(0, len(keys), MOST_CHECKED_AT_ONCE):
        chunk = keys[start : start + MOST_CHECKED_AT_ONCE]
        yield _Stretch(chunk, chunk[-1])
    if examined_to is not None:
        yield _Stretch([], examined_to)


def _keys(cases: QuerySet[Case]) -> list[Key]:
    return [Key(*row) for row in cases.values_list("last_post_at", "pk")]


def newest(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return cases in the order of lists: newest activity first."""
    return cases.order_by("-last_post_at", "-id")


def behind(cases: QuerySet[Case], after: Key | None) -> QuerySet[Case]:
    """Return the cases of a list that come after one."""
    if after is None:
        return cases
    at, case_id = after
    return cases.filter(Q(last_post_at__lt=at) | Q(last_post_at=at, pk__lt=case_id))


def _accounts(member: Membership) -> list[Account]:
    channels = Channel.objects.filter(workspace_id=member.workspace_id).values_list("pk", "network", "handle", "name")
    return [
        Account(pk, normalize_name(network), normalize(handle.strip()).removeprefix("@"), normalize_name(name))
        for pk, network, handle, name in channels
    ]
