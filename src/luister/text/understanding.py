"""The one way in: everything that is to be known of a text."""

from dataclasses import replace

from luister.text.contract import UNDETERMINED, Kind, Need, Reason, Understanding, Urgency
from luister.text.judging import NEEDS, NEGLECTED, URGENCIES, WANTS_HUMAN, Judgement, judge
from luister.text.language import language
from luister.text.lessons import Lessons
from luister.text.model import LANGUAGES, model
from luister.text.near import fingerprint
from luister.text.personal import personal_data
from luister.text.phrases import key_phrases
from luister.text.tokens import Tokens, read, without_words
from luister.text.why import reasons

VERSION = 1  # rises when texts are to be understood anew


def understand(
    text: str, *, title: str = "", lang: str = "", prior: str = "", lessons: Lessons | None = None
) -> Understanding:
    """Return what a text says.

    `lang` is the language where that is known already, `prior` the one that its channel is mostly written in; both
    ISO 639-1. `lessons` are what the corrections of a workspace taught. Of what is neither Dutch nor English only
    emoji and question marks are judged.
    """
    tokens = read(text, title=title)
    because: tuple[Reason, ...] = (Reason("lang.known"),)
    if not lang:
        lang, because = language(tokens.words, prior=prior)
    judgement = _judged(tokens, lang, prior=prior, lessons=lessons)
    return Understanding(
        lang=lang,
        sentiment=judgement.sentiment,
        score=judgement.score,
        kinds=judgement.kinds,
        need=judgement.need,
        urgency=judgement.urgency,
        neglected=judgement.neglected,
        wants_human=judgement.wants_human,
        personal_data=personal_data(text),
        emotions=judgement.emotions,
        topics=judgement.topics,
        key_phrases=key_phrases(tokens.lower, lang=lang),
        fingerprint=fingerprint(tokens.words),
        explain=lambda: {"lang": because, **_why(judgement)},
    )


def _judged(tokens: Tokens, lang: str, *, prior: str, lessons: Lessons | None) -> Judgement:
    shifts = lessons.shifts if lessons else None
    if lang in LANGUAGES:
        return judge(tokens, model(lang), shifts)
    if lang == UNDETERMINED:
        return judge(tokens, model(prior if prior in LANGUAGES else LANGUAGES[0]), shifts)
    marks = without_words(tokens)
    is_question = any("?" in mark for mark in marks.raw)
    return replace(
        judge(marks, model("en")),
        kinds=(Kind.QUESTION if is_question else Kind.REMARK,),
        need=Need.ANSWER if is_question else Need.NONE,
        urgency=Urgency.NORMAL if is_question else Urgency.LOW,
    )


def _why(judgement: Judgement) -> dict[str, tuple[Reason, ...]]:
    heads = {kind.value: kind.value for kind in judgement.kinds}
    heads |= {"sentiment": judgement.sentiment, "need": NEEDS[judgement.need], "urgency": URGENCIES[judgement.urgency]}
    if judgement.neglected:
        heads[NEGLECTED] = NEGLECTED
    if judgement.wants_human:
        heads[WANTS_HUMAN] = WANTS_HUMAN
    why = dict(zip(heads, reasons(judgement, list(heads.values())), strict=True))
    if judgement.kinds == (Kind.REMARK,) and not any(reason.weight > 0 for reason in why[Kind.REMARK]):
        why[Kind.REMARK] = (Reason("nothing_else"),)
    return why
