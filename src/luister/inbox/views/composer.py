"""What the composer shows: where a text would appear, the draft, the signature, the room that is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from luister.accounts.access import WorkspaceRequest
from luister.accounts.enums import Permission
from luister.delivery import queries as delivery_queries
from luister.inbox.enums import Mode
from luister.inbox.queries.screens import CaseScreen, Target
from luister.inbox.templatetags.inbox import account_name, network_name


@dataclass(frozen=True, slots=True)
class Tab:
    """One way of writing: a public reply, a private one, or a note; `name` stands in the address."""

    name: str
    text: str
    icon: str
    is_current: bool
    shortcut: str = ""


def composer_context(
    request: WorkspaceRequest, screen: CaseScreen, *, asked: str, client_id: UUID, text: str | None = None
) -> dict[str, Any]:
    """Return what the composer shows; `asked` is public, private, note or "" for what was begun or fits best.

    `text` stands in for the draft: what was just written and could not be sent.
    """
    if not request.member.may(Permission.WORK_CASES):
        return {"can_write": False}
    name, target = _choose(screen, asked)
    mode = Mode.REPLY if target else Mode.NOTE
    draft = screen.drafts.get(mode)
    written = text if text is not None else (draft.text if draft else "")
    context = {
        "can_write": True,
        "mode": mode,
        "tabs": _tabs(screen, name),
        "target": target,
        "client_id": client_id,
        "text": written,
        "draft": draft,
        "draft_files": screen.draft_files if target else (),
    }
    return context | (_reply_words(request, screen, target, written) if target else {})


def _choose(screen: CaseScreen, asked: str) -> tuple[str, Target | None]:
    """Return the tab to show. A note that was begun does not come up by itself before a reply."""
    targets: Mapping[str, Target] = {_place(target): target for target in screen.targets}
    if asked in targets:
        return asked, targets[asked]
    if asked == "note" or not targets:
        return "note", None
    draft = screen.drafts.get(Mode.REPLY)
    begun = "" if draft is None or draft.is_public is None else ("public" if draft.is_public else "private")
    name = begun if begun in targets else next(iter(targets))
    return name, targets[name]


def _place(target: Target) -> str:
    return "public" if target.is_public else "private"


def _tabs(screen: CaseScreen, current: str) -> list[Tab]:
    tabs = []
    for position, target in enumerate(screen.targets):
        place = _place(target)
        text, icon = (_("Public"), "globe") if target.is_public else (_("Private"), "lock")
        if len(screen.targets) == 1:
            text, icon = _("Reply"), "reply"
        tabs.append(Tab(place, text, icon, place == current, "reply" if position == 0 else ""))
    return [*tabs, Tab("note", _("Note"), "note", current == "note", "note")]


def _reply_words(request: WorkspaceRequest, screen: CaseScreen, target: Target, written: str) -> dict[str, Any]:
    channel = screen.case.channel
    names = {"account": account_name(channel.handle), "network": network_name(channel.kind)}
    signature = request.user.caret_signature if channel.caret_signature and target.is_public else ""
    length = 0
    if target.limits.max_length is not None and written.strip():
        length = delivery_queries.length(channel, f"{written.strip()} {signature}".strip())
    if target.is_public:
        button = _("Reply publicly as %(account)s") % names
        place = _("Everyone on %(network)s can read this") % names
    elif channel.kind == "email":
        button = _("Send as %(account)s") % names
        place = _("A mail to %(name)s") % {"name": _recipient(target)}
    else:
        button = _("Send privately as %(account)s") % names
        place = _("Only %(name)s can read this") % {"name": _recipient(target)}
    if request.member.needs_approval:
        button = _("Propose: %(button)s") % {"button": button}
    return {
        "button": button,
        "place": place,
        "signature": signature,
        "length": length,
        "length_level": length_level(length, target.limits.max_length),
    }


def length_level(length: int, limit: int | None) -> str:
    """Return how loud the length is shown: "", "near" the limit, or "over" it."""
    if limit is None:
        return ""
    if length > limit:
        return "over"
    return "near" if length > limit * 0.9 else ""


def _recipient(target: Target) -> str:
    parent = target.parent
    answers_to = parent.reply_to.get("name") or parent.reply_to.get("external_id")
    return str(answers_to or parent.author or "")
