"""`luister outbox`, `status` and `support-bundle`: what the desk's own actions do, and nothing that anybody wrote."""

import contextlib
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from luister.accounts.models import AuditEntry
from luister.channels.enums import ChannelState
from luister.config import hand
from luister.config.cli import operate, outbox, root
from luister.delivery.enums import RawState, SendState
from tests.factories import NOW, ChannelFactory, MembershipFactory, OutgoingFactory, RawItemFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_hand(monkeypatch):
    for module in (hand, outbox, operate):
        monkeypatch.setattr(module, "database_at_hand", contextlib.nullcontext)


@pytest.fixture
def run(capsys):
    def run(*words: str) -> tuple[int, str, str]:
        code = root._run(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_list_says_what_waits_and_for_whom_and_not_what_it_says(run):
    unknown = OutgoingFactory(state=SendState.UNKNOWN, asked_at=NOW, text="kanarie-fluit", due_at=NOW)
    OutgoingFactory(state=SendState.QUEUED, due_at=NOW + timedelta(hours=1))
    OutgoingFactory(state=SendState.SENT)

    code, said, _ = run("outbox", "list", "--json")

    posts = json.loads(said)["posts"]
    assert (code, len(posts)) == (0, 2)
    assert posts[0]["id"] == unknown.pk
    assert [one["waits_for"] for one in posts] == ["a person", "a worker"]
    assert "kanarie" not in said + run("outbox", "list")[1] + run("outbox", "show", str(unknown.pk))[1]


@pytest.mark.parametrize(("state", "waits_for"), [(SendState.PROPOSED, "a person"), (SendState.SENT, "nothing")])
def test_what_no_worker_sends_waits_for_approval_or_for_nothing(state: SendState, waits_for: str, run):
    one = OutgoingFactory(state=state)

    assert json.loads(run("outbox", "show", str(one.pk), "--json")[1])["waits_for"] == waits_for


@pytest.mark.parametrize(
    ("decision", "state"),
    [("sent", SendState.SENT), ("again", SendState.QUEUED), ("give-up", SendState.ABANDONED)],
)
def test_resolve_does_what_the_desk_does(decision: str, state: SendState, run):
    unknown = OutgoingFactory(state=SendState.UNKNOWN, asked_at=NOW)

    assert run("outbox", "resolve", str(unknown.pk), decision)[0] == 0

    unknown.refresh_from_db()
    assert unknown.state == state
    if state != SendState.QUEUED:
        code, _, error = run("outbox", "resolve", str(unknown.pk), decision)
        assert (code, "waits for nobody's decision" in error) == (1, True)


def test_what_is_not_there_is_said_in_one_sentence(run):
    code, _, error = run("outbox", "show", "987654321")
    assert (code, error.count("\n")) == (1, 1)
    WorkspaceFactory(slug="bus")
    code, _, error = run("outbox", "pause", "--workspace", "trein")
    assert (code, "There is no workspace “trein”" in error, "bus" in error) == (1, True, True)


def test_pause_and_resume_are_in_the_audit_list(run):
    workspace = WorkspaceFactory(slug="bus")

    assert "bus is paused." in run("outbox", "pause", "--workspace", "bus")[1]
    workspace.refresh_from_db()
    assert workspace.sending_stopped_at is not None
    assert "bus is paused already." in run("outbox", "pause", "--workspace", "bus")[1]
    assert json.loads(run("outbox", "resume", "--workspace", "bus", "--json")[1])["changed"] is True

    workspace.refresh_from_db()
    assert workspace.sending_stopped_at is None
    verbs = AuditEntry.objects.filter(workspace=workspace).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["sending.stopped", "sending.resumed"]


def test_status_is_in_english_and_fails_with_what_fails(run):
    code, said, _ = run("status", "--json")

    states = {check["name"]: check["state"] for check in json.loads(said)["checks"]}
    assert (code, states["worker"], states["tables"]) == (1, "fail", "ok")
    assert "None is running" in run("status")[1]


CANARIES = {
    "secret": "geheim-9f3kanarie", "token": "tok-8d1kanarie", "password": "ww-7c2kanarie", "customer": "Kanarie Klant",
    "words": "mijn koffer kanarie", "address": "kanarie@klant.example",
}  # fmt: skip


def test_support_bundle_holds_nothing_of_anybody(run, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("LUISTER_HOME", str(tmp_path))
    monkeypatch.setenv("LUISTER_SECRET_KEY", CANARIES["secret"])
    monkeypatch.setenv("EMAIL_URL", f"smtp://u:{CANARIES['password']}@mail.example:25")
    monkeypatch.setenv("LUISTER_METRICS_TOKEN", CANARIES["token"])
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", CANARIES["address"].partition("@")[2])
    channel = ChannelFactory(
        name=CANARIES["customer"], handle=CANARIES["address"], state=ChannelState.ATTENTION,
        reason_code="email.sign_in", reason_values={"server": CANARIES["address"]}, sealed_secrets=b"geheim kanarie",
        settings={"user": CANARIES["address"]}, workspace=MembershipFactory(user__name=CANARIES["customer"]).workspace,
    )  # fmt: skip
    OutgoingFactory(channel=channel, state=SendState.FAILED, text=CANARIES["words"], reason_values={"x": "kanarie"})
    RawItemFactory(channel=channel, state=RawState.UNPROCESSABLE, content=CANARIES["words"].encode())
    (tmp_path / "secret_key").write_text(CANARIES["secret"])
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "web.log").write_text(
        f"GET /enter/{CANARIES['token']} 200\n"
        f'{{"event": "http.answered", "route": "enter/<str:token>", "status": 200, "text": "{CANARIES["words"]}"}}\n'
        f'{{"event": "{CANARIES["words"]}"}}\n{{"event": "channel.not_read", "code": "{CANARIES["words"]}"}}\n'
        "Traceback (most recent call last):\n"
        '  File "/opt/luister/src/luister/posts/actions.py", line 12, in record\n'
        f"    raise ValueError({CANARIES['customer']!r})\nValueError: {CANARIES['customer']}\n"
    )
    (tmp_path / "logs" / "prepare.log").write_text(f"password={CANARIES['password']}\n")
    target = tmp_path / "bundle.zip"

    code, said, _ = run("support-bundle", str(target))

    assert code == 0
    with zipfile.ZipFile(target) as bundle:
        parts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert [name for name in parts if name not in said] == []
    assert sorted(line.split()[-1] for line in parts["contents.txt"].splitlines()[2:]) == sorted(
        {*parts} - {"contents.txt"}
    )
    assert [(name, text) for name, text in parts.items() if "This part could not be made" in text] == []
    whole = said + "".join(parts.values())
    assert [one for one in [*CANARIES.values(), "kanarie", "Kanarie"] if one in whole] == []
    # What helps is there all the same.
    assert '"route": "enter/<str:token>"' in parts["logs/web.log"]
    assert "luister/posts/actions.py:12\nValueError\n" in parts["logs/web.log"]
    assert json.loads(parts["channels.json"])[0]["reason_code"] == "email.sign_in"
    assert json.loads(parts["settings.json"])["EMAIL_URL"] == "set"
    assert "luister_outbox_messages" in parts["metrics.txt"]
    assert target.stat().st_mode & 0o077 == 0
