"""The form of a topic; it validates, never saves."""

from typing import TypedDict

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from luister.query import QueryError, parse, sentence


class Wish(TypedDict):
    """What a topic is to be."""

    name: str
    query: str


class TopicForm(forms.Form):
    """A new topic, or changes of one."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("One or two words that colleagues know."))
    query = forms.CharField(label=_("Rule"), widget=forms.Textarea, required=False, strip=True)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as forms take them
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_name(self) -> str:
        """Keep single spaces."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean_query(self) -> str:
        """Refuse a rule that does not parse, or that would find everything."""
        text = str(self.cleaned_data["query"])
        if text:
            try:
                parse(text, standing=True)
            except QueryError as error:
                raise forms.ValidationError(sentence(error.reason, translate=gettext)) from None
        return text

    @property
    def wish(self) -> Wish:
        """What a valid form says."""
        return {"name": self.cleaned_data["name"], "query": self.cleaned_data["query"]}
