"""Whole screens in one call each: the desk with its list, and a case with all that surrounds it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from luister.accounts.access import memberships_of
from luister.accounts.models import Membership, Team, User, Workspace
from luister.base.connector import Limits
from luister.base.errors import ConnectorError
from luister.channels.models import Channel
from luister.delivery import queries as delivery_queries
from luister.delivery.enums import SendState
from luister.delivery.models import OutgoingFile
from luister.inbox.enums import CaseState, Mode
from luister.inbox.models import Case, Draft, DraftFile, Handover, Label, Notification, SavedView
from luister.inbox.queries import around
from luister.inbox.queries.cases import (
    PAGE,
    Filters,
    Page,
    View,
    case_by_number,
    cases_in,
    counts,
    is_concealed,
    unread_count,
)
from luister.inbox.queries.people import contacts_of
from luister.inbox.queries.saved import saved_views
from luister.inbox.queries.timeline import Entry, timeline
from luister.people.models import Identity
from luister.posts.enums import Direction
from luister.posts.models import Post
from luister.query import Node, QueryError, parse

LONGEST = 200  # rows at once, for a list that was paged through and is refreshed


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page of the inbox."""

    counts: Mapping[View, int]
    unread: int
    notices: int
    workspaces: Sequence[Workspace] = ()
    saved: Sequence[SavedView] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """The names behind the ids that events carry."""

    users: Mapping[int, str] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)
    labels: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a reply would appear; `parent` is the post it answers."""

    is_public: bool
    parent: Post
    limits: Limits


@dataclass(frozen=True, slots=True)
class CaseScreen:
    """A case with what its pane shows. `targets` is empty where nothing can be answered."""

    case: Case
    entries: Sequence[Entry]
    names: Names
    identities: Sequence[Identity]
    others: Sequence[Case]
    partners: Sequence[Handover]  # to whom it was handed
    drafts: Mapping[Mode, Draft]
    draft_files: Sequence[DraftFile]
    sent_files: Mapping[int, Sequence[OutgoingFile]]  # of each outgoing post
    targets: Sequence[Target]
    heading: str  # the subject where its posts have one, else who it is about
    is_held_up: bool  # a reply whose outcome is unknown keeps later ones waiting


def frame(*, member: Membership, is_whole: bool = True) -> Frame:
    """Return the counts of the views and what else the sidebar shows; not whole: the figures alone."""
    unread = Notification.objects.filter(user_id=member.user_id, workspace_id=member.workspace_id, read_at__isnull=True)
    return Frame(
        counts=counts(member=member),
        unread=unread_count(member=member),
        notices=unread.count(),
        workspaces=[other.workspace for other in memberships_of(member.user)] if is_whole else (),
        saved=saved_views(member=member) if is_whole else (),
    )


def cases_or_mistake(
    view: View, *, member: Membership, filters: Filters, now: datetime, cursor: str = "", rows: int = PAGE
) -> Page:
    """Return a page of the list, of so many rows; an empty one that says what is wrong with what is searched for."""
    limit = max(PAGE, min(rows, LONGEST))
    try:
        return cases_in(view, member=member, filters=filters, now=now, cursor=cursor, limit=limit)
    except QueryError as error:
        return Page([], mistake=error)


def node_of(text: str) -> Node | None:
    """Return what a search says, for marking its words; None for none, and for what is no query."""
    try:
        return parse(text) if text else None
    except QueryError:
        return None


def found_by(text: str, *, member: Membership, now: datetime, limit: int) -> Sequence[Case]:
    """Return cases that a query finds, wherever they are; none for what is no query (yet)."""
    try:
        return cases_in(View.ALL, member=member, filters=Filters(text=text), now=now, limit=limit).cases
    except QueryError:
        return []


def filter_names(filters: Filters, *, member: Membership) -> dict[str, str]:
    """Return the names of what narrows a list, by the field in its address; what does not exist is left out."""
    found = {
        "label": Label.objects.filter(pk=filters.label_id) if filters.label_id else None,
        "channel": Channel.objects.filter(pk=filters.channel_id) if filters.channel_id else None,
        "team": Team.objects.filter(pk=filters.team_id) if filters.team_id else None,
        "contact": contacts_of(member).filter(pk=filters.contact_id) if filters.contact_id else None,
    }
    named = {
        name: rows.filter(workspace_id=member.workspace_id).values_list("name", flat=True).first()
        for name, rows in found.items()
        if rows is not None
    }
    return {name: text for name, text in named.items() if text}


def case_screen(number: int, *, member: Membership, now: datetime) -> CaseScreen | None:
    """Return a case with what surrounds it; None when it does not exist or is not for this member."""
    case = case_by_number(number, member=member, now=now)
    if case is None:
        return None
    hidden = is_concealed(case, member=member)
    entries = [entry for entry in timeline(case, member=member) if not (hidden and entry.note)]
    targets = _targets(case, entries)
    return CaseScreen(
        case=case,
        entries=entries,
        names=Names() if hidden else _names(entries),
        identities=[] if hidden else around.identities(case),
        others=[] if hidden else around.other_cases(case, member=member),
        partners=[] if hidden else around.partners_of(case),
        drafts=around.drafts(case, member=member),
        draft_files=around.draft_files(case, member=member) if any(to.limits.max_files for to in targets) else [],
        sent_files=_sent_files(entries),
        targets=targets,
        heading=_heading(case, entries),
        is_held_up=any(entry.reply and entry.reply.outgoing.state == SendState.UNKNOWN for entry in entries),
    )


def _targets(case: Case, entries: Sequence[Entry]) -> list[Target]:
    """Return where one may answer, the place of the customer's latest post first."""
    if case.state == CaseState.CLOSED:
        return []
    theirs = [entry.post for entry in entries if entry.post is not None and _is_theirs(entry)]
    if not theirs:
        return []
    places = {post.is_public: post for post in theirs}  # the latest of each
    if theirs[-1].is_public and False not in places and case.channel.publicness == "both":
        places[False] = theirs[-1]
    order = sorted(places, key=lambda is_public: is_public != theirs[-1].is_public)
    found = [Target(is_public, places[is_public], limits_of(case.channel, is_public=is_public)) for is_public in order]
    return [target for target in found if target.limits.can_send]


def limits_of(channel: Channel, *, is_public: bool) -> Limits:
    """Return what a reply may hold; a connector that this version lacks sets no limit: sending will say so."""
    try:
        return delivery_queries.limits(channel, is_public=is_public)
    except ConnectorError:
        return Limits()


def _sent_files(entries: Sequence[Entry]) -> Mapping[int, Sequence[OutgoingFile]]:
    outgoing = [entry.reply.outgoing_id for entry in entries if entry.reply is not None]
    found: dict[int, list[OutgoingFile]] = {}
    for file in OutgoingFile.objects.filter(outgoing__in=outgoing).order_by("id") if outgoing else ():
        found.setdefault(file.outgoing_id, []).append(file)
    return found


def _heading(case: Case, entries: Sequence[Entry]) -> str:
    subjects = (entry.post.subject for entry in entries if entry.post is not None and not entry.is_context)
    return next((subject for subject in subjects if subject), case.contact.name)


def _is_theirs(entry: Entry) -> bool:
    post = entry.post
    return post is not None and not entry.is_context and post.direction == Direction.IN and not post.automatic


def _names(entries: Sequence[Entry]) -> Names:
    users, teams, labels = set[int](), set[int](), set[int]()
    for entry in entries:
        if entry.event is None:
            continue
        data = entry.event.data
        changes = [data.get("before", {}), data.get("after", {})]
        users |= _ids([data.get("to"), data.get("from"), *(change.get("assignee_id") for change in changes)])
        teams |= _ids(change.get("team_id") for change in changes)
        labels |= _ids([data.get("label")])
    return Names(
        users={user.pk: str(user) for user in User.objects.filter(pk__in=users)} if users else {},
        teams=dict(Team.objects.filter(pk__in=teams).values_list("pk", "name")) if teams else {},
        labels=dict(Label.objects.filter(pk__in=labels).values_list("pk", "name")) if labels else {},
    )


def _ids(values: Iterable[object]) -> set[int]:
    return {value for value in values if isinstance(value, int)}
