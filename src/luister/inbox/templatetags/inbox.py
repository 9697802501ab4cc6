"""Template tags of the inbox: networks by name and drawing, and what can be read at a glance of a case."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from luister.base.errors import Reason
from luister.delivery import queries as delivery
from luister.inbox.enums import CaseState
from luister.inbox.models import Case
from luister.posts.queries.marked import pieces
from luister.query import Document, Mark, Node, marks

register = template.Library()

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

_ICONS = {
    "email": "mail", "practice": "practice", "web": "globe", "news": "file", "blog": "pen", "review": "star",
    "forum": "users",
}  # fmt: skip
_STATE_ICONS = {
    CaseState.OPEN: "open",
    CaseState.WAITING: "clock",
    CaseState.COMPLETED: "check-circle",
    CaseState.CLOSED: "archive",
}
_STATE_TONES = {CaseState.OPEN: "accent", CaseState.COMPLETED: "ok"}


@register.filter
def network_icon(kind: str) -> str:
    """Return the drawing of a network."""
    return _ICONS.get(kind, "chat")


@register.filter
def network_name(kind: str) -> str:
    """Return what people call a network."""
    names = {
        "email": _("E-mail"), "practice": _("the practice network"), "web": _("Web page"), "news": _("News"),
        "forum": _("Forum"), "blog": _("Blog"), "review": _("Review site"),
    }  # fmt: skip
    return names.get(kind, kind.capitalize())


@register.filter
def account_name(handle: str) -> str:
    """Write our account as the network does: "@luchthaven", but an address as it is."""
    return handle if "@" in handle else f"@{handle}"


@register.filter
def marked(text: str, node: Node | None) -> str:
    """Mark the words of a post's text that a search is about."""
    return _marked(text, marks(node, Document(id="", text=text)) if node else [])


@register.filter
def marked_title(title: str, node: Node | None) -> str:
    """Mark the words of a post's title that a search is about."""
    return _marked(title, marks(node, Document(id="", text="", title=title)) if node else [])


def _marked(text: str, found: list[Mark]) -> str:
    cut = pieces(text, [(mark.start, mark.end) for mark in found], longest=len(text))
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", one.text) if one.is_marked else one.text,) for one in cut)
    )


@register.filter
def sentence(reason: Reason) -> str:
    """Write a reason in the reader's language."""
    return delivery.sentence(reason.code, reason.values)


@register.filter
def names(people: list[dict[str, str]]) -> str:
    """Write the people in To and Cc one after another."""
    return ", ".join(person.get("name") or person.get("external_id", "") for person in people)


@register.filter
def is_picture(file: Any) -> bool:
    """Whether a file is shown as a picture; what pretends to be one by its type alone is not."""
    return file.content_type in PICTURES and not getattr(file, "is_dangerous", False)


@register.filter
def state_icon(case: Case) -> str:
    """Return the drawing of a case's state."""
    return "snooze" if case.snoozed_until else _STATE_ICONS[CaseState(case.state)]


@register.filter
def state_tone(case: Case) -> str:
    """Return the tone of a case's state."""
    return _STATE_TONES.get(CaseState(case.state), "")
