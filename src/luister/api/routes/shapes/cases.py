"""Cases, their timeline, and what is done with them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from luister.api.routes.shapes.base import Flag, Id, In, Moment, Named, Out, text
from luister.api.routes.shapes.posts import File, PostOut, file_out, post_out
from luister.api.routes.shapes.replies import ReplyOut, reply_out
from luister.inbox.enums import CaseState, Origin
from luister.inbox.models import Case, CaseLabel, Note
from luister.inbox.queries.screens import CaseScreen
from luister.inbox.queries.timeline import Entry


class CaseOut(Out):
    """A case. `version` goes into If-Match; `posts_version` goes up with every post in and every reply out."""

    number: int
    subject: str
    state: CaseState
    origin: Origin
    is_urgent: bool
    is_public: bool
    channel_id: int
    contact: Named
    assignee: Named | None
    team: Named | None
    labels: list[Named]
    snoozed_until: datetime | None
    waiting_since: Annotated[datetime | None, Field(description="The oldest post that nobody has answered.")]
    opened_at: datetime
    state_since: datetime
    last_post_at: datetime
    version: str
    posts_version: int


class CaseChange(In):
    """What is to change of a case; what is not named stays. `snoozed_until` has it wait until then."""

    state: CaseState | None = Field(None, description="null changes nothing")
    assignee_id: Id | None = Field(None, description="null assigns it to nobody")
    team_id: Id | None = Field(None, description="null takes it away from its team")
    is_urgent: Flag | None = Field(None, description="null changes nothing")
    origin: Origin | None = Field(None, description="null changes nothing")
    snoozed_until: Moment | None = Field(None, description="null changes nothing")


class LabelIn(In):
    """A label to put on a case; a new word makes a new label."""

    name: Annotated[str, text(60, least=1)]


class NoteIn(In):
    """What colleagues should know; `@name` tells that colleague. It never leaves."""

    text: Annotated[str, text(50_000, least=1)]


class NoteOut(Out):
    """A note of a colleague."""

    id: int
    author: Named | None
    text: str
    created_at: datetime


class Happened(Out):
    """Something that happened to a case; `by` is null where nobody did it but Luister."""

    name: str
    by: Named | None


class EntryOut(Out):
    """One thing on a timeline; exactly one of `post`, `reply`, `note` and `event` is there."""

    at: datetime
    is_context: Annotated[bool, Field(description="Said by others in the thread, and shown around the case's own.")]
    post: PostOut | None
    files: list[File]
    reply: ReplyOut | None
    note: NoteOut | None
    event: Happened | None


class WholeCase(CaseOut):
    """A case with its timeline, oldest first: the latest 500 of each kind of entry."""

    timeline: list[EntryOut]


def named(row: object | None) -> Named | None:
    """Return something with its name."""
    return None if row is None else Named(id=row.pk, name=str(row))  # type: ignore[attr-defined]  # a model's row


def labels_of(case: Case) -> list[CaseLabel]:
    """Return the labels of a case as lists fetched them; none of one that the reader may not read."""
    return list(getattr(case, "labels_shown", ()))


def case_out(case: Case, *, version: str) -> CaseOut:
    """Return a case as it is shown."""
    return CaseOut(**_fields(case, version))


def whole_case(screen: CaseScreen, *, version: str) -> WholeCase:
    """Return a case with what its screen shows of its course."""
    entries = [_entry(entry, screen.case) for entry in screen.entries]
    return WholeCase(**_fields(screen.case, version), timeline=entries)


def note_out(note: Note) -> NoteOut:
    """Return a note as it is shown."""
    return NoteOut(id=note.pk, author=named(note.author), text=note.text, created_at=note.created_at)


def _fields(case: Case, version: str) -> dict[str, Any]:
    return {
        "number": case.number,
        "subject": case.subject,
        "state": CaseState(case.state),
        "origin": Origin(case.origin),
        "is_urgent": case.is_urgent,
        "is_public": case.is_public,
        "channel_id": case.channel_id,
        "contact": Named(id=case.contact_id, name=case.contact.name),
        "assignee": named(case.assignee),
        "team": named(case.team),
        "labels": [Named(id=row.label_id, name=row.label.name) for row in labels_of(case)],
        "snoozed_until": case.snoozed_until,
        "waiting_since": case.waiting_since,
        "opened_at": case.opened_at,
        "state_since": case.state_since,
        "last_post_at": case.last_post_at,
        "version": version,
        "posts_version": case.version,
    }


def _entry(entry: Entry, case: Case) -> EntryOut:
    post = entry.post
    if post is not None:
        post.channel = case.channel  # every post of a case is on its channel
    number = None if entry.is_context else case.number
    return EntryOut(
        at=entry.at,
        is_context=entry.is_context,
        post=post_out(post, case_number=number, shown=entry.understood) if post is not None else None,
        files=[file_out(file) for file in entry.attachments],
        reply=reply_out(entry.reply, case_number=case.number) if entry.reply is not None else None,
        note=note_out(entry.note) if entry.note is not None else None,
        event=Happened(name=entry.event.name, by=named(entry.event.by)) if entry.event is not None else None,
    )
