"""What is new in a mail, and what it repeats: quoted mails and signatures are folded away, nothing is lost."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from luister.connectors.email.quote_marks import (
    attribution_length,
    is_forward_mark,
    is_header_block,
    is_mobile_signature,
    is_quote,
    is_separator,
    is_signature_mark,
)

MAX_SIGNATURE_LINES = 25
MAX_DASHES_LINES = 12  # below "--" without its space, which people also type as a divider
LONG_LINE = 60  # a quoted line at least this long may have been wrapped on its way

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A mail's new text and the rest of it; `interleaved` when answers stand between quoted lines."""

    text: str
    quoted: str = ""
    interleaved: bool = False


def split_quoted(text: str, *, is_reply: bool, is_forward: bool = False) -> Quoted:
    """Return the new text of a mail apart from what it quotes.

    A mail that is no reply (`is_reply`) keeps its text when nothing would be left; one that was passed on
    (`is_forward`) keeps what was passed on, because nobody here has read it.
    """
    lines = _INVISIBLE.sub("", text).split("\n")
    folded = _quoted_lines(lines, is_forward=is_forward)
    interleaved = _is_interleaved(lines, folded)
    first = folded.index(True) if True in folded else len(lines)
    _fold_signatures(lines, folded)
    shown = _tidy("\n".join(lines[start:end]) for start, end in _runs(folded, value=False))
    if not shown and not is_reply:
        return Quoted(_tidy(["\n".join(lines)]))
    if interleaved:
        return Quoted(shown, _tidy(["\n".join(lines[first:])]), interleaved=True)
    return Quoted(shown, _tidy("\n".join(lines[start:end]) for start, end in _runs(folded, value=True)))


def _quoted_lines(lines: list[str], *, is_forward: bool) -> list[bool]:
    """Return for each line whether it is quoted."""
    folded = [False] * len(lines)
    index = 0
    while index < len(lines):
        if is_quote(lines[index]) or _is_wrapped_quote(lines, index):
            folded[index] = True
            index += 1
        elif not lines[index].strip():
            index += 1
        elif is_forward_mark(lines[index]) and True not in folded:
            break
        elif is_separator(lines, index) or is_header_block(lines, index):
            if not is_forward or True in folded:
                folded[index:] = [True] * (len(lines) - index)
            break
        elif count := attribution_length(lines, index):
            following = next((line for line in lines[index + count :] if line.strip()), "")
            end = index + count if is_quote(following) else len(lines)
            folded[index:end] = [True] * (end - index)
            index = end
        else:
            index += 1
    return folded


def _is_wrapped_quote(lines: list[str], index: int) -> bool:
    """A long quoted line that was broken leaves its end without a mark, between two that have one."""
    return (
        0 < index < len(lines) - 1
        and bool(lines[index].strip())
        and is_quote(lines[index - 1])
        and is_quote(lines[index + 1])
        and len(lines[index - 1]) >= LONG_LINE
        and bool(lines[index + 1].strip("> \t"))
    )


def _is_interleaved(lines: list[str], folded: list[bool]) -> bool:
    runs = [run for run in _runs(folded, value=False) if any(line.strip() for line in lines[run[0] : run[1]])]
    if True not in folded:
        return False
    first = folded.index(True)
    last = len(folded) - 1 - folded[::-1].index(True)
    return any(first < start and end <= last for start, end in runs)


def _fold_signatures(lines: list[str], folded: list[bool]) -> None:
    for start, end in list(_runs(folded, value=False)):
        mark = next((i for i in range(start, end) if is_signature_mark(lines[i])), None)
        if mark is not None:
            limit = MAX_SIGNATURE_LINES if lines[mark] == "-- " else MAX_DASHES_LINES
            if end - mark - 1 <= limit:
                folded[mark:end] = [True] * (end - mark)
                end = mark
        while end > start and (not lines[end - 1].strip() or is_mobile_signature(lines[end - 1])):
            end -= 1
            folded[end] = True


def _runs(folded: list[bool], *, value: bool) -> Iterator[tuple[int, int]]:
    """Yield start and end of each stretch of lines that are folded, or are not."""
    start = 0
    for index in range(1, len(folded) + 1):
        if index == len(folded) or folded[index] != folded[start]:
            if folded[start] == value:
                yield start, index
            start = index


def _tidy(stretches: Iterator[str] | list[str]) -> str:
    """Join stretches of lines by an empty line, without spaces at line ends and more than two empty lines."""
    kept = [stretch.strip("\n") for stretch in stretches if stretch.strip()]
    text = "\n".join(line.rstrip() for line in "\n\n".join(kept).split("\n"))
    return re.sub(r"\n{4,}", "\n\n\n", text).strip()
