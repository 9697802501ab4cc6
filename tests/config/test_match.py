"""The match command: lines in, lines out, and what is wrong named with its line."""

import io
import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from rich.console import Console

from luister.config.cli import root
from luister.config.cli.match import _table
from luister.query import Explained
from luister.query.reasons import ERRORS

COMMAND = [sys.executable, "-m", "luister.config.cli", "match"]
QUERIES = [{"id": "suitcase", "query": "koffer*"}, {"id": "dutch", "query": "lang:nl -kwijt"}]
POSTS = [
    {"id": "1", "text": "Waar is mijn KÖFFER?", "lang": "nl"},
    {"id": "2", "text": "nothing", "lang": "en"},
    {"id": "3", "text": "koffers kwijt", "lang": "nl", "published_at": None, "unknown": 1},
]
FOUND = [{"id": "1", "queries": ["suitcase", "dutch"]}, {"id": "3", "queries": ["suitcase"]}]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write("queries", *QUERIES)
    write("posts", *POSTS)
    return tmp_path


def write(name: str, *lines: object) -> None:
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    Path(name).write_bytes(text.encode(errors="surrogateescape"))


def lines_of(text: str) -> list[object]:
    return [json.loads(line) for line in text.splitlines()]


def test_match_names_queries_in_their_order(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert root._run(["match", "queries", "posts"]) == 0

    out, err = capsys.readouterr()
    assert lines_of(out) == FOUND
    assert err == ""


def test_match_writes_to_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert root._run(["match", "queries", "posts", "--out", "found"]) == 0

    assert lines_of(Path("found").read_text()) == FOUND
    assert capsys.readouterr().out == ""


def test_match_infers_what_a_post_does_not_tell_and_a_query_asks_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        "queries",
        {"id": "sad dutch", "query": "lang:nl sentiment:negative"},
        {"id": "question", "query": "says:question NOT lang:nl"},
    )
    write(
        "posts",
        {"id": "told", "text": "Wat een prachtige dag op het station", "lang": "nl", "sentiment": "negative"},
        {"id": "inferred", "text": "Wat een waardeloze service, ik ben echt woedend over mijn kapotte koffer"},
        {"id": "asked", "text": "What time does the museum open on Sunday?"},
    )

    assert root._run(["match", "queries", "posts"]) == 0

    assert lines_of(capsys.readouterr().out) == [
        {"id": "told", "queries": ["sad dutch"]},
        {"id": "inferred", "queries": ["sad dutch"]},
        {"id": "asked", "queries": ["question"]},
    ]


@pytest.mark.parametrize("which", ["queries", "posts"])
def test_match_reads_standard_input(
    which: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(which).read_bytes())))

    assert root._run(["match", *["-" if name == which else name for name in ("queries", "posts")]]) == 0

    assert lines_of(capsys.readouterr().out) == FOUND


def test_match_reads_standard_input_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert root._run(["match", "-", "-"]) == 2

    assert "Only one of QUERIES and POSTS can be standard input." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "This line is not JSON, from character 2 on."),
        ("[1]", "This line is not a JSON object."),
        ("[" * 100_000, "This line is not a JSON object."),
        ("\udcff", "This line is not text in UTF-8."),
        ('{"id": "1", "text": "a", "rating": NaN}', "NaN is not JSON."),
        ({"text": "a"}, "“id” is missing."),
        ({"id": "1"}, "“text” is missing."),
        ({"id": "1", "text": None}, "“text” is missing."),
        ({"id": 1, "text": "a"}, "“id” has to be text."),
        *[
            ({"id": "1", "text": "a", name: 1}, f"“{name}” has to be text.")
            for name in ("title", "author", "author_name", "network", "url", "lang", "sentiment", "type")
        ],
        *[
            ({"id": "1", "text": "a", name: value}, f"“{name}” has to be a list of texts.")
            for name in ("links", "says", "topics", "labels")
            for value in ("a", [1])
        ],
        *[
            ({"id": "1", "text": "a", name: value}, f"“{name}” has to be a number.")
            for name in ("rating", "reach", "followers")
            for value in ("4", True)
        ],
        *[
            ({"id": "1", "text": "a", name: 1}, f"“{name}” has to be true or false.")
            for name in ("public", "inbound", "edited")
        ],
        *[
            ({"id": "1", "text": "a", "media": value}, "“media” has to be a whole number from 0 to 1,000,000.")
            for value in (-1, 1.5, "1", True)
        ],
        ('{"id": "1", "text": "a", "media": 1e999999999}', "“media” has to be a whole number from 0 to 1,000,000."),
        *[
            (
                {"id": "1", "text": "a", "published_at": value},
                "“published_at” has to be a moment such as 2026-01-31T09:30:00Z.",
            )
            for value in ("gisteren", "2026-02-30", 1, "0001-01-01T00:00:00+14:00")
        ],
    ],
)
def test_match_names_a_malformed_post_and_goes_on(
    line: object, reason: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("posts", "", line, *POSTS)

    assert root._run(["match", "queries", "posts"]) == 1

    out, err = capsys.readouterr()
    assert lines_of(out) == FOUND
    assert err == f"posts:2: {reason}\n"


def test_match_says_everything_that_is_wrong_with_queries(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("queries", {"id": "a", "query": "lang:nl tekst:x"}, "{}", {"id": "b", "query": "-a"}, QUERIES[0], QUERIES[0])

    assert root._run(["match", "queries", "posts", "--out", "found"]) == 2

    assert not Path("found").exists()
    assert capsys.readouterr().err.splitlines() == [
        f"queries:1: query “a”, character 9: {ERRORS['query.unknown_field'].format(field='tekst', nearest='text')}",
        "queries:2: “id” is missing.",
        f"queries:3: query “b”, character 1: {ERRORS['query.wordless']}",
        "queries:5: The query “suitcase” stands on line 4 already.",
    ]


@pytest.mark.parametrize("names", [["nowhere", "posts"], ["queries", "nowhere"], ["queries", "."]])
def test_match_cannot_read_a_file(names: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert root._run(["match", *names]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"Error: {names[0] if names[0] == 'nowhere' else names[1]}: ")


def test_match_does_not_write_over_its_posts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert root._run(["match", "queries", "posts", "--out", "./posts"]) == 2

    assert lines_of(Path("posts").read_text()) == POSTS


def test_match_shows_progress_on_a_terminal_and_results_where_they_belong(folder: Path) -> None:
    write("posts", *POSTS * 300)
    ours, theirs = pty.openpty()

    done = subprocess.run([*COMMAND, "queries", "posts"], stdout=subprocess.PIPE, stderr=theirs, check=True, text=True)

    os.close(theirs)
    shown = read_all(ours).decode()
    os.close(ours)
    assert lines_of(done.stdout) == FOUND * 300
    assert "Matching" in shown


def read_all(terminal: int) -> bytes:
    """Read what was shown on a terminal that nobody writes to any more."""
    shown = b""
    with suppress(OSError):  # how Linux says that it is at its end
        while piece := os.read(terminal, 65_536):
            shown += piece
    return shown


def test_match_on_one_terminal_keeps_lines_apart_from_the_bar(folder: Path) -> None:
    write("posts", "{}", *POSTS)
    ours, theirs = pty.openpty()

    subprocess.run([*COMMAND, "queries", "posts"], stdout=theirs, stderr=theirs, check=False)

    os.close(theirs)
    shown = read_all(ours).decode()
    os.close(ours)
    lines = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).rpartition("\r")[2] for line in shown.split("\r\n")]
    assert [line for line in lines if line[:1] in ("p", "{")] == [
        "posts:1: “id” is missing.", *(json.dumps(found) for found in FOUND)
    ]  # fmt: skip


def test_match_streams(folder: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "queries", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(POSTS[0]) + "\n")

    assert json.loads(process.stdout.readline()) == FOUND[0]  # while its input is still open

    process.stdin.close()
    process.stdout.close()
    assert process.wait() == 0


def test_match_ends_quietly_when_nobody_listens_any_more(folder: Path) -> None:
    write("posts", *POSTS * 5000)

    process = subprocess.Popen([*COMMAND, "queries", "posts"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait() == 1
    process.stderr.close()


def test_match_explains_where_each_query_waits(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("queries", {"id": "suitcase", "query": "de koffer*"}, {"id": "any", "query": "rating:<3"})
    write("posts", {"id": "1", "text": "koffers"}, {"id": "2", "text": "de koffer"}, {"id": "3", "text": "bus"})

    assert root._run(["match", "queries", "posts", "--explain"]) == 0

    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert [list(line.values())[:-1] for line in lines] == [["suitcase", ["koffer*"], 2, 1], ["any", None, 3, 0]]
    assert all(line["microseconds"] >= 0 for line in lines)
    assert err == "Held against every post, for want of an anchor (1): any.\n"


def test_table_of_what_queries_cost_loses_nothing_on_a_narrow_terminal() -> None:
    words = [f"woord{number}" for number in range(12)]
    console = Console(width=40, record=True, file=io.StringIO())

    console.print(_table([Explained("een-lange-naam-van-een-query", words, 487, 72, 1_053_838.0)]))

    shown = "".join(console.export_text().split())
    assert {figure for figure in ("487", "72", "1,053,838", "…") if figure in shown} == {"487", "72", "1,053,838"}
    assert "and6more" in shown
