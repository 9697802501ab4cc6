"""What an endpoint is told of an event or a mention: documented in docs/howto/webhooks.md (and -nl.md), and versioned.

Cases are shown as they are when they are told of, posts and replies as far as the endpoint may have them.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.urls import reverse

from luister.accounts.models import Team, User, Workspace
from luister.channels.enums import Publicness
from luister.channels.models import Channel
from luister.delivery.queries import UPLOAD
from luister.events.models import Event
from luister.inbox.enums import CaseState
from luister.inbox.models import Case, CaseLabel, Label, Reply
from luister.listening.models import Mention
from luister.posts.models import Post
from luister.webhooks.enums import TEST, Kind, Source

VERSION: Final = 1  # goes up when a reader of the one before would misread it; new fields do not count
LONGEST_TEXT: Final = 8_000  # characters of a post or reply

_CHANGES: Final = (
    "case.answered", "case.assigned", "case.moved", "case.reopened", "case.snoozed", "case.state_changed",
    "case.undone", "case.urgency_changed", "case.woken",
)  # fmt: skip
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    Kind.CASE_OPENED: ("case.opened",),
    Kind.POST_RECEIVED: ("case.post_received",),
    Kind.CASE_LABELS_CHANGED: ("case.labelled", "case.unlabelled"),
    Kind.REPLY_QUEUED: ("reply.queued",),
    Kind.REPLY_SENT: ("reply.sent",),
    Kind.REPLY_FAILED: ("reply.failed",),
    Kind.REPLY_UNKNOWN: ("reply.unknown",),
    Kind.REPLY_BOUNCED: ("reply.bounced",),
}
_KIND_OF: Final = {name: kind for kind, names in _NAMES.items() for name in names}
_CHANGED: Final = {
    "assignee_id": Kind.CASE_ASSIGNED,
    "team_id": Kind.CASE_MOVED,
    "state": Kind.CASE_STATE_CHANGED,
    "is_urgent": Kind.CASE_URGENCY_CHANGED,
}
_SAID: Final = {"assignee_id": "assignee", "team_id": "team", "state": "state", "is_urgent": "is_urgent"}


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened, as it is told: `private` has what only they may have who may see private posts."""

    source: Source
    source_id: int | None
    kind: str
    workspace_id: int
    at: datetime
    public: str
    private: str


def event_names(kinds: Collection[str]) -> Sequence[str]:
    """Return the names of the events that can tell of these kinds."""
    names = {name for kind in kinds for name in _NAMES.get(kind, _CHANGES if kind.startswith("case.") else ())}
    return sorted(names)


def kinds_of(event: Event) -> Sequence[str]:
    """Return what an event tells: most one thing, a change of several fields several."""
    if event.name in _KIND_OF:
        return [_KIND_OF[event.name]]
    if event.name not in _CHANGES:
        return []
    changed = _changed(event)
    kinds: list[str] = [kind for field, kind in _CHANGED.items() if field in changed]
    if "state" in changed:
        after = event.data["after"]["state"]
        kinds += [Kind.CASE_COMPLETED] if after == CaseState.COMPLETED else []
        kinds += [Kind.CASE_REOPENED] if after == CaseState.OPEN else []
    return kinds


def of_events(events: Sequence[Event], *, wanted: Collection[str]) -> list[Told]:
    """Return what these events tell of the wanted kinds, in a handful of statements whatever their number.

    What came in from files is history, and is told to nobody; nor is what happened to a case that is gone.
    """
    telling = [(event, [kind for kind in kinds_of(event) if kind in wanted]) for event in events]
    rows = _Rows([event for event, kinds in telling if kinds])
    return [
        told for event, kinds in telling if kinds and rows.is_told(event) for told in _of_event(event, kinds, rows=rows)
    ]


def of_mentions(mentions: Sequence[Mention]) -> list[Told]:
    """Return what these mentions tell; they bring their posts, monitors and workspaces along."""
    told = []
    for mention in mentions:
        both = (_mention(mention, is_private=is_private) for is_private in (False, True))
        public, private = (
            _json(Kind.MENTION_FOUND, {"mention": data}, workspace=mention.workspace, at=mention.found_at)
            for data in both
        )
        about = (Source.MENTION, mention.pk, Kind.MENTION_FOUND, mention.workspace_id, mention.found_at)
        told.append(Told(*about, public=public, private=private))
    return told


def payload_of_test(workspace: Workspace, *, by: User, at: datetime) -> str:
    """Return what a test event says."""
    return _json(TEST, {"by": _person(by), "says": "This is a test event of Luister."}, workspace=workspace, at=at)


def _of_event(event: Event, kinds: Iterable[str], *, rows: "_Rows") -> Iterable[Told]:
    for kind in kinds:
        public, private = (
            _json(kind, _data(event, kind, rows=rows, is_private=is_private), workspace=event.workspace, at=event.at)
            for is_private in (False, True)
        )
        yield Told(Source.EVENT, event.pk, kind, event.workspace_id, event.at, public=public, private=private)


class _Rows:
    """What a number of events are about, read at once."""

    def __init__(self, events: Sequence[Event]) -> None:
        case_ids = {event.case_id for event in events if event.case_id}
        cases = Case.objects.filter(pk__in=case_ids).select_related("channel", "team", "assignee")
        self.cases = {case.pk: case for case in cases}
        self.labels: dict[int, list[str]] = {}
        for case_id, name in (
            CaseLabel.objects.filter(case__in=case_ids).order_by("label__name").values_list("case_id", "label__name")
        ):
            self.labels.setdefault(case_id, []).append(name)
        posts = Post.objects.filter(pk__in=_named(events, "post")).select_related("author", "channel")
        self.posts = {post.pk: post for post in posts.defer("html", "quoted_text")}
        replies = Reply.objects.filter(pk__in=_named(events, "reply")).select_related("author", "outgoing")
        self.replies = {reply.pk: reply for reply in replies}
        self.label_names = dict(Label.objects.filter(pk__in=_named(events, "label")).values_list("pk", "name"))
        people = {value for event in events for value in _both(event, "assignee_id")}
        self.people = User.objects.in_bulk(people) if people else {}
        teams = {value for event in events for value in _both(event, "team_id")}
        self.teams = Team.objects.in_bulk(teams) if teams else {}

    def is_told(self, event: Event) -> bool:
        """Whether the event is about a case of its own workspace that nobody read from a file just then."""
        case = self.cases.get(event.case_id or 0)
        if case is None or case.workspace_id != event.workspace_id:
            return False
        return event.by_id is not None or case.channel.kind != UPLOAD


def _named(events: Iterable[Event], name: str) -> set[int]:
    return {event.data[name] for event in events if isinstance(event.data.get(name), int)}


def _both(event: Event, field: str) -> set[int]:
    sides = (event.data.get("before") or {}, event.data.get("after") or {})
    return {side[field] for side in sides if isinstance(side, Mapping) and side.get(field) is not None}


def _changed(event: Event) -> Collection[str]:
    before, after = event.data.get("before") or {}, event.data.get("after") or {}
    return {field for field in after if field in before and before[field] != after[field]}


def _data(event: Event, kind: str, *, rows: _Rows, is_private: bool) -> dict[str, Any]:
    case = rows.cases[event.case_id or 0]
    said: dict[str, Any] = {"case": _case(case, event.workspace, rows=rows, is_private=is_private)}
    said["by"] = _person(event.by)
    post, reply = rows.posts.get(event.data.get("post", 0)), rows.replies.get(event.data.get("reply", 0))
    if post is not None and post.workspace_id == event.workspace_id:
        said["post"] = _post(post, is_private=is_private)
    if reply is not None and reply.workspace_id == event.workspace_id:
        said["reply"] = _reply(reply, is_private=is_private)
    if kind == Kind.CASE_LABELS_CHANGED:
        side = "added" if event.name == "case.labelled" else "removed"
        said[side] = rows.label_names.get(event.data.get("label", 0))
    if event.name in _CHANGES:
        said |= {side: _side(event.data[side], _changed(event), rows=rows) for side in ("before", "after")}
    return said


def _side(values: Mapping[str, Any], changed: Collection[str], *, rows: _Rows) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for field, name in _SAID.items():
        if field in changed:
            value = values[field]
            if field == "assignee_id":
                value = _person(rows.people.get(value))
            elif field == "team_id":
                value = _team(rows.teams.get(value))
            shown[name] = value
    return shown


def _case(case: Case, workspace: Workspace, *, rows: _Rows, is_private: bool) -> dict[str, Any]:
    may_have_subject = is_private or case.channel.publicness == Publicness.PUBLIC
    return {
        "id": case.pk,
        "number": case.number,
        "path": reverse("inbox:case", args=[workspace.slug, "all", case.number]),
        "subject": case.subject if may_have_subject else None,
        "state": case.state,
        "origin": case.origin,
        "is_urgent": case.is_urgent,
        "is_public": case.is_public,
        "channel": _channel(case.channel),
        "team": _team(case.team),
        "assignee": _person(case.assignee),
        "labels": rows.labels.get(case.pk, []),
        "opened_at": _moment(case.opened_at),
    }


def _post(post: Post, *, is_private: bool) -> dict[str, Any]:
    about = {
        "id": post.pk,
        "kind": post.kind,
        "is_public": post.is_public,
        "channel": _channel(post.channel),
        "posted_at": _moment(post.posted_at),
        "received_at": _moment(post.received_at),
        "automatic": post.automatic or None,
    }
    if not (post.is_public or is_private):
        return {**about, "is_withheld": True}
    author = post.author
    return {
        **about,
        "is_withheld": False,
        "url": post.url or None,
        "author": {"name": author.name, "handle": author.handle} if author else None,
        "subject": post.subject or None,
        **_text(post.text),
        "language": post.language or None,
        "sentiment": post.sentiment or None,
        "kinds": post.says,
    }


def _reply(reply: Reply, *, is_private: bool) -> dict[str, Any]:
    outgoing = reply.outgoing
    about = {
        "id": reply.pk,
        "is_public": outgoing.is_public,
        "author": _person(reply.author),
        "reason": outgoing.reason_code or None,
        "written_at": _moment(reply.created_at),
    }
    if not (outgoing.is_public or is_private):
        return {**about, "is_withheld": True}
    return {**about, "is_withheld": False, "url": outgoing.url or None, **_text(reply.text)}


def _mention(mention: Mention, *, is_private: bool) -> dict[str, Any]:
    return {
        "id": mention.pk,
        "monitor": {"id": mention.monitor_id, "name": mention.monitor.name},
        "words": mention.words if mention.is_public or is_private else [],
        "post": _post(mention.post, is_private=is_private),
    }


def _text(text: str) -> dict[str, Any]:
    return {"text": text[:LONGEST_TEXT], "text_is_cut": len(text) > LONGEST_TEXT}


def _channel(channel: Channel) -> dict[str, Any]:
    return {"id": channel.pk, "name": channel.name, "network": channel.network}


def _person(user: User | None) -> dict[str, Any] | None:
    return {"id": user.pk, "name": user.name} if user else None


def _team(team: Team | None) -> dict[str, Any] | None:
    return {"id": team.pk, "name": team.name} if team else None


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(kind: str, data: Mapping[str, Any], *, workspace: Workspace, at: datetime) -> str:
    said = {"type": kind, "version": VERSION, "timestamp": _moment(at), "workspace": workspace.slug, "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
