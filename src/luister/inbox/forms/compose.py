"""What is written in the composer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from luister.inbox.enums import Activity, Mode, ReplyEffect

LONGEST = 200_000  # characters; a network's own limit is checked by the action


class NoteForm(forms.Form):
    """An internal note; `client_id` is the same in every try to send it."""

    text = forms.CharField(required=False, max_length=LONGEST, label=_("Internal note"))
    client_id = forms.UUIDField()


class ReplyForm(NoteForm):
    """A reply: where it appears, what becomes of the case, and what its writer had seen."""

    is_public = forms.BooleanField(required=False)
    effect = forms.ChoiceField(choices=ReplyEffect)
    seen_version = forms.IntegerField(min_value=0)
    anyway = forms.BooleanField(required=False)


class DraftForm(forms.Form):
    """What stands in the composer right now."""

    mode = forms.ChoiceField(choices=Mode)
    text = forms.CharField(required=False, max_length=LONGEST, strip=False)
    is_public = forms.NullBooleanField(required=False)


class PresenceForm(forms.Form):
    """What someone does on a case; "gone" when they left it."""

    activity = forms.ChoiceField(choices=[*Activity.choices, ("gone", "gone")])


class JudgeForm(forms.Form):
    """What a colleague thinks of a proposed reply, and why."""

    decision = forms.ChoiceField(choices=[("approve", "approve"), ("send_back", "send_back")])
    why = forms.CharField(required=False, max_length=500)


class DecisionForm(forms.Form):
    """What a person found out about a reply of which nobody knew."""

    decision = forms.ChoiceField(choices=[("sent", "sent"), ("again", "again"), ("give_up", "give_up")])
