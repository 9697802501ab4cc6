"""Sentences in the reader's language, from a reason or a code and its values."""

from collections.abc import Callable

from luister.base.errors import Reason
from luister.query.reasons import REASONS

Translate = Callable[[str], str]  # as gettext: from the English text to the reader's


def sentence(reason: Reason, *, translate: Translate = str) -> str:
    """Return what is wrong with a query, and what to do about it."""
    return translate(REASONS[reason.code]).format_map(reason.values)
