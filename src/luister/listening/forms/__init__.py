"""Forms of monitors, and in `sources` of sources; they validate, never save."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from luister.accounts.models import Team
from luister.listening.enums import MentionState, Sharing
from luister.listening.models import Monitor
from luister.listening.queries.mentions import Filters
from luister.query import QueryError, anchor_words, parse, sentence

EVERYTHING = "all"
DAYS = (
    ("7", _("the last week")),
    ("30", _("the last month")),
    ("90", _("the last three months")),
    ("365", _("the last year")),
    (EVERYTHING, _("everything that is stored")),
)


class MonitorForm(forms.Form):
    """A new monitor, or changes of one; the query's mistake is kept in `query_error`, with its place."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("How you and colleagues know it."))
    query = forms.CharField(label=_("What to listen for"), widget=forms.Textarea, required=False, strip=True)
    sharing = forms.ChoiceField(label=_("Who sees it"), choices=Sharing.choices, initial=Sharing.ALL)
    team = forms.ChoiceField(label=_("Team"), required=False)
    look_back = forms.ChoiceField(label=pgettext_lazy("monitor", "Look back over"), choices=DAYS, initial="30")

    def __init__(
        self,
        *args: Any,
        teams: Sequence[Team],
        may_share: bool,
        monitor: Monitor | None = None,
        initial: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if monitor is not None:
            team = str(monitor.team_id or "")
            kept = {"name": monitor.name, "query": monitor.query, "sharing": monitor.sharing, "team": team}
            initial = {**kept, **(initial or {})}
        kwargs["initial"] = dict(initial or {})
        super().__init__(*args, **kwargs)
        self.query_error: QueryError | None = None
        self._teams = {str(team.pk): team for team in teams}
        choices = [("", _("Choose a team")), *((pk, team.name) for pk, team in self._teams.items())]
        self.fields["team"].choices = choices  # type: ignore[attr-defined]  # it is a ChoiceField
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        is_shared = monitor is not None and monitor.sharing != Sharing.OWN
        if not (may_share or is_shared):
            del self.fields["sharing"], self.fields["team"]
        elif not self._teams:
            without = [choice for choice in Sharing.choices if choice[0] != Sharing.TEAM]
            self.fields["sharing"].choices = without  # type: ignore[attr-defined]  # it is a ChoiceField
            del self.fields["team"]

    def clean_query(self) -> str:
        """Refuse a query that does not parse, or that would find everything."""
        text = str(self.cleaned_data["query"])
        try:
            parse(text, standing=True)
        except QueryError as error:
            self.query_error = error
            raise forms.ValidationError(sentence(error.reason, translate=gettext)) from None
        return text

    def clean(self) -> dict[str, Any]:
        """Ask for the team of what is shared with one, and once whether a query is to be held against every post.

        `told` is the query of which the page has said so: saved again, it is meant.
        """
        cleaned = self.cleaned_data
        query = cleaned.get("query")
        if query and anchor_words(parse(query, standing=True)) is None and self.data.get("told") != query:
            self.add_error(
                None, _("The query is held against every post, as the warning says. Save again to have it so.")
            )
        if cleaned.get("sharing") == Sharing.TEAM and not cleaned.get("team"):
            self.add_error("team", _("Choose the team that sees it."))
        return cleaned

    @property
    def chosen_sharing(self) -> Sharing:
        """With whom a valid form shares it."""
        return Sharing(self.cleaned_data.get("sharing") or Sharing.OWN)

    @property
    def chosen_team(self) -> Team | None:
        """The team that a valid form names."""
        return self._teams.get(self.cleaned_data.get("team", ""))

    @property
    def days(self) -> int | None:
        """How far a valid form looks back; None for everything."""
        chosen = self.cleaned_data["look_back"]
        return None if chosen == EVERYTHING else int(chosen)


class FilterForm(forms.Form):
    """The query string of a stream; what makes no sense is left out rather than refused."""

    state = forms.ChoiceField(required=False, choices=[("", ""), *MentionState.choices])
    network = forms.CharField(required=False, max_length=30)
    lang = forms.RegexField(r"^[a-z]{2,8}$", required=False)


def filters_of(query: QueryDict) -> Filters:
    """Return what narrows the stream that an address asks for; without a word, what nobody has handled yet."""
    form = FilterForm(query)
    form.is_valid()
    found = form.cleaned_data
    return Filters(found.get("state") or "", found.get("network") or "", found.get("lang") or "")
