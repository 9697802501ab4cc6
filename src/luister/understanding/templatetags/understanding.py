"""The quiet row under a post that tells what was understood of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.translation import gettext as _

from luister.accounts.enums import Permission
from luister.text.contract import UNDETERMINED, Kind, Need, Sentiment, Urgency
from luister.understanding import sentences
from luister.understanding.enums import Aspect
from luister.understanding.queries.panel import words_of
from luister.understanding.queries.shown import Corrected, Shown

register = template.Library()

_FACES: Mapping[str, str] = {Sentiment.POSITIVE: "smile", Sentiment.NEUTRAL: "meh", Sentiment.NEGATIVE: "frown"}
_TONES: Mapping[str, str] = {
    Sentiment.POSITIVE: "ok",
    Sentiment.NEGATIVE: "danger",
    Kind.CRISIS: "danger",
    Urgency.HIGH: "warn",
}
_QUIET = {Sentiment.NEUTRAL, Kind.REMARK, Need.NONE, Urgency.NORMAL, Urgency.LOW, "no"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that is said of a post; `key` tells it from the others of its row."""

    key: str
    aspect: str
    text: str
    icon: str = ""
    tone: str = ""
    is_quiet: bool = False
    corrected: Corrected | None = None


@register.inclusion_tag("understanding/chips.html", takes_context=True)
def chips(context: RequestContext, shown: Shown | None, oob: bool = False) -> dict[str, Any]:
    """Draw what was understood of a post, and let who may correct it."""
    member = context["request"].member
    return {
        "request": context["request"],
        "shown": shown,
        "chips": list(_chips(shown, language=member.workspace.language)) if shown else [],
        "may_correct": bool(shown and shown.values) and member.may(Permission.CORRECT),
        "oob": oob,
    }


def _chips(shown: Shown, *, language: str) -> Iterator[Chip]:
    if not shown.values:  # what we or machines wrote
        return
    for aspect in (Aspect.SENTIMENT, Aspect.KINDS, Aspect.NEED, Aspect.URGENCY, Aspect.NEGLECTED, Aspect.WANTS_HUMAN):
        yield from _of_aspect(shown, aspect)
    code = str(shown.values[Aspect.LANG])
    if Aspect.LANG in shown.corrected or code not in {language, UNDETERMINED}:
        yield _chip(shown, Aspect.LANG, code, icon="language")
    if shown.personal_data:
        kinds = ", ".join(str(sentences.PERSONAL.get(kind, kind)) for kind in shown.personal_data)
        yield Chip("personal", "", _("Personal data: %(kinds)s") % {"kinds": kinds}, icon="lock")


_ICONS: Mapping[str, str] = {Aspect.URGENCY: "hourglass", Aspect.NEGLECTED: "retry", Aspect.WANTS_HUMAN: "user"}


def _of_aspect(shown: Shown, aspect: str) -> Iterator[Chip]:
    values = words_of(shown.values[aspect])
    for number, one in enumerate(values, start=1):
        is_default = one in _QUIET and aspect not in {Aspect.SENTIMENT, Aspect.KINDS}
        if one and (not is_default or aspect in shown.corrected):
            icon = _FACES.get(one, "meh") if aspect == Aspect.SENTIMENT else _ICONS.get(aspect, "")
            yield _chip(shown, aspect, one, icon=icon, is_last=number == len(values))


def _chip(shown: Shown, aspect: str, value: str, *, icon: str, is_last: bool = True) -> Chip:
    return Chip(
        key=f"{aspect}-{value}" if aspect == Aspect.KINDS else aspect,
        aspect=aspect,
        text=sentences.word(aspect, value),
        icon=icon,
        tone=_TONES.get(value, ""),
        is_quiet=value in _QUIET or aspect in {Aspect.LANG, Aspect.NEED},
        corrected=shown.corrected.get(aspect) if is_last else None,  # several kinds are one correction
    )
