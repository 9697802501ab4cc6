"""The form of a channel, made of what its connector asks for; validates, never saves."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from luister.accounts.models import Team
from luister.base.connector import Field
from luister.channels.actions import ChangedChannel, NewChannel
from luister.channels.enums import Purpose
from luister.channels.models import Channel
from luister.delivery.queries import Kind, leads_elsewhere
from luister.delivery.sentences import CHOICES, FIELDS

ACCOUNT_FIELDS = ("handle", "address")  # which of a connector's fields names our account on the network
ITS = "its_"  # before the names of the connector's own fields


class ChannelForm(forms.Form):
    """An account that is connected, or that is changed when `channel` is given: then which account it is stays."""

    name = forms.CharField(
        label=_("Name"), max_length=80, required=False, help_text=_("How colleagues know it; left empty, its account.")
    )
    team = forms.ChoiceField(label=_("Team"), required=False, help_text=_("New cases start with this team."))
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices, initial=Purpose.SERVICE)
    caret_signature = forms.BooleanField(
        label=_("Sign public replies with ^ and the name of the agent"), required=False
    )
    undo_seconds = forms.IntegerField(label=_("Seconds to take a reply back"), min_value=0, max_value=60, initial=10)

    def __init__(
        self, *args: Any, kind: Kind, teams: Sequence[Team], channel: Channel | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._kind, self._channel = kind, channel
        self._teams = {str(team.pk): team for team in teams}
        choices = [("", _("No team")), *((pk, team.name) for pk, team in self._teams.items())]
        self.fields["team"].choices = choices  # type: ignore[attr-defined]  # it is a ChoiceField
        if kind.publicness == "private":
            del self.fields["caret_signature"]
        for asked in kind.fields:
            self.fields[ITS + asked.name] = self._field(asked)
        if channel is not None:
            self.initial = {**_common(channel), **{ITS + name: value for name, value in channel.settings.items()}}
            self.initial[ITS + self._account_field()] = channel.handle

    def _field(self, asked: Field) -> forms.Field:
        label, help_text = FIELDS[f"{self._kind.kind}.{asked.name}"]
        common: dict[str, Any] = {"label": label, "help_text": help_text, "required": asked.required}
        is_known = self._channel is not None
        match asked.type:
            case "password":
                common["required"] = asked.required and not is_known
                if is_known:
                    common["help_text"] = _("Left empty, it stays as it is.")
                return forms.CharField(
                    **common, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
                )
            case "number":
                return forms.IntegerField(**common, initial=asked.default, min_value=0, max_value=65535)
            case "checkbox":
                return forms.BooleanField(**common | {"required": False}, initial=bool(asked.default))
            case "select":
                choices = [(choice, CHOICES[choice]) for choice in asked.choices]
                return forms.ChoiceField(**common, choices=choices, initial=asked.default)
            case kind:
                common["disabled"] = is_known and asked.name == self._account_field()
                plain = forms.EmailField if kind == "email" else forms.CharField
                return plain(**common, initial=asked.default, max_length=320)

    def _account_field(self) -> str:
        return next(asked.name for asked in self._kind.fields if asked.name in ACCOUNT_FIELDS)

    def clean(self) -> dict[str, Any]:
        """Ask for the secrets again when the channel is to sign in to another server."""
        values = super().clean() or {}
        if self._channel is not None and not self.errors and leads_elsewhere(self._channel, self._settings()):
            for asked in self._kind.fields:
                if asked.secret and asked.required and not values.get(ITS + asked.name):
                    self.add_error(ITS + asked.name, _("The server is another one: type this again."))
        return values

    def basics(self) -> list[BoundField]:
        """Return the fields that have to be filled in."""
        asked = [self[ITS + field.name] for field in self._kind.fields if field.required]
        return [*asked, self["name"]]

    def more(self) -> list[BoundField]:
        """Return the fields that usually stay as they are."""
        asked = [self[ITS + field.name] for field in self._kind.fields if not field.required]
        names = ("team", "purpose", "caret_signature", "undo_seconds")
        return [*(self[name] for name in names if name in self.fields), *asked]

    def has_errors_in_more(self) -> bool:
        """Whether the folded part has to be open, so that its errors are seen."""
        return any(field.errors for field in self.more())

    def new_channel(self) -> NewChannel:
        """Return what was filled in, for connecting."""
        values = self.cleaned_data
        handle = str(values[ITS + self._account_field()]).strip()
        return NewChannel(
            kind=self._kind.kind,
            name=values["name"] or handle[:80],
            handle=handle.removeprefix("@")[:200],
            publicness=self._kind.publicness,
            settings=self._settings(),
            secrets={name: value for name, value in self.secrets().items() if value},
            purpose=Purpose(values["purpose"]),
            team=self._teams.get(values["team"]),
            caret_signature=values.get("caret_signature", False),
            undo_seconds=values["undo_seconds"],
        )

    def changed(self) -> ChangedChannel:
        """Return what was filled in, for changing."""
        values = self.cleaned_data
        return ChangedChannel(
            name=values["name"] or str(values[ITS + self._account_field()])[:80],
            settings=self._settings(),
            purpose=values["purpose"],
            team=self._teams.get(values["team"]),
            caret_signature=values.get("caret_signature", False),
            undo_seconds=values["undo_seconds"],
        )

    def secrets(self) -> dict[str, str]:
        """Return every secret that the connector asks for; "" where none was typed."""
        return {asked.name: self.cleaned_data[ITS + asked.name] for asked in self._kind.fields if asked.secret}

    def _settings(self) -> dict[str, Any]:
        plain = (asked.name for asked in self._kind.fields if not asked.secret and asked.name != "handle")
        return {name: self.cleaned_data.get(ITS + name) for name in plain}


def _common(channel: Channel) -> dict[str, Any]:
    return {
        "name": channel.name,
        "team": str(channel.team_id or ""),
        "purpose": channel.purpose,
        "caret_signature": channel.caret_signature,
        "undo_seconds": channel.undo_seconds,
    }
