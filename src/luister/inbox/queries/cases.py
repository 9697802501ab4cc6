"""Lists of cases, their counts, and finding one."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from luister.accounts.models import Membership
from luister.delivery.enums import SendState
from luister.inbox.access import visible_cases
from luister.inbox.enums import CaseState
from luister.inbox.models import Case, CaseLabel, Draft, Presence, Reply, Seen
from luister.inbox.queries.search import Key, Search, behind, newest
from luister.people.models import Contact
from luister.query import QueryError, parse

PAGE = 50
MOST_COUNTED = 100  # cases of a saved view
COUNT_SECONDS = 0.5
_NUMBER = re.compile(r"#?([0-9]{1,9})")
PRESENCE_SECONDS = 25


class View(StrEnum):
    """The views of the work queue."""

    INBOX = "inbox"  # open, whoever's
    MINE = "mine"
    UNASSIGNED = "unassigned"
    WAITING = "waiting"
    COMPLETED = "completed"
    CLOSED = "closed"
    ALL = "all"
    APPROVE = "approve"  # a reply that waits for a colleague's approval
    TROUBLE = "trouble"  # a reply that did not arrive, or nobody knows


BY_REPLY = (View.APPROVE, View.TROUBLE)  # views that look at replies rather than at cases
_OF_STATE = {
    CaseState.OPEN: View.INBOX,
    CaseState.WAITING: View.WAITING,
    CaseState.COMPLETED: View.COMPLETED,
    CaseState.CLOSED: View.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a view."""

    text: str = ""
    label_id: int | None = None
    channel_id: int | None = None
    team_id: int | None = None
    origin: str = ""
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, newest activity first.

    `is_partial` says that time ran out before everything was looked at.
    """

    cases: Sequence[Case]
    next_cursor: str = ""  # "" on the last page
    is_partial: bool = False
    mistake: QueryError | None = None  # what was searched for is no query, and nothing ran


def cases_in(
    view: View, *, member: Membership, filters: Filters, now: datetime, cursor: str = "", limit: int = PAGE
) -> Page:
    """Return a page of cases with what a row shows, in the same number of queries whatever its length.

    Each case carries `seen_version` (unread while below `version`), `has_draft`, `in_trouble`, `labels_shown` and
    `people_here` (others). A number that is searched for shows the case with that number first, in whatever view.

    Raises:
        QueryError: the text is no query.
    """
    found = _narrowed(_in_view(visible_cases(member), view, member), filters)
    if not filters.text:
        return _page(found, member=member, now=now, after=_key(cursor), limit=limit)
    search = Search(parse(filters.text), member=member, now=now)
    after = _key(cursor)
    if search.is_exact:
        return _page(found.filter(search.condition()), member=member, now=now, after=after, limit=limit)
    hits = search.page(found, after=after, limit=limit)
    rows = {case.pk: case for case in _with_row(Case.objects.filter(pk__in=hits.ids), member, now)}
    cases = [concealed(rows[pk], member=member) for pk in hits.ids if pk in rows]
    number = number_in(filters.text)
    if number is not None:
        numbered = None if after else case_by_number(number, member=member, now=now)
        cases = [*([numbered] if numbered else []), *(case for case in cases if case.number != number)]
    return Page(cases, _cursor(hits.following), hits.is_partial)


def _page(found: QuerySet[Case], *, member: Membership, now: datetime, after: Key | None, limit: int) -> Page:
    rows = list(_with_row(newest(behind(found, after)), member, now)[: limit + 1])
    cases = [concealed(case, member=member) for case in rows[:limit]]
    return Page(cases, _cursor(Key(cases[-1].last_post_at, cases[-1].pk)) if len(rows) > limit else "")


def number_in(text: str) -> int | None:
    """Return the number of a case that somebody searches for, with or without `#`."""
    found = _NUMBER.fullmatch(text.strip())
    return int(found[1]) if found else None


def counts(*, member: Membership) -> dict[View, int]:
    """Return how many cases each view holds."""
    cases = visible_cases(member)
    found: Counter[View] = Counter()
    for state, assignee_id, count in cases.values_list("state", "assignee_id").annotate(Count("id")):
        found[View.ALL] += count
        found[_OF_STATE[CaseState(state)]] += count
        if state == CaseState.OPEN and assignee_id is None:
            found[View.UNASSIGNED] += count
        if state == CaseState.OPEN and assignee_id == member.user_id:
            found[View.MINE] += count
    by_reply = [
        _in_view(cases, view, member).values(name=Value(view.value)).annotate(found=Count("pk")) for view in BY_REPLY
    ]
    for row in by_reply[0].union(*by_reply[1:], all=True):
        found[View(row["name"])] = row["found"]
    return {view: found[view] for view in View}


def count_of(view: View, text: str, *, member: Membership, now: datetime) -> str:
    """Return how many cases of a view a query finds, as it is shown: at most “100+”, nothing where nobody knows."""
    try:
        search = Search(parse(text), member=member, now=now)
    except QueryError:
        return ""
    cases = _in_view(visible_cases(member), view, member)
    if search.is_exact:
        count = cases.filter(search.condition())[: MOST_COUNTED + 1].count()
    else:
        found = search.page(cases, after=None, limit=MOST_COUNTED, seconds=COUNT_SECONDS)
        if found.is_partial:
            return ""
        count = len(found.ids) + (1 if found.following else 0)
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


def unread_count(*, member: Membership) -> int:
    """Return how many open cases hold something the member has not read; stops counting at 100."""
    cases = (
        visible_cases(member).filter(state=CaseState.OPEN).annotate(seen=_seen(member)).filter(version__gt=F("seen"))
    )
    return cases[:100].count()


def case_by_number(number: int, *, member: Membership, now: datetime) -> Case | None:
    """Return a case with what its header shows; None when it does not exist or is not for this member."""
    case = _with_row(visible_cases(member).filter(number=number), member, now).first()
    return None if case is None else concealed(case, member=member)


def is_concealed(case: Case, *, member: Membership) -> bool:
    """Whether a member may work on a case without knowing what it is about: a private one, handed to a partner."""
    return not case.is_public and not member.may_see_private


def concealed(case: Case, *, member: Membership) -> Case:
    """Take out of a case what a member may not read, before a screen shows it; nothing is written."""
    if not member.may_see_private and case.last_post is not None and not case.last_post.is_public:
        case.last_post = None
    if is_concealed(case, member=member):
        case.subject = ""
        case.contact = Contact(pk=case.contact_id, name=f"#{case.number}", created_at=case.opened_at)
        case.labels_shown = []  # type: ignore[attr-defined] # prefetched with the rows of lists
    return case


def _has_draft(member: Membership) -> Exists:
    return Exists(Draft.objects.filter(case=OuterRef("pk"), user_id=member.user_id))


def _in_trouble() -> Exists:
    failed = Q(outgoing__state__in=(SendState.FAILED, SendState.BOUNCED))
    # An unknown outcome is trouble only once a person is asked: until then the machine is finding out.
    asked = Q(outgoing__state=SendState.UNKNOWN, outgoing__asked_at__isnull=False)
    return Exists(Reply.objects.filter(failed | asked, case=OuterRef("pk")))


def _condition(view: View, member: Membership) -> Q:
    return {
        View.INBOX: Q(state=CaseState.OPEN),
        View.MINE: Q(state=CaseState.OPEN, assignee_id=member.user_id),
        View.UNASSIGNED: Q(state=CaseState.OPEN, assignee__isnull=True),
        View.WAITING: Q(state=CaseState.WAITING),
        View.COMPLETED: Q(state=CaseState.COMPLETED),
        View.CLOSED: Q(state=CaseState.CLOSED),
        View.ALL: Q(),
    }[view]


def _in_view(cases: QuerySet[Case], view: View, member: Membership) -> QuerySet[Case]:
    if view == View.TROUBLE:
        return cases.filter(_in_trouble())
    if view == View.APPROVE:
        return cases.filter(pk__in=_proposed(member).values("case"))
    return cases.filter(_condition(view, member))


def _proposed(member: Membership) -> QuerySet[Reply]:
    proposed = Reply.objects.filter(outgoing__workspace_id=member.workspace_id, outgoing__state=SendState.PROPOSED)
    return proposed if member.may_see_private else proposed.filter(outgoing__is_public=True)


def _narrowed(cases: QuerySet[Case], filters: Filters) -> QuerySet[Case]:
    exact = {
        "channel_id": filters.channel_id,
        "team_id": filters.team_id,
        "origin": filters.origin,
        "contact_id": filters.contact_id,
    }
    cases = cases.filter(**{name: value for name, value in exact.items() if value})
    if filters.label_id:
        cases = cases.filter(Exists(CaseLabel.objects.filter(case=OuterRef("pk"), label_id=filters.label_id)))
    return cases


def _cursor(key: Key | None) -> str:
    return f"{key.last_post_at.isoformat()}_{key.case_id}" if key else ""


def _key(cursor: str) -> Key | None:
    """Return where a page begins; the first one for a cursor that somebody made up."""
    moment, _, case_id = cursor.partition("_")
    try:
        at, last_id = datetime.fromisoformat(moment), int(case_id)
    except ValueError:
        return None
    return Key(at, last_id) if at.tzinfo and 0 <= last_id < 2**63 else None


def _seen(member: Membership) -> Coalesce:
    seen = Seen.objects.filter(case=OuterRef("pk"), user_id=member.user_id).values("version")[:1]
    return Coalesce(Subquery(seen), Value(0), output_field=IntegerField())


def _with_row(cases: QuerySet[Case], member: Membership, now: datetime) -> QuerySet[Case]:
    here = Presence.objects.filter(seen_at__gte=now - timedelta(seconds=PRESENCE_SECONDS)).exclude(
        user_id=member.user_id
    )
    # What many cases have in common is fetched apart: PostgreSQL takes longer to plan a join of nine tables, in more
    # ways than it can try, than to do all of this.
    return (
        cases.select_related("contact", "identity", "last_post", "last_post__author")
        .annotate(seen_version=_seen(member), has_draft=_has_draft(member), in_trouble=_in_trouble())
        .prefetch_related(
            "channel",
            "assignee",
            "team",
            Prefetch(
                "label_rows", CaseLabel.objects.select_related("label").order_by("label__name", "id"), "labels_shown"
            ),
            Prefetch("presence_rows", here.select_related("user").order_by("id"), "people_here"),
        )
    )
