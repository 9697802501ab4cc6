"""What is chosen for a file; validates, never saves."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from luister.imports.mapping import Options, Target
from luister.imports.reading.contract import Format
from luister.imports.sentences import FIELDS, NETWORKS

COLUMN = "column-"


class FileForm(forms.Form):
    """A file to import."""

    file = forms.FileField(label=_("File"), allow_empty_file=True)


class ChoicesForm(forms.Form):
    """What the columns are, and how to import."""

    brand = forms.CharField(
        label=_("Brand"),
        max_length=200,
        required=False,
        help_text=_("Whose posts these are, where the file does not say so. Each brand becomes a channel."),
    )
    network = forms.ChoiceField(
        label=_("Network"), choices=NETWORKS, help_text=_("Where this was said, where the file does not say so.")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Of times that do not tell theirs."))
    day_first = forms.TypedChoiceField(
        label=_("Dates"),
        choices=[("yes", _("day first: 31-01-2026")), ("no", _("month first: 01/31/2026"))],
        coerce=lambda value: value == "yes",
    )
    is_public = forms.TypedChoiceField(
        label=_("Who could read it"),
        choices=[("yes", _("everyone: public")), ("no", _("only they and we: private"))],
        coerce=lambda value: value == "yes",
    )
    as_open = forms.TypedChoiceField(
        label=_("What nobody answered"),
        choices=[("no", _("is history: the cases are completed")), ("yes", _("is work: the cases are open"))],
        coerce=lambda value: value == "yes",
    )

    def __init__(
        self, *args: Any, columns: Sequence[str], format: Format, mapping: Mapping[str, str], options: Options,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self._columns, self._options = columns, options
        self.fields["time_zone"].choices = [(zone, zone) for zone in sorted(available_timezones())]  # type: ignore[attr-defined]  # it is a ChoiceField
        if options.network not in dict(NETWORKS):
            self.fields["network"].choices = [*NETWORKS, (options.network, options.network)]  # type: ignore[attr-defined]
        if format == Format.MBOX:
            for name in ("network", "time_zone", "day_first", "is_public"):
                del self.fields[name]
            self.fields["brand"].label = _("Our address")
            self.fields["brand"].help_text = _("Mails from this address are ours; the others are our customers'.")
        for number, column in enumerate(columns):
            self.fields[f"{COLUMN}{number}"] = forms.ChoiceField(
                label=column, required=False, choices=[("", _("– leave out –")), *FIELDS.items()]
            )
            self.initial[f"{COLUMN}{number}"] = mapping.get(column, "")
        for name in ("day_first", "is_public", "as_open"):
            self.initial[name] = "yes" if getattr(options, name) else "no"
        for name in ("brand", "network", "time_zone"):
            self.initial[name] = getattr(options, name)

    def column_fields(self) -> list[BoundField]:
        """Return the choice of each column, in the file's order."""
        return [self[f"{COLUMN}{number}"] for number in range(len(self._columns))]

    def option_fields(self) -> list[BoundField]:
        """Return what is chosen beside the columns."""
        return [field for field in self if not field.name.startswith(COLUMN)]

    def mapping(self) -> dict[str, str]:
        """Return column → field."""
        chosen = {column: self.cleaned_data[f"{COLUMN}{number}"] for number, column in enumerate(self._columns)}
        return {column: Target(target).value for column, target in chosen.items() if target}

    def options(self) -> Options:
        """Return what was chosen beside the columns; what this form does not ask stays."""
        values = self.cleaned_data
        kept = self._options
        return Options(
            brand=values["brand"].strip(),
            network=values.get("network", kept.network),
            time_zone=values.get("time_zone", kept.time_zone),
            day_first=values.get("day_first", kept.day_first),
            is_public=values.get("is_public", kept.is_public),
            as_open=values["as_open"],
            layout=kept.layout,
        )
