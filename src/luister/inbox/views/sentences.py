"""What happened, and what was refused, as sentences in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from luister.events.models import Event
from luister.inbox.enums import CaseState, Origin
from luister.inbox.queries.screens import Names
from luister.ui.times import full_moment


def missing(field: str, value: str) -> str:
    """Say that what a search names is not there."""
    sentences = {
        "label": _(
            "There is no label “%(value)s” (any more), so this finds nothing. Choose another one, or remove it."
        ),
        "assignee": _(
            "Nobody here is called “%(value)s” (any more), so this finds nothing. Choose someone, or remove it."
        ),
        "team": _("There is no team “%(value)s” (any more), so this finds nothing. Choose another one, or remove it."),
        "channel": _(
            "There is no channel “%(value)s” (any more), so this finds nothing. Choose another, or remove it."
        ),
    }
    return sentences[field] % {"value": value}


_ICONS: Mapping[str, str] = {
    "case.opened": "case",
    "case.assigned": "user-plus",
    "case.moved": "users",
    "case.snoozed": "snooze",
    "case.woken": "snooze",
    "case.reopened": "open",
    "case.labelled": "label",
    "case.unlabelled": "label",
    "case.urgency_changed": "urgent",
    "case.origin_changed": "proactive",
    "case.handed_over": "users",
    "case.taken_back": "users",
    "case.undone": "undo",
    "case.answered_elsewhere": "external",
    "reply.resolved": "check",
    "reply.taken_back": "undo",
    "reply.approved": "check",
    "reply.sent_back": "undo",
}
_STATE_ICONS = {"open": "open", "waiting": "clock", "completed": "check-circle", "closed": "archive"}


def happened(event: Event, names: Names) -> tuple[str, str]:
    """Return the drawing and the sentence of an event."""
    after: Mapping[str, Any] = event.data.get("after", {})
    icon = _STATE_ICONS.get(str(after.get("state")), "info") if event.name == "case.state_changed" else "info"
    return _ICONS.get(event.name, icon), _SENTENCES.get(event.name, _something)(event, names)


def _by(event: Event) -> str:
    return str(event.by) if event.by else "Luister"


def _something(event: Event, _names: Names) -> str:
    return _("%(name)s changed something") % {"name": _by(event)}


def _opened(event: Event, _names: Names) -> str:
    if event.by is None:
        return _("The case was opened")
    return _("%(name)s made a case of what was said") % {"name": _by(event)}


def _assigned(event: Event, names: Names) -> str:
    to = event.data["after"].get("assignee_id")
    if to is None:
        return _("%(name)s assigned this to nobody") % {"name": _by(event)}
    if event.by_id == to:
        return _("%(name)s took this case") % {"name": _by(event)}
    return _("%(name)s assigned this to %(to)s") % {"name": _by(event), "to": names.users.get(to, "?")}


def _moved(event: Event, names: Names) -> str:
    team = event.data["after"].get("team_id")
    if team is None:
        return _("%(name)s took this away from its team") % {"name": _by(event)}
    return _("%(name)s moved this to %(team)s") % {"name": _by(event), "team": names.teams.get(team, "?")}


def _state(event: Event, _names: Names) -> str:
    sentences = {
        CaseState.OPEN: _("%(name)s opened this again"),
        CaseState.WAITING: _("%(name)s set this to waiting"),
        CaseState.COMPLETED: _("%(name)s completed this"),
        CaseState.CLOSED: _("%(name)s closed this"),
    }
    return sentences[CaseState(event.data["after"]["state"])] % {"name": _by(event)}


def _snoozed(event: Event, _names: Names) -> str:
    until = datetime.fromisoformat(event.data["after"]["snoozed_until"])
    return _("%(name)s put this off until %(moment)s") % {"name": _by(event), "moment": full_moment(until)}


def _urgency(event: Event, _names: Names) -> str:
    urgent = event.data["after"]["is_urgent"]
    sentence = _("%(name)s marked this urgent") if urgent else _("%(name)s took the urgency off")
    return sentence % {"name": _by(event)}


def _origin(event: Event, _names: Names) -> str:
    proactive = event.data["after"]["origin"] == Origin.PROACTIVE
    sentence = _("%(name)s marked this as begun by us") if proactive else _("%(name)s marked this as begun by them")
    return sentence % {"name": _by(event)}


def _label(event: Event, names: Names) -> str:
    sentence = _("%(name)s put on %(label)s") if event.name == "case.labelled" else _("%(name)s took off %(label)s")
    label = names.labels.get(event.data.get("label", 0), _("a label that no longer exists"))
    return sentence % {"name": _by(event), "label": label}


def _handed(event: Event, names: Names) -> str:
    given = event.name == "case.handed_over"
    sentence = _("%(name)s handed this to %(to)s") if given else _("%(name)s took this back from %(to)s")
    partner = names.users.get(event.data.get("to") or event.data.get("from") or 0, "?")
    return sentence % {"name": _by(event), "to": partner}


def _resolved(event: Event, _names: Names) -> str:
    sentences = {
        "sent": _("%(name)s found that the reply did arrive"),
        "again": _("%(name)s had the reply sent again"),
        "give_up": _("%(name)s gave the reply up"),
    }
    return sentences.get(event.data.get("decision", ""), _("%(name)s changed something")) % {"name": _by(event)}


_SENTENCES: Mapping[str, Callable[[Event, Names], str]] = {
    "case.opened": _opened,
    "case.assigned": _assigned,
    "case.moved": _moved,
    "case.state_changed": _state,
    "case.snoozed": _snoozed,
    "case.woken": lambda _event, _names: _("The date came: the case is open again"),
    "case.reopened": lambda _event, _names: _("The case is open again"),
    "case.labelled": _label,
    "case.unlabelled": _label,
    "case.urgency_changed": _urgency,
    "case.origin_changed": _origin,
    "case.handed_over": _handed,
    "case.taken_back": _handed,
    "case.undone": lambda event, _names: _("%(name)s undid that") % {"name": _by(event)},
    "case.answered_elsewhere": lambda _event, _names: _("Answered outside Luister, on the network itself"),
    "reply.resolved": _resolved,
    "reply.approved": lambda event, _names: _("%(name)s approved the reply") % {"name": _by(event)},
    "reply.sent_back": lambda event, _names: _("%(name)s sent the reply back to its writer") % {"name": _by(event)},
    "reply.taken_back": lambda event, _names: _("%(name)s took a reply back before it left") % {"name": _by(event)},
}
