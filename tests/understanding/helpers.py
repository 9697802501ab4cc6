"""A machine that says what a test wants, so that these tests hold whatever the real one thinks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock

from luister.text.contract import Kind, Need, Reason, Sentiment, Understanding, Urgency

COMPLAINT = Understanding(
    lang="nl",
    sentiment=Sentiment.NEGATIVE,
    score=-0.8,
    kinds=(Kind.COMPLAINT,),
    need=Need.REDRESS,
    urgency=Urgency.NORMAL,
    neglected=False,
    wants_human=False,
    explain=lambda: {"sentiment": (Reason("words", "kapot", 0.8), Reason("words", "fijn", -0.2))},
)


@dataclass
class Machine:
    """Says the same of every text, but what `by_text` says otherwise; keeps what it was asked."""

    says: Understanding = COMPLAINT
    by_text: dict[str, Understanding] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, text: str, **known: Any) -> Understanding:
        """Say what a text says."""
        self.asked.append({"text": text, **known})
        found = self.by_text.get(text, self.says)
        return replace(found, lang=known["lang"]) if known.get("lang") else found

    def changes(self, **fields: Any) -> None:
        """Say something else from now on."""
        self.says = replace(self.says, **fields)


@contextmanager
def a_machine() -> Iterator[Machine]:
    """Have posts understood by a machine of the test's own."""
    machine = Machine()
    ours: Callable[..., Understanding] = machine
    with mock.patch("luister.understanding.actions.understanding.understand", ours):
        yield machine
