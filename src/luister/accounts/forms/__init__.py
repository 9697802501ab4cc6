"""What people fill in about themselves, their colleagues and their workspace; validates, never saves."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from luister.accounts.enums import Role, Theme
from luister.accounts.models import Team, User
from luister.ui.keys import DEFAULTS, GROUPS, clashes, is_possible, keys_of

ROLE_MEANINGS = {
    Role.ADMINISTRATOR: _("Everything, also channels, people and settings."),
    Role.LEAD: _("All cases and all figures, but no passwords of channels."),
    Role.AGENT: _("Answers the cases of their own teams, those of no team, and those assigned to them."),
    Role.ANALYST: _("Reads public posts and figures; does not answer."),
    Role.PARTNER: _("Works on the cases that were handed to them, and sees nothing else."),
}


def role_choices() -> list[tuple[str, SafeString]]:
    """Return the roles with what each may do, in the reader's language."""
    shown = '{}<span class="choice-meaning">{}</span>'
    return [(role.value, format_html(shown, role.label, meaning)) for role, meaning in ROLE_MEANINGS.items()]


def time_zones() -> list[tuple[str, str]]:
    """Return the time zones to choose from, those of a place, by name."""
    places = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/")))
    return [(name, name.replace("_", " ")) for name in places]


class SetUpForm(forms.Form):
    """The first administrator and the first workspace of an empty installation."""

    name = forms.CharField(label=_("Your name"), max_length=100, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("You sign in with it."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Choose a password"),
        help_text=_("Ten characters or more: a short sentence is fine."),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    workspace_name = forms.CharField(
        label=_("Name of the workspace"),
        help_text=_("The organisation or brand that you answer for."),
        max_length=100,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, initial=settings.TIME_ZONE)

    def clean(self) -> dict[str, Any]:
        """Compare the password with the name and address beside it."""
        values = super().clean() or {}
        person = User(name=values.get("name", ""), email=values.get("email", ""))
        if values.get("password"):
            try:
                validate_password(values["password"], user=person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return values


class ProfileForm(forms.Form):
    """What a user tells of themselves, and how they like the screen."""

    name = forms.CharField(label=_("Name"), max_length=100, widget=forms.TextInput({"autocomplete": "name"}))
    signature = forms.CharField(
        label=_("Signature under public replies"),
        help_text=_("Appears as ^Name where a channel asks for it; left empty, it is your first name."),
        max_length=30,
        required=False,
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(label=_("Colours"), choices=Theme.choices, widget=forms.RadioSelect)

    def clean_signature(self) -> str:
        """Take the caret off: it is added when a reply is sent."""
        signature: str = self.cleaned_data["signature"].strip().removeprefix("^").strip()
        return signature


class KeysForm(forms.Form):
    """Which key starts which action; an emptied field goes back to the usual key."""

    single_keys = forms.BooleanField(
        label=_("Use single letters as shortcuts"),
        help_text=_("Off, only the combinations with Ctrl and Esc work."),
        required=False,
    )

    def __init__(self, *args: Any, changed: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = keys_of(changed)
        for group in GROUPS:
            for key in group.keys:
                if not key.fixed:
                    self.fields[key.action] = forms.CharField(
                        label=key.label,  # type: ignore[arg-type]  # django-stubs names its own kind of promise
                        required=False,
                        max_length=3,
                        initial=now[key.action],
                        widget=forms.TextInput(
                            {"class": "input", "size": 4, "autocomplete": "off", "spellcheck": "false"}
                        ),
                    )

    def clean(self) -> dict[str, Any]:
        """Refuse keys that cannot be typed, and one key for two actions."""
        values = super().clean() or {}
        wanted = {action: values.get(action) or usual for action, usual in DEFAULTS.items()}
        for action, key in wanted.items():
            if not is_possible(key):
                self.add_error(action, _("Type one character, or two with a space between them."))
        for actions in clashes(wanted).values():
            for action in actions:
                self.add_error(action, _("This key starts something else already."))
        return values | {"keys": {action: key for action, key in wanted.items() if key != DEFAULTS[action]}}


class RightsForm(forms.Form):
    """What a member may do: their role, teams, and the sight of private posts."""

    role = forms.ChoiceField(label=_("Role"), choices=role_choices, widget=forms.RadioSelect, initial=Role.AGENT)
    teams = forms.MultipleChoiceField(
        label=_("Teams"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Agents see the cases of their teams."),
    )
    sees_private = forms.BooleanField(
        label=_("May read private posts"),
        help_text=_("Counts for analysts and partners; the others always may."),
        required=False,
    )
    needs_approval = forms.BooleanField(
        label=_("Replies need a colleague's approval"),
        help_text=_("What they write is proposed, and goes out once a colleague has approved it."),
        required=False,
    )

    def __init__(self, *args: Any, teams: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._teams = {str(team.pk): team for team in teams}
        self.fields["teams"].choices = [(pk, team.name) for pk, team in self._teams.items()]  # type: ignore[attr-defined]

    def chosen_teams(self) -> list[Team]:
        """Return the teams that were ticked."""
        return [self._teams[pk] for pk in self.cleaned_data["teams"]]


class InviteForm(RightsForm):
    """A new colleague."""

    name = forms.CharField(label=_("Name"), max_length=100, widget=forms.TextInput({"autocomplete": "off"}))
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput({"autocomplete": "off"}))
    field_order = ("name", "email", "role", "teams", "sees_private", "needs_approval")


class TeamForm(forms.Form):
    """The name of a team."""

    name = forms.CharField(label=_("Name of the team"), max_length=60)


class WorkspaceForm(forms.Form):
    """What a workspace is called, and the language and zone of its times."""

    name = forms.CharField(label=_("Name"), max_length=100)
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("For new colleagues and for what is sent out.")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
