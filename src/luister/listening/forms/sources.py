"""The forms of sources; they validate, never save."""

from django import forms
from django.utils.translation import gettext_lazy as _

from luister.channels.enums import Purpose

NETWORKS = (
    ("web", _("Web page")),
    ("news", _("News")),
    ("forum", _("Forum")),
    ("blog", _("Blog")),
    ("review", _("Review site")),
)


class AddressForm(forms.Form):
    """Where to look for a feed."""

    address = forms.CharField(
        label=_("Address of a page or a feed"),
        max_length=2000,
        help_text=_("Copy it from the address bar: www.example.org/news, for instance."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url", "spellcheck": "false"}),
    )
    user = forms.CharField(
        label=_("User name"), max_length=200, required=False, help_text=_("Only where the site asks for one.")
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        required=False,
        strip=False,
        # Typed a moment ago by the same person, for the preview; typing it again would only teach them to paste it.
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
    )


class SourceForm(AddressForm):
    """A feed that was found, and what it is called and is."""

    name = forms.CharField(label=_("Name"), max_length=80)
    network = forms.ChoiceField(
        label=_("What it is"),
        choices=NETWORKS,
        initial="web",
        help_text=_("Searches and monitors tell it apart by this."),
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices, initial=Purpose.NEWS)


class NameForm(forms.Form):
    """Another name for a source."""

    name = forms.CharField(label=_("Name"), max_length=80)
