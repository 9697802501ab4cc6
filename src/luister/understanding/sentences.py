"""What is understood of posts, in words: as chips show it, and as menus offer it."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from luister.base.errors import Reason
from luister.text.contract import UNDETERMINED, Kind, Need, Personal, Sentiment, Urgency
from luister.text.reasons import REASONS
from luister.understanding.enums import Aspect

ASPECTS: Final[Mapping[str, Promise]] = {
    Aspect.SENTIMENT: _("Sentiment"),
    Aspect.KINDS: pgettext_lazy("of a post", "Kinds"),
    Aspect.NEED: _("What the writer wants"),
    Aspect.URGENCY: _("Urgency"),
    Aspect.NEGLECTED: _("Earlier contact"),
    Aspect.WANTS_HUMAN: _("A person to talk to"),
    Aspect.LANG: _("Language"),
}

WORDS: Final[Mapping[str, Mapping[str, Promise]]] = {
    Aspect.SENTIMENT: {
        Sentiment.POSITIVE: pgettext_lazy("sentiment", "Positive"),
        Sentiment.NEUTRAL: pgettext_lazy("sentiment", "Neutral"),
        Sentiment.NEGATIVE: pgettext_lazy("sentiment", "Negative"),
    },
    Aspect.KINDS: {
        Kind.QUESTION: pgettext_lazy("kind of post", "Question"),
        Kind.COMPLAINT: pgettext_lazy("kind of post", "Complaint"),
        Kind.COMPLIMENT: pgettext_lazy("kind of post", "Compliment"),
        Kind.REMARK: pgettext_lazy("kind of post", "Remark"),
        Kind.IDEA: pgettext_lazy("kind of post", "Idea"),
        Kind.ERROR: pgettext_lazy("kind of post", "Mistake about us"),
        Kind.CRISIS: pgettext_lazy("kind of post", "Crisis"),
        Kind.LEAD: pgettext_lazy("kind of post", "Chance to sell"),
        Kind.REQUEST: pgettext_lazy("kind of post", "Request"),
        Kind.THANKS: pgettext_lazy("kind of post", "Thanks"),
        Kind.SPAM: pgettext_lazy("kind of post", "Spam"),
    },
    Aspect.NEED: {
        Need.ANSWER: _("Wants an answer"),
        Need.REDRESS: _("Wants it put right"),
        Need.HEARING: _("Wants to be heard"),
        Need.WARNING: _("Warns others"),
        Need.NONE: _("Wants nothing of us"),
    },
    Aspect.URGENCY: {
        Urgency.HIGH: _("High urgency"),
        Urgency.NORMAL: _("Normal urgency"),
        Urgency.LOW: _("Low urgency"),
    },
    Aspect.NEGLECTED: {"yes": _("Asked before, no answer"), "no": _("No earlier contact without answer")},
    Aspect.WANTS_HUMAN: {"yes": _("Wants a person"), "no": _("Does not ask for a person")},
}

PERSONAL: Final[Mapping[str, Promise]] = {
    Personal.EMAIL: _("e-mail address"),
    Personal.PHONE: _("phone number"),
    Personal.IBAN: _("bank account number"),
    Personal.CARD: _("card number"),
    Personal.BSN: _("citizen service number"),
    Personal.ORDER: _("order number"),
    Personal.BOOKING: _("booking number"),
}

REFUSALS: Final[Mapping[str, Promise]] = {
    "correction.not_found": _("This post is not here for you, or not any more."),
    "correction.not_allowed": _("You may read what was understood, not correct it. Ask a colleague who answers."),
    "correction.no_such_value": _("That cannot be said of this post. Choose something from the list."),
    "topic.not_allowed": _("Topics and their rules are made by leads and administrators. Ask one of them."),
    "topic.not_found": _("This topic is not here for you, or not any more."),
    "topic.not_given": _("Someone took this topic off the post, or gave it again, since. Look at the post anew."),
    "topic.no_name": _("Give the topic a name."),
    "topic.name_taken": _("There is a topic “%(name)s” already. Choose another name, or change that one."),
    "topic.rule_asks_for": _(
        "A rule may not ask for “%(field)s:”, which a post has only once its rules were looked at. Leave it out."
    ),
    "learning.not_allowed": _("What is learned is decided by leads and administrators. Ask one of them."),
    "correction.not_in_force": _("Someone corrected this again since, or took it back already."),
}


def word(aspect: str, value: str) -> str:
    """Return what one value of an aspect is called; what a file said in words of its own stays as it is."""
    if aspect == Aspect.LANG:
        return language_name(value)
    return str(WORDS[aspect].get(value, value))


def language_name(code: str) -> str:
    """Return a language in the reader's own, with a capital."""
    if code == UNDETERMINED:
        return str(_("Another language, or none"))
    try:
        name = str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
    return name[:1].upper() + name[1:]


def all_aspects() -> str:
    """Return the heading above the list of aspects."""
    return str(_("What should be corrected?"))


def because(code: str, text: str) -> str:
    """Write a reason; one that this version no longer knows is the words that weighed."""
    return gettext(REASONS[code]).format(text=text) if code in REASONS else text


def refusal(reason: Reason) -> str:
    """Say why nothing was corrected."""
    return str(REFUSALS[reason.code]) % reason.values
