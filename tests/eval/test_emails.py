"""The evaluation on mails: what it reads, counts and skips."""

import io
import tarfile
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.emails import read_mails, run
from eval.figures import MissingDataError

MAIL = b"From: jan@customer.example\nSubject: Vraag\n\nHallo\n"
FILES = {
    "a/one.eml": MAIL,
    "a/two.box": b"From jan Tue Nov  3 2026\n" + MAIL + b"\nFrom jan Tue Nov  3 2026\n" + MAIL,
    "a/three": MAIL,
    "a/four": b"just words",
    "a/five.txt": MAIL,
    "a/six.eml": b"",
    "a/seven.eml": b"Auto-Submitted: auto-replied\n" + MAIL,
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "emails").mkdir()
    with tarfile.open(tmp_path / "emails" / "mails.tar.gz", "w:gz") as tar:
        for name, content in FILES.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return tmp_path


def test_read_mails_of_an_archive(data: Path) -> None:
    assert [name for name, _ in read_mails(data)] == [
        "a/one.eml",
        "a/two.box#0",
        "a/two.box#1",
        "a/three",
        "a/six.eml",
        "a/seven.eml",
    ]


def test_run_counts_what_became_of_mails(data: Path) -> None:
    figures = {figure.name.strip(): figure.value for figure in run(data)}

    assert figures["mails"] == "6"
    assert (figures["posts"], figures["written by a person"], figures["auto_reply"]) == ("5", "4", "1")
    assert (figures["in the bin"], figures["mail.empty"], figures["raised something else"]) == ("1", "1", "0")


def test_run_without_data(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError):
        run(tmp_path)


def test_main_says_what_it_skips(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "emails: skipped, no data folder" in capsys.readouterr().out
    assert main(["--data", str(tmp_path)]) == 0
    assert "emails: skipped" in capsys.readouterr().out


def test_main_fails_when_something_raises(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr("luister.connectors.email.connector.parse_mail", broken)

    assert main(["--data", str(data), "emails"]) == 1
    assert "a/one.eml: RuntimeError('out of order')" in capsys.readouterr().out


def test_main_unknown_part() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["poems"])

    assert ended.value.code == 2
