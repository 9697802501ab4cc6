"""The one way in: everything that is to be known of a text."""

from luister.text.contract import Kind, Need, Reason, Sentiment, Understanding, Urgency
from luister.text.lessons import Lessons

VERSION = 1  # rises when texts are to be understood anew


def understand(
    text: str, *, title: str = "", lang: str = "", prior: str = "", lessons: Lessons | None = None
) -> Understanding:
    """Return what a text says.

    `lang` is the language where that is known already, `prior` the one that its channel is mostly written in; both
    ISO 639-1. `lessons` are what the corrections of a workspace taught.
    """
    is_question = "?" in text
    return Understanding(
        lang=lang or prior or "nl",
        sentiment=Sentiment.NEUTRAL,
        score=0.0,
        kinds=(Kind.QUESTION,) if is_question else (Kind.REMARK,),
        need=Need.ANSWER if is_question else Need.NONE,
        urgency=Urgency.NORMAL,
        neglected=False,
        wants_human=False,
        why={"question": (Reason("words", "?", 1.0),)} if is_question else {},
    )
