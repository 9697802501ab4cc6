"""What visitors fill in on the practice network."""

from dataclasses import fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from luister.practice.actions import NAME_LENGTH
from luister.practice.core import PRIVATE_LENGTH
from luister.practice.enums import Repeats
from luister.practice.faults import FaultPlan


class SayForm(forms.Form):
    """A post, reply or message; `name` where the visitor plays nobody yet."""

    text = forms.CharField(strip=False, required=False, max_length=4 * PRIVATE_LENGTH)
    key = forms.UUIDField(widget=forms.HiddenInput)
    parent_id = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    name = forms.CharField(required=False, max_length=4 * NAME_LENGTH)

    def what(self) -> dict[str, Any]:
        """Return the text and what it answers; browsers send line ends as two characters."""
        return {
            "text": self.cleaned_data["text"].replace("\r\n", "\n").strip(),
            "key": f"page-{self.cleaned_data['key']}",
            "parent_id": self.cleaned_data["parent_id"],
        }


class BrandForm(forms.Form):
    """A brand's account."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
    handle = forms.CharField(
        label=pgettext_lazy("Plein", "Handle"),
        max_length=31,
        help_text=_("What customers type after the @, such as schiphol."),
    )
    repeats = forms.ChoiceField(label=_("What happens to a post that is sent twice"), choices=Repeats.choices)


class BrandChangeForm(forms.Form):
    """What a brand's API does."""

    handle = forms.CharField(widget=forms.HiddenInput, max_length=30)
    repeats = forms.ChoiceField(label=_("A post that is sent twice is"), choices=Repeats.choices)
    token_expired = forms.BooleanField(label=_("The token has expired"), required=False)


def _share(label: Any, help_text: Any) -> forms.FloatField:
    return forms.FloatField(label=label, help_text=help_text, min_value=0, max_value=100, initial=0, step_size=0.1)


class FaultsForm(forms.Form):
    """What goes wrong; shares are per cent here."""

    outage = forms.BooleanField(
        label=_("Out of order"), required=False, help_text=_("Every request is answered with 503.")
    )
    rate_limited = _share(_("Too many requests (%)"), _("429; nothing is posted."))
    retry_after = forms.CharField(
        label=_("Retry-After of those"),
        required=False,
        max_length=100,
        help_text=_("Seconds, a date, or anything else; empty leaves it out."),
    )
    failed = _share(_("Server errors (%)"), _("500; half of them although it was posted."))
    dropped_before = _share(_("Connection lost before (%)"), _("No answer, and nothing is posted."))
    dropped_after = _share(_("Connection lost after (%)"), _("No answer, although it was posted."))
    latency_min_seconds = forms.FloatField(label=_("Delay, at least (seconds)"), min_value=0, max_value=30, initial=0)
    latency_max_seconds = forms.FloatField(label=_("Delay, at most (seconds)"), min_value=0, max_value=30, initial=0)
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=2**31 - 1,
        initial=0,
        help_text=_("The same seed and the same requests meet the same faults."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse shares that are more than everything."""
        cleaned = super().clean() or {}
        if sum(cleaned.get(name) or 0 for name in _SHARES) > 100:
            raise forms.ValidationError(_("Together the shares are more than 100 %. Make some smaller."))
        return cleaned

    def plan(self) -> FaultPlan:
        """Return what was filled in."""
        given = {field.name: self.cleaned_data[field.name] for field in fields(FaultPlan)}
        return FaultPlan(**{**given, **{name: given[name] / 100 for name in _SHARES}})

    @staticmethod
    def initial_of(plan: FaultPlan) -> dict[str, Any]:
        """Return what the form shows of a plan."""
        given = {field.name: getattr(plan, field.name) for field in fields(FaultPlan)}
        return {**given, **{name: f"{given[name] * 100:g}" for name in _SHARES}}


_SHARES = ("rate_limited", "failed", "dropped_before", "dropped_after")
