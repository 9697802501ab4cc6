"""What is said about monitors: refusals, names of languages, and examples to begin with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from luister.base.errors import Reason

MOST_NAMED = 6  # words of an anchor
REFUSALS: Final[Mapping[str, str | Promise]] = {
    "monitor.not_found": _("This monitor is not here for you, or not any more."),
    "monitor.not_yours": _("Only who made this monitor, and leads, may change it. Make one of your own beside it."),
    "monitor.not_shared": _("You can have monitors of your own; colleagues who answer customers can share theirs."),
    "monitor.no_team": _("Choose a team of this workspace to share it with."),
    "case.not_found": _("You may not work on cases, or this one is not here for you any more."),
    "case.of_our_own_post": _("We wrote this ourselves: there is nobody to answer."),
    "undo.too_late": _("It is too late to undo this."),
    "undo.changed_since": _("Someone worked on the case since; open it to go on there."),
    "mention.not_found": _("This mention is not here for you, or not any more."),
}


@dataclass(frozen=True, slots=True)
class Example:
    """A monitor to begin with: what it is for, and a query in which the own words are put."""

    key: str
    icon: str
    heading: str | Promise
    about: str | Promise
    name: str | Promise
    query: str | Promise


EXAMPLES: Final = (
    Example(
        "brand",
        "building",
        _("Your name"),
        _("How people write it when they do not write to you: nicknames, typing errors, the hashtag."),
        _("Our name"),
        _('zuiderveld OR "station zuid" OR #zuiderveld'),
    ),
    Example(
        "campaign",
        "star",
        _("A campaign or event"),
        _("Its slogan and hashtag, close to the words that tell it from others."),
        _("Summer campaign"),
        _('#zomervanzuid OR (zomer NEAR/5 "zuiderveld")'),
    ),
    Example(
        "people",
        "user",
        _("People and places"),
        _("Directors, speakers, names of buildings and services."),
        _("People and places"),
        _('"pim de vries" OR (directeur NEAR/5 zuiderveld)'),
    ),
    Example(
        "competitor",
        "users",
        _("A competitor"),
        _("What is said of others in your field, and what goes wrong there."),
        _("Competitor"),
        _("(concurrent OR @concurrent) (klacht* OR storing* OR vertrag*)"),
    ),
)


def refusal(reason: Reason) -> str:
    """Say why something was not done."""
    return str(REFUSALS[reason.code])


def waits_at(words: Sequence[str] | None) -> str:
    """Say which posts a query with these words for an anchor looks at; None is a query without one."""
    if words is None:
        return gettext(
            "This query names nothing that has to be in a post it finds: no word, hashtag, name or network. "
            "So it is held against every post that comes in, which slows listening down. "
            "Better: add a word that has to be there."
        )
    if len(words) > MOST_NAMED:
        shown = ", ".join(words[:MOST_NAMED])
        return gettext("Looks only at posts with one of: %(words)s and %(count)d more.") % {
            "words": shown,
            "count": len(words) - MOST_NAMED,
        }
    if len(words) == 1:
        return gettext("Looks only at posts with %(word)s.") % {"word": words[0]}
    return gettext("Looks only at posts with one of: %(words)s.") % {"words": ", ".join(words)}


def example(key: str) -> Example | None:
    """Return the example of this name."""
    return next((one for one in EXAMPLES if one.key == key), None)
