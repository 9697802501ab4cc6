"""What a saved view is called, and for whom it is."""

from django import forms
from django.utils.translation import gettext_lazy as _

from luister.inbox.enums import Audience


class SavedViewForm(forms.Form):
    """A name and an audience: `me`, `all`, or `team-` with its id."""

    name = forms.CharField(max_length=60, label=_("Name"))
    audience = forms.RegexField(r"^(me|all|team-[0-9]{1,9})$", required=False)
    query = forms.CharField(required=False, max_length=20_000, strip=True)

    def shared_with(self) -> tuple[Audience, int | None]:
        """Return the audience, and of a team its id."""
        audience, _dash, team_id = (self.cleaned_data["audience"] or Audience.ME).partition("-")
        return Audience(audience), int(team_id) if team_id else None
