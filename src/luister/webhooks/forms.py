"""The forms of webhooks; they validate, never save."""

from datetime import datetime

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext_lazy as _

from luister.webhooks.enums import GROUPS, Kind
from luister.webhooks.models import Endpoint


class EndpointForm(forms.Form):
    """Where events go, and which."""

    address = forms.CharField(
        label=_("Address of the receiver"),
        max_length=2000,
        help_text=_("Where your application listens, such as https://example.org/luister."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    description = forms.CharField(
        label=_("What it is for"),
        max_length=200,
        required=False,
        help_text=_("So that colleagues know what stops when it is switched off."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("What it is told of"),
        choices=Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one kind of event.")},
    )
    with_private = forms.BooleanField(
        label=_("With the content of private posts and replies"),
        required=False,
        help_text=_(
            "Otherwise the receiver is told that there is a private post, but not who wrote it or what it says. It is"
            " sent in your name, for as long as you may see private posts yourself."
        ),
    )

    @classmethod
    def of(cls, endpoint: Endpoint) -> "EndpointForm":
        """Return the form of an endpoint that is there."""
        return cls(
            initial={
                "address": endpoint.address,
                "description": endpoint.description,
                "kinds": endpoint.kinds,
                "with_private": endpoint.private_by_id is not None,
            }
        )

    @property
    def groups(self) -> list[tuple[str, list[BoundWidget]]]:
        """The boxes of the kinds of event, by what they are about."""
        boxes = {str(box.data["value"]): box for box in self["kinds"]}
        return [(str(group), [boxes[kind.value] for kind in kinds]) for group, kinds in GROUPS]


class ReplayForm(forms.Form):
    """Since when what failed is delivered again."""

    since = forms.DateTimeField(
        label=_("Failed since"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Enter a date and a time.")},
    )

    @property
    def moment(self) -> datetime:
        """The moment that was filled in, of a form that is valid."""
        found: datetime = self.cleaned_data["since"]
        return found
