"""What the audit list says: a sentence for every verb, and what changed from what to what."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from luister.accounts.enums import Role

VERBS: Final[dict[str, str | Promise]] = {
    "workspace.made": _("made the workspace"),
    "workspace.changed": _("changed the workspace"),
    "member.added": _("let somebody in"),
    "member.changed": _("changed what somebody may do"),
    "member.removed": _("took somebody out"),
    "member.link_made": _("made a sign-in link for somebody"),
    "team.made": _("made a team"),
    "team.renamed": _("renamed a team"),
    "team.deleted": _("deleted a team"),
    "channel.connected": _("connected a channel"),
    "channel.changed": _("changed a channel"),
    "channel.secrets_changed": _("replaced the password or token of a channel"),
    "channel.paused": _("paused a channel"),
    "channel.removed": _("removed a channel"),
    "channel.resumed": _("let a channel go on"),
    "sending.stopped": _("stopped all sending"),
    "sending.resumed": _("let sending go on"),
    "outbound.locked": _("locked everything that leaves"),
    "outbound.unlocked": _("confirmed that replies may leave again"),
    "token.made": _("made a token for the API"),
    "token.revoked": _("revoked a token of the API"),
    "token.leaked": _("revoked a token of the API: it stood in an address"),
    "topic.made": _("made a topic"),
    "topic.changed": _("changed a topic"),
    "topic.deleted": _("deleted a topic"),
    "learning.switched_on": _("had what was learned from corrections used"),
    "learning.switched_off": _("had what was learned from corrections used no longer"),
    "monitor.made": _("made a monitor"),
    "monitor.changed": _("changed a monitor"),
    "monitor.deleted": _("deleted a monitor"),
    "raw.reprocessed": _("tried something from the bin again"),
    "import.received": _("brought a file to import"),
    "import.started": _("began an import"),
    "import.cancelled": _("cancelled an import"),
    "import.went_on": _("went on with an import"),
    "import.removed": _("removed an import from the list"),
    "webhook.made": _("made a webhook"),
    "webhook.changed": _("changed a webhook"),
    "webhook.switched_on": _("switched a webhook on"),
    "webhook.switched_off": _("switched a webhook off"),
    "webhook.stopped": _("a webhook was switched off because nothing arrived"),
    "webhook.secret_changed": _("made a new secret for a webhook"),
    "webhook.replayed": _("had a webhook told again"),
    "webhook.deleted": _("removed a webhook"),
    "raw.discarded": _("threw something out of the bin"),
}

FIELDS: Final[dict[str, str | Promise]] = {
    "user": _("person"),
    "name": _("name"),
    "role": _("role"),
    "teams": _("teams"),
    "sees_private": _("private posts"),
    "needs_approval": _("approval of replies"),
    "language": _("language"),
    "time_zone": _("time zone"),
    "kind": _("network"),
    "handle": _("account"),
    "channel": _("channel"),
    "names": _("fields"),
    "team": _("team"),
    "purpose": _("purpose"),
    "caret_signature": _("signature"),
    "undo_seconds": _("seconds to undo"),
    "settings": _("settings"),
    "address": _("address"),
    "kinds": _("kinds of event"),
    "private": _("private content"),
    "reason": _("reason"),
    "since": _("since"),
    "count": _("number"),
    "message": _("delivery"),
    "prefix": _("begins with"),
    "scopes": _("may be used for"),
}


def verb_text(verb: str) -> str:
    """Return what was done, in the reader's language."""
    return str(VERBS.get(verb, verb))


def detail_lines(detail: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each value, or for each that became another."""
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from (
            f"{_field(name)}: {_value(name, old)} → {_value(name, after.get(name))}"
            for name, old in before.items()
            if old != after.get(name)
        )
    elif "before" in detail:
        yield f"{before} → {after}"
    else:
        yield from (f"{_field(name)}: {_value(name, value)}" for name, value in detail.items())


def _field(name: str) -> str:
    return str(FIELDS.get(name, name))


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(str(part) for part in value) or gettext("none")
    if name == "role" and value in Role.values:
        return str(Role(value).label)
    return str(value)
