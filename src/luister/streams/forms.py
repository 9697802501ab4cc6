"""The form of a stream; it validates, never saves."""

from dataclasses import replace

from django import forms
from django.utils.translation import gettext_lazy as _

from luister.base.errors import ConnectorError
from luister.channels.models import Channel
from luister.delivery.queries import StreamAddress, sentence


class StreamForm(forms.Form):
    """Where a stream is, what it is called, and who looks at it there."""

    address = forms.CharField(
        label=_("Address of the stream"),
        max_length=500,
        help_text=_("nats://nats.example.org:4222/POSTS, or tls://… where the server has TLS."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(label=_("Name"), max_length=80)
    user = forms.CharField(
        label=_("User name"),
        max_length=200,
        required=False,
        help_text=_("Only to see here how the stream is doing; matchers sign in by themselves."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=_("Password or token"),
        max_length=500,
        required=False,
        strip=False,
        # Typed a moment ago by the same person; typing it again after a mistake elsewhere would only teach to paste it.
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
    )

    @classmethod
    def of(cls, channel: Channel) -> "StreamForm":
        """Return the form of a stream that is there; its password is not shown."""
        settings = channel.settings
        return cls(initial={"address": settings["address"], "user": settings.get("user", ""), "name": channel.name})

    def clean_address(self) -> StreamAddress:
        """Return the address; a user and password in it count as typed below."""
        try:
            return StreamAddress.parse(self.cleaned_data["address"])
        except ConnectorError as error:
            raise forms.ValidationError(sentence(error.reason.code, error.reason.values)) from None

    @property
    def stream(self) -> StreamAddress:
        """The address with who signs in, of a form that is valid."""
        found: StreamAddress = self.cleaned_data["address"]
        user, password = self.cleaned_data["user"], self.cleaned_data["password"]
        return replace(found, user=user or found.user, password=password or found.password)
