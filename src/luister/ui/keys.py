"""The keyboard map: every action that a single key starts, and what the key is until a user changes it.

Single letters act only outside fields, and can be switched off or changed (WCAG 2.1.4). None uses Alt: that
and Ctrl+Alt type letters on many layouts.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Key:
    """One action; `key` is the character it is typed with, "g i" a sequence of two."""

    action: str
    key: str
    label: str | Promise
    fixed: bool = False  # not to be changed: it holds inside fields too


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Actions that belong together in the overlay."""

    heading: str | Promise
    keys: tuple[Key, ...]


GROUPS: Final = (
    KeyGroup(
        _("Moving around"),
        (
            Key("next", "j", _("Next case")),
            Key("previous", "k", _("Previous case")),
            Key("open", "o", _("Open the case")),
            Key("back", "u", _("Back to the list")),
            Key("next-case", "]", _("Next case while reading")),
            Key("previous-case", "[", _("Previous case while reading")),
            Key("next-post", "n", _("Next post in the thread")),
            Key("previous-post", "p", _("Previous post in the thread")),
            Key("quoted", "d", _("Show or hide quoted text")),
            Key("card", "v", _("Show or hide the contact card")),
            Key("search", "/", _("Search")),
        ),
    ),
    KeyGroup(
        _("Working on a case"),
        (
            Key("reply", "r", _("Reply")),
            Key("note", "c", _("Internal note")),
            Key("complete", "e", _("Complete, and on to the next")),
            Key("reopen", "E", _("Reopen")),
            Key("assign", "a", _("Assign…")),
            Key("take", "i", _("Assign to me")),
            Key("label", "t", _("Label…")),
            Key("snooze", "h", _("Snooze…")),
            Key("urgent", "!", _("Mark urgent, or not")),
            Key("undo", "z", _("Undo the last action or send")),
            Key("more", ".", _("More actions")),
        ),
    ),
    KeyGroup(
        _("Going to"),
        (
            Key("go-open", "g i", _("Open cases")),
            Key("go-mine", "g m", _("My cases")),
            Key("go-unassigned", "g u", _("Unassigned cases")),
            Key("go-all", "g a", _("All cases")),
            Key("go-settings", "g s", _("Settings")),
            Key("help", "?", _("This overview")),
        ),
    ),
    KeyGroup(
        _("While writing, and everywhere"),
        (
            Key("send", "Ctrl+Enter", _("Send"), fixed=True),
            Key("send-complete", "Ctrl+Shift+Enter", _("Send and complete"), fixed=True),
            Key("leave", "Esc", _("Leave the text; the draft is kept"), fixed=True),
            Key("palette", "Ctrl+K", _("Search or jump to anything"), fixed=True),
        ),
    ),
)

# What the same keys do elsewhere; changed together with those above.
ELSEWHERE: Final = (
    KeyGroup(
        _("In a stream of mentions"),
        (
            Key("next", "j", _("Next mention")),
            Key("previous", "k", _("Previous mention")),
            Key("open", "o", _("Show what was said around it, or hide it")),
            Key("note", "c", _("Make a case of it, for you")),
            Key("complete", "e", _("Dismiss it")),
            Key("undo", "z", _("Undo the last action or send")),
        ),
    ),
)

DEFAULTS: Final = {key.action: key.key for group in GROUPS for key in group.keys if not key.fixed}
# What also works, for hands that learned it elsewhere; these give way to a user's own choice.
ALIASES: Final = {"Enter": "open", "b": "snooze", "l": "label", "Escape": "back"}


def keys_of(changed: dict[str, str]) -> dict[str, str]:
    """Return the key of every action for a user; what they chose twice or wrongly is ignored."""
    chosen = {action: key for action, key in changed.items() if action in DEFAULTS and is_possible(key)}
    return DEFAULTS | chosen


def is_possible(key: str) -> bool:
    """Whether a key can start an action: one visible character, or two after each other."""
    characters = key.split(" ")
    return len(characters) <= 2 and all(len(character) == 1 and character.isprintable() for character in characters)


def clashes(keys: dict[str, str]) -> dict[str, list[str]]:
    """Return the keys that start more than one action, with those actions."""
    actions: dict[str, list[str]] = {}
    for action, key in keys.items():
        actions.setdefault(key, []).append(action)
    return {key: found for key, found in actions.items() if len(found) > 1}
