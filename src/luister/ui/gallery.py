"""Examples for the page that shows every component; nothing here is used elsewhere."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from luister.ui.query_field import mistake


class SampleForm(forms.Form):
    """One field of every kind, some filled in wrongly."""

    name = forms.CharField(label=_("Name"), help_text=_("As colleagues see it."))
    email = forms.EmailField(label=_("E-mail address"))
    about = forms.CharField(label=_("About"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    language = forms.ChoiceField(label=_("Language"), choices=[("nl", _("Dutch")), ("en", _("English"))])
    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=[("service", _("Service")), ("news", _("News"))], widget=forms.RadioSelect
    )
    keep = forms.BooleanField(label=_("Keep me signed in"), required=False, help_text=_("For thirty days."))


def samples(*, now: datetime) -> dict[str, Any]:
    """Return what the examples show."""
    written = "koffer sentimnet:negative"
    sentence = _("There is no field “sentimnet”. Did you mean “sentiment:”?")
    return {
        "now": now,
        "query": {"text": written, "mistake": mistake(written, start=7, length=9, sentence=str(sentence))},
        "people": ["Pim de Vries", "Sam Jansen", "Fatima el Idrissi", "@wouterb", "مريم حداد"],
        "labels": [_("Luggage"), _("Security"), _("Parking"), _("Assistance"), _("Compliment")],
        "send_states": ["queued", "sending", "sent", "failed", "unknown", "cancelled"],
        "moments": [now - step for step in (timedelta(), timedelta(days=1), timedelta(days=18), timedelta(days=400))],
        "waits": [now - step for step in (timedelta(minutes=12), timedelta(minutes=70), timedelta(hours=5))],
    }
