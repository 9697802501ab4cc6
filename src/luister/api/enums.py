"""What a token may be used for, and how one ended."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

READ, WRITE = "read", "write"


class Area(TextChoices):
    """What a scope is about: the first half of `cases:read`."""

    POSTS = "posts", _("Posts")
    MONITORS = "monitors", _("Monitors")
    MENTIONS = "mentions", _("Mentions")
    CASES = "cases", _("Cases")
    REPLIES = "replies", _("Replies")
    CONTACTS = "contacts", _("Contacts")
    LABELS = "labels", _("Labels")
    USERS = "users", _("Users and teams")
    CHANNELS = "channels", _("Channels")
    WEBHOOKS = "webhooks", _("Webhooks")


# Where there is nothing that could be changed through the API.
READ_ONLY: Final = frozenset({Area.CONTACTS, Area.LABELS, Area.USERS, Area.CHANNELS})
SCOPES: Final[tuple[str, ...]] = tuple(
    f"{area.value}:{right}" for area in Area for right in (READ, WRITE) if right == READ or area not in READ_ONLY
)
GROUPS: Final = {
    "all": SCOPES,
    "read": tuple(scope for scope in SCOPES if scope.endswith(READ)),
}


class Ending(TextChoices):
    """Why a token no longer works."""

    REVOKED = "revoked", pgettext_lazy("token", "Revoked")
    LEAKED = "leaked", _("Revoked: it stood in an address")


def whole(scopes: Iterable[str]) -> list[str]:
    """Return scopes in their order, each once: groups spelled out, and with what may be changed what may be read.

    Raises:
        ValueError: one of them is none; it is the error's argument.
    """
    named: set[str] = set()
    for scope in scopes:
        if scope not in SCOPES and scope not in GROUPS:
            raise ValueError(scope)
        named.update(GROUPS.get(scope, (scope,)))
    named |= {f"{scope.removesuffix(WRITE)}{READ}" for scope in named if scope.endswith(WRITE)}
    return [scope for scope in SCOPES if scope in named]


def in_short(scopes: Sequence[str]) -> Sequence[str]:
    """Return scopes with one word where they are a whole group."""
    return next(([name] for name, group in GROUPS.items() if set(group) == set(scopes)), scopes)


def allows(scopes: Collection[str], scope: str) -> bool:
    """Return whether scopes hold this one; the empty one is asked for by what any token may see."""
    return not scope or scope in scopes
