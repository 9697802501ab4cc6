"""The understand command: a line for every post, and what is wrong named with its line."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from luister.config.cli import root

POSTS = [
    {"id": "1", "text": "Al 3x gemaild over mijn kapotte wasmachine, nooit antwoord! Bel me op 06-12345678"},
    {"id": "2", "text": "Lovely staff and great coffee, thank you so much!", "unknown": 1},
    {"id": "3", "text": ""},
    {"id": "4", "text": "top", "lang": "de"},
]
FIELDS = {
    "id", "lang", "sentiment", "score", "kinds", "need", "urgency", "neglected", "wants_human", "personal_data", "why",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("posts").write_text("".join(f"{json.dumps(post)}\n" for post in POSTS))
    return tmp_path


def lines_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_understand_writes_a_line_for_every_post(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert root._run(["understand", "posts"]) == 0

    found = lines_of(capsys.readouterr().out)
    assert [line["id"] for line in found] == ["1", "2", "3", "4"]
    assert all(set(line) == FIELDS for line in found)
    assert [line["lang"] for line in found] == ["nl", "en", "und", "de"]
    assert (found[0]["sentiment"], found[0]["neglected"], found[0]["kinds"][0]) == ("negative", True, "complaint")
    assert found[0]["score"] < 0 < found[1]["score"]
    assert found[0]["personal_data"] == [{"kind": "phone", "start": 70, "end": 81}]
    assert found[0]["why"]["neglected"]


def test_understand_writes_to_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert root._run(["understand", "posts", "--out", "said"]) == 0

    assert len(lines_of(Path("said").read_text())) == len(POSTS)
    assert capsys.readouterr().out == ""


def test_understand_reads_standard_input(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(Path("posts").read_bytes())))

    assert root._run(["understand", "-"]) == 0
    assert len(lines_of(capsys.readouterr().out)) == len(POSTS)


def test_the_prior_decides_what_is_too_short_to_tell(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("posts").write_text('{"id": "1", "text": "top"}\n')

    assert root._run(["understand", "posts", "--prior", "nl"]) == 0
    assert lines_of(capsys.readouterr().out)[0]["lang"] == "nl"


def test_a_prior_that_is_no_language(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert root._run(["understand", "posts", "--prior", "dutch"]) == 2
    assert "“dutch” is no language that is recognised. Choose one of: ar, " in capsys.readouterr().err


def test_understand_names_malformed_lines_and_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("posts").write_bytes(b'\n{"id": 1, "text": "a"}\n{"id": "2"}\n\xff\n[]\n{"id": "5", "text": "hoi"}\n')

    assert root._run(["understand", "posts"]) == 1

    out, err = capsys.readouterr()
    assert [line["id"] for line in lines_of(out)] == ["5"]
    assert [line.split(": ")[0] for line in err.splitlines()] == ["posts:2", "posts:3", "posts:4", "posts:5"]
    assert err.splitlines()[1] == "posts:3: “text” is missing."


def test_a_file_that_is_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert root._run(["understand", "nothing"]) == 2
    assert capsys.readouterr().err == "Error: nothing: No such file or directory.\n"


def test_out_must_be_another_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert root._run(["understand", "posts", "--out", "posts"]) == 2
    assert "--out names the file with the posts" in capsys.readouterr().err
    assert len(Path("posts").read_text().splitlines()) == len(POSTS)


def test_understand_ends_quietly_when_nobody_listens(folder: Path) -> None:
    Path("posts").write_text('{"id": "1", "text": "hoi"}\n' * 3000)
    command = [sys.executable, "-m", "luister.config.cli", "understand", "posts"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def test_understanding_needs_neither_django_nor_scikit_learn() -> None:
    code = (
        "import sys, luister.text; luister.text.understand('hoi'); "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'django', 'sklearn', 'scipy', 'requests'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
