"""The corpus of quoted mails: what stays new text, in Dutch and English, and that nothing is lost."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from luister.connectors.email.quotes import split_quoted

FOLDER = Path(__file__).parent / "fixtures" / "quotes"


@dataclass
class Case:
    name: str
    body: str = ""
    new: str = ""
    is_reply: bool = True
    is_forward: bool = False
    interleaved: bool = False


def read_cases() -> list[Case]:
    """Read `%%% name`, the body, marks, `%%% new` and the text that is expected, from each file."""
    cases: list[Case] = []
    for path in sorted(FOLDER.glob("*.txt")):
        part = "body"
        for line in path.read_text("utf-8").split("\n"):
            word = line.removeprefix("%%% ") if line.startswith("%%% ") else None
            if word == "new":
                part = "new"
            elif word == "forward":
                cases[-1].is_forward = True
            elif word == "fresh":
                cases[-1].is_reply = False
            elif word == "interleaved":
                cases[-1].interleaved = True
            elif word is not None and word != "reply":
                cases.append(Case(word))
                part = "body"
            elif word is None and cases:
                setattr(cases[-1], part, getattr(cases[-1], part) + line + "\n")
    return cases


CASES = read_cases()


def test_corpus_is_large_enough() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_split_quoted_corpus(case: Case) -> None:
    split = split_quoted(case.body, is_reply=case.is_reply, is_forward=case.is_forward)

    assert split.text == case.new.strip()
    assert split.interleaved == case.interleaved


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_split_quoted_loses_no_line(case: Case) -> None:
    split = split_quoted(case.body, is_reply=case.is_reply, is_forward=case.is_forward)

    kept = {line.strip() for line in f"{split.text}\n{split.quoted}".split("\n")}
    assert {line.strip().replace("\ufeff", "") for line in case.body.split("\n")} - kept <= {""}


def test_split_quoted_is_quick_on_lines_that_almost_match() -> None:
    hostile = "Op 3 nov om 10:12 schreef\n" * 6_000 + "Van: a@b\n\n" * 6_000 + "> " * 30_000

    assert split_quoted(hostile, is_reply=True).quoted
