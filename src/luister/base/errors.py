"""The roots of Luister's errors; specific ones live beside the code that raises them.

LuisterError
├── SentenceError          has a Reason: a code and its values, from which the interface makes a sentence
│   ├── ConnectorError     a network refused, or could not be reached, while reading or checking
│   ├── NotSentError       a send that certainly did not happen
│   └── UnprocessableError a raw item that cannot be made into posts
├── UnknownOutcomeError    a send of which nobody knows whether it happened
└── (errors of single packages)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


class LuisterError(Exception):
    """Root of every error that Luister raises on purpose."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is as it is: a stable code and the values its sentence needs.

    The sentence itself is made where the reader's language is known (`luister.delivery.queries.sentence`).
    """

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


class SentenceError(LuisterError):
    """An error that a person reads; its reason is turned into a sentence in their language."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(f"{code} {values}" if values else code)
        self.reason = Reason(code, values)


class ConnectorError(SentenceError):
    """A network refused or could not be reached while reading or checking.

    `retry_after` is set where the network said when to come back; `needs_attention` where only a
    person can mend it (a password that expired, a folder that is gone); `permanent` where asking again is no use.
    """

    def __init__(
        self,
        code: str,
        *,
        needs_attention: bool = False,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        **values: str,
    ) -> None:
        super().__init__(code, **values)
        self.needs_attention = needs_attention
        self.permanent = permanent
        self.retry_after = retry_after


class NotSentError(SentenceError):
    """A send that certainly did not happen.

    `permanent` means that trying again gives the same answer; `needs_attention` that the channel has to be
    mended first; `retry_after` is what the network asked for.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool = False,
        needs_attention: bool = False,
        retry_after: timedelta | None = None,
        **values: str,
    ) -> None:
        super().__init__(code, **values)
        self.permanent = permanent
        self.needs_attention = needs_attention
        self.retry_after = retry_after


class UnknownOutcomeError(LuisterError):
    """A send of which nobody knows whether it happened: a time-out, a reset, a 5xx, an unreadable answer."""


class UnprocessableError(SentenceError):
    """A raw item that cannot be made into posts; it is kept in the bin and can be processed again."""
