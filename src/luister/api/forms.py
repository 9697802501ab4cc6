"""What a person chooses for a token; validates, never saves."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from luister.accounts.models import Membership
from luister.api.enums import READ, READ_ONLY, SCOPES, WRITE, Area

NEVER: Final = "never"
LIFETIMES: Final = {"30": _("30 days"), "90": _("90 days"), "365": _("one year"), NEVER: _("never")}


class TokenForm(forms.Form):
    """A name, as whom it acts, what it may be used for, and how long."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What it is for: the program that will use it."))
    member = forms.ChoiceField(
        label=_("Acts as"), help_text=_("What it does stands under this name, and it may never do more than they may.")
    )
    days = forms.ChoiceField(label=_("Works until"), choices=LIFETIMES.items(), initial="90")
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES],
        error_messages={"required": _("Choose what the token may be used for.")},
    )

    def __init__(self, *args: Any, members: Sequence[Membership], own: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._members = {str(member.pk): member for member in members}
        self.fields["member"].choices = [(pk, str(member.user)) for pk, member in self._members.items()]  # type: ignore[attr-defined]  # it is a ChoiceField
        self.initial.setdefault("member", str(own.pk))

    def areas(self) -> Iterator[tuple[str, Sequence[tuple[str, bool]]]]:
        """Yield each area with its scopes and whether they are chosen; what can only be read has one."""
        chosen = set(self["scopes"].value() or ())
        for area in Area:
            rights = (READ,) if area in READ_ONLY else (READ, WRITE)
            named = [f"{area.value}:{right}" for right in rights]
            yield str(area.label), [(scope, scope in chosen) for scope in named]

    def acts_as(self) -> Membership:
        """Return whom it was made for."""
        return self._members[self.cleaned_data["member"]]

    def expires_at(self, *, now: datetime) -> datetime | None:
        """Return when it stops working; None is never."""
        days = self.cleaned_data["days"]
        return now + timedelta(days=int(days)) if days != NEVER else None
