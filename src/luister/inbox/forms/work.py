"""What is changed about a case."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from luister.inbox.enums import CaseState, Origin
from luister.inbox.forms.when import parse_moment


class AssignForm(forms.Form):
    """To whom: a user's id, or nobody."""

    to = forms.IntegerField(required=False, min_value=1, max_value=2**62)


class TeamForm(forms.Form):
    """To which team, or none."""

    team = forms.IntegerField(required=False, min_value=1, max_value=2**62)


class LabelForm(forms.Form):
    """Which word is put on, or which label taken off."""

    name = forms.CharField(required=False, max_length=60, label=_("Label"))
    remove = forms.IntegerField(required=False, min_value=1, max_value=2**62)


class StateForm(forms.Form):
    """Which state, and whether to go on to the next case."""

    state = forms.ChoiceField(choices=CaseState)
    on = forms.BooleanField(required=False)


class OriginForm(forms.Form):
    """Who began."""

    origin = forms.ChoiceField(choices=Origin)


class UrgentForm(forms.Form):
    """Whether the case goes before others."""

    urgent = forms.BooleanField(required=False)


class HandOverForm(forms.Form):
    """To which partner, or from whom it is taken back."""

    to = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    back = forms.IntegerField(required=False, min_value=1, max_value=2**62)


class SnoozeForm(forms.Form):
    """Until when, in words or as a moment."""

    until = forms.CharField(max_length=80, label=_("Until"))

    def __init__(self, *args: object, now: datetime, zone: ZoneInfo, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # handed on as they came
        self.now = now
        self.zone = zone

    def clean_until(self) -> datetime:
        """Read the moment; an exact one comes from a button, words from a person."""
        words = self.cleaned_data["until"]
        try:
            exact = datetime.fromisoformat(words)
        except ValueError:
            exact = None
        if exact is not None and exact.tzinfo is not None:
            return exact
        found = parse_moment(words, now=self.now, zone=self.zone)
        if found is None:
            raise forms.ValidationError(_("Write a day or a time, such as “tomorrow 9:00” or “in 3 days”."))
        return found
