"""luister import: exit codes, JSON, a dry run, what is chosen, and the same command again."""

import json

import pytest

from luister.config.cli import root
from luister.imports.models import Import
from luister.inbox.models import Case
from luister.posts.models import Post
from tests import factories as make
from tests.imports.helpers import TWITTER, choose, receive, run, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command on a file's content, and returns its exit code and what it said."""
    workspace = make.WorkspaceFactory(slug="stad")
    monkeypatch.setattr("luister.config.migrating.pending", list)  # the tests' tables are up to date

    def do(content, *options):
        path = written(tmp_path, content, "posts.csv")
        arguments = ["import", str(path), "--workspace", "stad", *options]
        monkeypatch.setattr("sys.argv", ["luister", *arguments])
        code = root._run(arguments)
        return code, capsys.readouterr()

    do.workspace = workspace
    return do


def test_import_says_what_it_did(command):
    code, said = command(TWITTER)

    assert code == 0
    assert said.out == "10 rows: 10 stored, 0 already present, 0 refused.\n4 threads, 4 new cases.\n"
    assert Post.objects.count() == 10


def test_json(command):
    code, said = command(TWITTER, "--json")

    answer = json.loads(said.out)
    assert code == 0
    assert {name: answer[name] for name in ("ok", "state", "rows", "stored", "present", "refused", "cases")} == {
        "ok": True, "state": "done", "rows": 10, "stored": 10, "present": 0, "refused": 0, "cases": 4,
    }  # fmt: skip


def test_dry_run_stores_nothing(command):
    command(TWITTER)
    lines = TWITTER.replace(",9001,", ",8001,")

    code, said = command(lines + "999,9,True,ooit,hoi,,,\n", "--dry-run")

    assert code == 0
    assert "11 rows: 10 already present, 0 new, 1 refused." in said.out
    assert "Row 12: “ooit” in the column “created_at” is not read as a date and time." in said.out
    assert Post.objects.count() == 10
    assert Import.objects.count() == 1  # the dry run leaves nothing


def test_broken_rows_end_with_one_and_a_question(command):
    content = "id,datum,tekst,auteur\n1,1-1-2026,hoi,anna\n2,1-1-2026,dag\n"

    code, said = command(content)

    assert code == 1
    assert "Import the other 1? Then run the command again with --skip-broken." in said.out
    assert "Row 3: The row has 3 cells where the header has 4.\n    2,1-1-2026,dag" in said.out
    assert not Post.objects.exists()

    code, said = command(content, "--skip-broken")

    assert code == 0
    assert (Post.objects.count(), Import.objects.count()) == (1, 1)  # the same import went on


def test_the_same_command_goes_on_where_it_was_left(command):
    batch = receive(TWITTER, workspace=command.workspace)
    choose(batch)
    Import.objects.filter(pk=batch.pk).update(state="reading")  # its process was killed

    code, _ = command(TWITTER)

    assert code == 0
    assert Import.objects.get().state == "done"
    assert run(batch).rows_stored == 10


def test_columns_options_and_open_work(command):
    content = "wat;wanneer\nhoi;03/04/2026 10:00\n"

    code, _ = command(
        content, "--map", "wat=text", "--map", "wanneer=published_at", "--brand", "Stad", "--network", "facebook",
        "--month-first", "--time-zone", "UTC", "--private", "--as-open",
    )  # fmt: skip

    post = Post.objects.select_related("channel").get()
    assert code == 0
    assert post.posted_at.isoformat() == "2026-03-04T10:00:00+00:00"
    assert (post.channel.handle, post.channel.network, post.is_public) == ("Stad", "facebook", False)
    assert Case.objects.get().state == "open"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--map", "niet=text"], 2, "write COLUMN=FIELD with one of the columns: tweet_id,"),
        (["--map", "text=onzin"], 1, "There is no field “onzin”."),
        (["--time-zone", "Mars/Olympus"], 1, "There is no time zone “Mars/Olympus”."),
    ],
)
def test_wrong_use_leaves_nothing(command, options, code, said):
    ended, output = command(TWITTER, *options)

    assert ended == code
    assert said in output.err
    assert not Import.objects.exists()


def test_unknown_workspace_and_unreadable_file(command, tmp_path, monkeypatch, capsys):
    assert command(b"%PDF-1.7")[0] == 1
    path = written(tmp_path, TWITTER)

    assert root._run(["import", str(path), "--workspace", "nergens"]) == 1
    assert "There is no workspace “nergens”; there are: stad." in capsys.readouterr().err
    assert root._run(["import", str(tmp_path / "weg"), "--workspace", "stad"]) == 2
