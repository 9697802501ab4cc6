"""The rows of a list of cases: what each shows, and its HTML, which is the same wherever the same is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from luister.accounts.models import Membership
from luister.inbox.enums import CaseState
from luister.inbox.models import Case
from luister.ui import times

LONGEST = 220  # characters of a post
LONGEST_SUBJECT = 90
KEPT = 2_000  # rows, about 3 kB each: what twenty agents look at


@dataclass(frozen=True, slots=True)
class Time:
    """What stands at the end of a row's head."""

    kind: str  # snoozed, waiting or last
    at: str  # ISO 8601
    full: str
    short: str
    level: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """All that the HTML of a row depends on, but for the language."""

    number: int
    address: str
    contact: str
    channel_name: str
    channel_kind: str
    is_unread: bool
    is_open: bool  # its case stands beside the list
    people_here: tuple[tuple[str, str], ...]  # activity and name
    assignee: str
    time: Time
    is_hidden: bool  # the post is private, and not for this reader
    is_ours: bool
    subject: str  # of the post
    text: str
    in_trouble: bool
    is_urgent: bool
    has_draft: bool
    is_proactive: bool
    labels: tuple[str, ...]


def rows(
    cases: Sequence[Case], *, member: Membership, view: str, query: str, now: datetime, open_case: int | None
) -> list[SafeString]:
    """Return the rows of cases that came from a list."""
    language = get_language()
    return [
        _drawn(_row(case, member, _address(case, member, view) + query, now, open_case), language) for case in cases
    ]


@lru_cache(maxsize=KEPT)
def _drawn(row: Row, language: str | None) -> SafeString:
    """Draw a row in the active language, which has to be the one that is named."""
    return render_to_string("inbox/row.html", {"row": row})


def _address(case: Case, member: Membership, view: str) -> str:
    return reverse("inbox:case", args=[member.workspace.slug, view, case.number])


def _row(case: Case, member: Membership, address: str, now: datetime, open_case: int | None) -> Row:
    post = case.last_post
    is_hidden = post is not None and not post.is_public and not member.may_see_private
    shown = None if is_hidden else post
    return Row(
        number=case.number,
        address=address,
        contact=case.contact.name,
        channel_name=case.channel.name,
        channel_kind=case.channel.kind,
        is_unread=case.version > case.seen_version,  # type: ignore[attr-defined]  # cases of lists carry these
        is_open=case.pk == open_case,
        people_here=tuple((here.activity, here.user.name) for here in case.people_here),  # type: ignore[attr-defined]
        assignee=case.assignee.name if case.assignee else "",
        time=_time(case, now),
        is_hidden=is_hidden,
        is_ours=shown is not None and shown.direction == "out",
        subject=_beginning(shown.subject, LONGEST_SUBJECT) if shown else "",
        text=_beginning(shown.text, LONGEST) if shown else case.subject,
        in_trouble=case.in_trouble,  # type: ignore[attr-defined]
        is_urgent=case.is_urgent,
        has_draft=case.has_draft,  # type: ignore[attr-defined]
        is_proactive=case.origin == "proactive",
        labels=tuple(row.label.name for row in case.labels_shown),  # type: ignore[attr-defined]
    )


def _time(case: Case, now: datetime) -> Time:
    if case.snoozed_until:
        at = case.snoozed_until
        return Time("snoozed", at.isoformat(), times.full_moment(at), times.short_moment(at, now=now))
    if case.waiting_since and case.state == CaseState.OPEN:
        at, wait = case.waiting_since, now - case.waiting_since
        return Time("waiting", at.isoformat(), times.full_moment(at), times.short_wait(wait), times.wait_level(wait))
    at = case.last_post_at
    return Time("last", at.isoformat(), times.full_moment(at), times.short_moment(at, now=now))


def _beginning(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
