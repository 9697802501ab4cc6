"""What narrows a list, read from its address."""

from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from luister.inbox.enums import Origin
from luister.inbox.queries.cases import Filters


class FilterForm(forms.Form):
    """The query string of a list; what makes no sense is left out rather than refused."""

    label = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    channel = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    team = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    origin = forms.ChoiceField(required=False, choices=[("", ""), *Origin.choices])
    contact = forms.IntegerField(required=False, min_value=1, max_value=2**62)


def filters_of(query: QueryDict, *, saved: str = "") -> Filters:
    """Return what narrows the list that an address asks for; without a search that of the saved view."""
    form = FilterForm(query)
    form.is_valid()
    found = form.cleaned_data
    return Filters(
        text=query.get("q", saved).replace("\x00", " ").strip(),
        label_id=found.get("label"),
        channel_id=found.get("channel"),
        team_id=found.get("team"),
        origin=found.get("origin") or "",
        contact_id=found.get("contact"),
    )


def query_string(filters: Filters, *, saved: str = "", **changed: str | int | None) -> str:
    """Return the address's query for these filters, with its question mark; "" for none.

    The search of a saved view is left out for as long as nobody changed it.
    """
    values = {
        "q": filters.text,
        "label": filters.label_id,
        "channel": filters.channel_id,
        "team": filters.team_id,
        "origin": filters.origin,
        "contact": filters.contact_id,
    } | changed
    kept = {name: value for name, value in values.items() if value and not (name == "q" and value == saved)}
    if saved and not values["q"]:
        kept["q"] = ""
    return f"?{urlencode(kept)}" if kept else ""
