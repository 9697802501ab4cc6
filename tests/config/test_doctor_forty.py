"""Forty and more broken configurations: doctor names the setting or thing, what it leads to, and what mends it."""

import contextlib
import resource
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from luister.base.clock import utc_now
from luister.channels.enums import ChannelState
from luister.channels.secrets import seal
from luister.config import doctor, doctor_database, doctor_machine, environment, migrating, vitals
from luister.config.checks import Check, State
from luister.config.cli import keep, root
from luister.config.errors import LockedError
from luister.delivery.enums import RawState, SendState
from luister.schedules.models import Leadership, WorkerReport
from tests.config.staffed import staffed
from tests.factories import NOW, ChannelFactory, MembershipFactory, OutgoingFactory, RawItemFactory

KEY, OTHER_KEY = "q0Xe7-hVZk2mR9sTnB4wLpYc8uJd3fGa", "Zr5tW1yQ8-oP3iU6eK9jH2gF4dS7aXcV"
GOOD = {
    "DATABASE_URL": "postgres://luister:w@db.example:5432/luister",
    "LUISTER_SECRET_KEY": KEY,
    "LUISTER_CHANNEL_KEYS": OTHER_KEY,
    "LUISTER_HOSTS": "desk.example,localhost",
    "LUISTER_ORIGINS": "https://desk.example",
    "LUISTER_TLS": "yes",
    "LUISTER_BEHIND_PROXY": "yes",
    "EMAIL_URL": "smtp+tls://luister:w@mail.example:587",
    "LUISTER_MAIL_FROM": "Luister <desk@desk.example>",
    "HOME": "/root",
}
FAIL, WARN = State.FAIL, State.WARN

# What is wrong → what is set, the setting that is named, words of the effect and of the fix, the state, the exit code.
SETTINGS = {
    "secret key of an example": (
        {"LUISTER_SECRET_KEY": "change-me-please-change-me-please"},
        "LUISTER_SECRET_KEY", "an example that everybody knows", "token_urlsafe", FAIL, 3,
    ),
    "channel key of an example": (
        {"LUISTER_CHANNEL_KEYS": f"{KEY},geheim"},
        "LUISTER_CHANNEL_KEYS", "an example that everybody knows", "token_urlsafe", FAIL, 3,
    ),
    "token for health of one letter": (
        {"LUISTER_HEALTH_TOKEN": "a" * 40},
        "LUISTER_HEALTH_TOKEN", "an example that everybody knows", "token_urlsafe", FAIL, 3,
    ),
    "token for metrics from a page": (
        {"LUISTER_METRICS_TOKEN": "<put your token here>"},
        "LUISTER_METRICS_TOKEN", "an example that everybody knows", "token_urlsafe", FAIL, 3,
    ),
    "secret key too short": (
        {"LUISTER_SECRET_KEY": "k7Wq2xYz"}, "LUISTER_SECRET_KEY", "could be guessed", "token_urlsafe", FAIL, 1,
    ),
    "channel key too short": (
        {"LUISTER_CHANNEL_KEYS": f"{KEY},k7Wq2xYz"}, "LUISTER_CHANNEL_KEYS", "could be guessed", "token_urlsafe",
        FAIL, 1,
    ),
    "one key for both": (
        {"LUISTER_CHANNEL_KEYS": KEY}, "LUISTER_CHANNEL_KEYS", "losing one loses both", "new key before it", WARN, 0,
    ),
    "yes in another language": ({"LUISTER_TLS": "ja"}, "LUISTER_TLS", "counts as no", "yes or no", FAIL, 1),
    "number in words": (
        {"LUISTER_DB_POOL": "eight"}, "LUISTER_DB_POOL", "not a whole number", "from 1 to 1000", FAIL, 1,
    ),
    "pool of nothing": ({"LUISTER_DB_POOL": "0"}, "LUISTER_DB_POOL", "nothing works", "from 1 to 1000", FAIL, 1),
    "port that cannot be": ({"PORT": "80000"}, "PORT", "nothing works", "from 0 to 65535", FAIL, 1),
    "heart that never beats": (
        {"LUISTER_HEARTBEAT_SECONDS": "0"}, "LUISTER_HEARTBEAT_SECONDS", "nothing works", "from 0.1 to 600", FAIL, 1,
    ),
    "level of logs unknown": (
        {"LUISTER_LOG_LEVEL": "VERBOSE"}, "LUISTER_LOG_LEVEL", "nothing can start", "DEBUG, INFO", FAIL, 1,
    ),
    "format of logs unknown": (
        {"LUISTER_LOG_FORMAT": "logfmt"}, "LUISTER_LOG_FORMAT", "nothing can start", "auto, json, text", FAIL, 1,
    ),
    "another kind of database": (
        {"DATABASE_URL": "mysql://luister@db/luister"}, "DATABASE_URL", "in PostgreSQL", "postgres://", FAIL, 1,
    ),
    "database without a name": (
        {"DATABASE_URL": "postgres://luister@db:5432"}, "DATABASE_URL", "nothing can be stored", "postgres://", FAIL, 1,
    ),
    "port of the database in words": (
        {"DATABASE_URL": "postgres://luister@db:port/luister"},
        "DATABASE_URL", "no database is found", "postgres://", FAIL, 1,
    ),
    "way past a pooler without a name": (
        {"LUISTER_DATABASE_DIRECT": "postgres://luister@db:5432"},
        "LUISTER_DATABASE_DIRECT", "nothing can be stored", "postgres://", FAIL, 1,
    ),
    "backup at no time of day": (
        {"LUISTER_BACKUP_AT": "half drie"}, "LUISTER_BACKUP_AT", "nothing can start", "02:30", FAIL, 1,
    ),
    "address where a host belongs": (
        {"LUISTER_HOSTS": "https://desk.example"}, "LUISTER_HOSTS", "answers 400", "no https://", FAIL, 1,
    ),
    "host with a port": ({"LUISTER_HOSTS": "desk.example:443"}, "LUISTER_HOSTS", "answers 400", "port", FAIL, 1),
    "any host": ({"LUISTER_HOSTS": "*"}, "LUISTER_HOSTS", "made to lead elsewhere", "Name the hosts", WARN, 0),
    "origin without its scheme": (
        {"LUISTER_ORIGINS": "desk.example"}, "LUISTER_ORIGINS", "no origin", "https://desk.example", FAIL, 1,
    ),
    "origin that is not encrypted": (
        {"LUISTER_ORIGINS": "http://desk.example"}, "LUISTER_ORIGINS", "are refused", "https://desk.example", WARN, 0,
    ),
    "origin of another host": (
        {"LUISTER_ORIGINS": "https://help.example"}, "LUISTER_ORIGINS", "answers 400", "to LUISTER_HOSTS", WARN, 0,
    ),
    "TLS without a proxy": (
        {"LUISTER_BEHIND_PROXY": "no"}, "LUISTER_TLS", "nobody stays signed in", "LUISTER_BEHIND_PROXY=yes", FAIL, 1,
    ),
    "proxy without TLS": (
        {"LUISTER_TLS": "no"}, "LUISTER_BEHIND_PROXY", "over plain HTTP", "LUISTER_TLS=yes", WARN, 0,
    ),
    "headers of the proxy not believed": (
        {"LUISTER_TLS": "no", "LUISTER_BEHIND_PROXY": "no"},
        "LUISTER_ORIGINS", "begin with http", "LUISTER_BEHIND_PROXY=yes", WARN, 0,
    ),
    "settled before the deadline": (
        {"LUISTER_SETTLE_SECONDS": "10"}, "LUISTER_SETTLE_SECONDS", "sent twice", "Set it to 60", FAIL, 1,
    ),
    "late after the deadline": (
        {"LUISTER_LATE_SECONDS": "45"}, "LUISTER_LATE_SECONDS", "sends too late", "Set it to 5", WARN, 0,
    ),
    "no mail": ({"EMAIL_URL": ""}, "EMAIL_URL", "printed in the log", "smtp+tls://", WARN, 0),
    "mail by pigeon": ({"EMAIL_URL": "pigeon://mail"}, "EMAIL_URL", "nothing can start", "smtp+tls://", FAIL, 1),
    "password of mail in the clear": (
        {"EMAIL_URL": "smtp://u:w@mail.example:25"}, "EMAIL_URL", "can read it", "smtp+tls://", WARN, 0,
    ),
    "sender who is nobody": (
        {"LUISTER_MAIL_FROM": "Luister"}, "LUISTER_MAIL_FROM", "mail is refused", "desk@example.org", FAIL, 1,
    ),
    "sender at localhost": (
        {"LUISTER_MAIL_FROM": ""}, "LUISTER_MAIL_FROM", "for spam", "an address of yours", WARN, 0,
    ),
    "every inner address open": (
        {"LUISTER_ALLOW_HOSTS": "*"}, "LUISTER_ALLOW_HOSTS", "opens nothing", "host:port", FAIL, 1,
    ),
    "contact that is no page": (
        {"LUISTER_CONTACT_URL": "desk@example.org"}, "LUISTER_CONTACT_URL", "no address of a page", "https://", WARN, 0,
    ),
    "practice network for real": (
        {"LUISTER_PRACTICE": "yes"}, "LUISTER_PRACTICE", "anybody can post", "Leave it out", WARN, 0,
    ),
    "figures on the desk's port": (
        {"LUISTER_METRICS_PORT": "8000"}, "LUISTER_METRICS_PORT", "found nowhere", "9461", FAIL, 1,
    ),
    "figures for everybody": (
        {"LUISTER_METRICS_PORT": "9461", "LUISTER_METRICS_HOST": "0.0.0.0"},
        "LUISTER_METRICS_HOST", "every network", "127.0.0.1", WARN, 0,
    ),
    "setting misspelt": (
        {"LUISTER_ALLOWED_HOSTS": "10.0.0.1"}, "LUISTER_ALLOWED_HOSTS", "changes nothing", "LUISTER_ALLOW_HOSTS",
        WARN, 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SETTINGS)
def test_broken_setting(case: str, capsys: pytest.CaptureFixture[str]):
    changed, setting, effect, fix, state, code = SETTINGS[case]

    found = list(environment.checks(GOOD | changed))

    told(found, setting, effect, fix, state)
    assert keep._show(found, as_json=False) == code
    assert capsys.readouterr().out.count("\n") == 2 * len(found)  # a sentence of what is wrong, and one that mends it


def told(found: list[Check], name: str, effect: str, fix: str, state: State) -> None:
    """Assert that one check says it all."""
    said = [check for check in found if name in f"{check.name} {check.text}" and effect in check.text]
    assert said, found
    assert (said[0].state, fix in said[0].fix) == (state, True), said[0]
    assert "\n" not in said[0].text + said[0].fix


def test_good_settings_are_well():
    assert [check.state for check in environment.checks(GOOD)] == [State.OK]
    assert environment.refusal(GOOD) is None


def test_settings_that_there_are_count_as_none_misspelt():
    page = (Path(environment.__file__).parents[3] / "docs/reference/settings.md").read_text()
    every = {line.split("`")[1]: "" for line in page.splitlines() if line.startswith("| `")}

    assert list(environment._misspelt(every)) == []


@pytest.mark.parametrize("case", [name for name, values in SETTINGS.items() if values[-1] == 3])
@pytest.mark.parametrize("command", [["start"], ["web", "--port", "0"], ["worker"], ["migrate"]], ids=" ".join)
def test_nothing_starts_with_an_example(command: list[str], case: str, monkeypatch: pytest.MonkeyPatch):
    """In this process Django is set up already: what refuses is what its settings and the supervisor ask first."""
    refused = environment.refusal(GOOD | SETTINGS[case][0])

    assert isinstance(refused, LockedError)
    assert refused.exit_code == 3
    if command == ["start"]:
        for name, value in SETTINGS[case][0].items():
            monkeypatch.setenv(name, value)
        assert root._run(command) == 3


@dataclass
class World:
    """What a case may break."""

    home: Path
    patch: pytest.MonkeyPatch
    opened: contextlib.ExitStack
    now = NOW


def closed_with(said: str) -> Callable[[World], None]:
    def refuse() -> None:
        raise OperationalError(said)

    return lambda world: world.patch.setattr(doctor_database, "check_database", refuse)


def read_only(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")


def pooled(world: World) -> None:
    """Two sessions that are one, as a pooler in transaction mode makes them."""
    one = world.opened.enter_context(doctor_database.another())
    world.patch.setattr(doctor_database, "another", lambda: contextlib.nullcontext(one))


def of_the_future(world: World) -> None:
    MigrationRecorder(connection).record_applied("inbox", "9999_from_the_future")


def other_clock(world: World) -> None:
    world.now = utc_now() + timedelta(minutes=10)


def silent_worker(world: World) -> None:
    WorkerReport.objects.update(seen_at=NOW - timedelta(minutes=5))


def nobody_leads(world: World) -> None:
    Leadership.objects.update(seen_at=NOW - timedelta(minutes=5))


def queue_without_a_worker(world: World) -> None:
    report = WorkerReport.objects.get()
    report.workers["all"]["queues"].remove("sending")
    report.save()


def clock_of_a_worker(world: World) -> None:
    WorkerReport.objects.update(clock_skew_seconds=-12.5)


def old_job(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, scheduled_at) VALUES ('x', 'sending', %s)",
            [NOW - timedelta(hours=1)],
        )


def readable_key(world: World) -> None:
    (world.home / "secret_key").write_text(KEY)
    (world.home / "secret_key").chmod(0o644)


def empty_key(world: World) -> None:
    (world.home / "channel_key").touch(mode=0o600)


def file_for_home(world: World) -> None:
    world.home = world.home / "plain"
    world.home.touch()


def files_are_a_file(world: World) -> None:
    (world.home / "files").touch()


def little_room(world: World) -> None:
    usage = SimpleNamespace(free=50_000_000, total=10**12, used=10**12)
    world.patch.setattr(vitals.shutil, "disk_usage", lambda _: usage)


def few_files(world: World) -> None:
    world.patch.setattr(doctor_machine.resource, "getrlimit", lambda _: (256, resource.RLIM_INFINITY))


def nothing(_world: World) -> None:
    """A new installation lacks it by itself."""


def two_backups_a_day(world: World) -> None:
    (world.home / "luister-backup.timer").symlink_to("/lib/systemd/system/luister-backup.timer")
    world.patch.setattr(doctor_machine, "BACKUP_TIMER", world.home / "luister-backup.timer")
    world.patch.setattr(doctor_machine.settings, "LUISTER_BACKUP_AT", "02:30")


def few_connections(world: World) -> None:
    world.patch.setattr(doctor_database, "WORKER_CONNECTIONS", 100_000)


def key_lost(world: World) -> None:
    ChannelFactory(name="Bus", sealed_secrets=b"sealed with another key")


def sending_stopped(world: World) -> None:
    workspace = MembershipFactory(role="administrator").workspace
    workspace.sending_stopped_at = NOW
    workspace.save()


def nobody_administers(world: World) -> None:
    MembershipFactory(role="agent")


def mail_server_away(world: World) -> None:
    world.patch.setattr(vitals.settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    world.patch.setattr(vitals.settings, "EMAIL_HOST", "127.0.0.1", raising=False)
    world.patch.setattr(vitals.settings, "EMAIL_PORT", 1, raising=False)


def channel_broken(world: World) -> None:
    channel = ChannelFactory(name="Bus", state=ChannelState.ATTENTION)
    channel.sealed_secrets = seal({}, channel_id=channel.pk)
    channel.save()


INSTALLATION = {
    "wrong password": (
        closed_with('connection failed: FATAL:  password authentication failed for user "luister"'),
        "DATABASE_URL", "refuses this user or password", "Correct them", FAIL, 1,
    ),
    "database that is not there": (
        closed_with('FATAL:  database "luister" does not exist'),
        "DATABASE_URL", "no such database", "createdb", FAIL, 1,
    ),
    "database that is not started": (
        closed_with("connection failed: Connection refused"), "DATABASE_URL", "does not answer", "Start it", FAIL, 1,
    ),
    "host that is not known": (
        closed_with("failed to resolve host 'db'"), "DATABASE_URL", "cannot be found", "Correct the host", FAIL, 1,
    ),
    "database too old": (
        lambda world: world.patch.setattr(migrating, "OLDEST_POSTGRES", 99),
        "database", "needs 99 or newer", "DATABASE_URL", FAIL, 1,
    ),
    "standby": (read_only, "DATABASE_URL", "can only be read", "primary", FAIL, 1),
    "pooler in transaction mode": (pooled, "DATABASE_URL", "sent twice", "LUISTER_DATABASE_DIRECT", FAIL, 1),
    "too few connections": (few_connections, "connections", "may need", "max_connections", WARN, 0),
    "tables behind": (
        lambda world: world.patch.setattr(vitals, "pending", lambda: ["inbox.0009_more"]),
        "tables", "inbox.0009_more", "luister migrate", FAIL, 1,
    ),
    "tables ahead": (of_the_future, "tables", "a newer Luister", "Install the version", FAIL, 1),
    "clocks apart": (other_clock, "clock", "moments come out wrong", "NTP", WARN, 0),
    "no worker": (silent_worker, "worker", "None is running", "luister worker", FAIL, 1),
    "nobody keeps the timetable": (nobody_leads, "scheduler", "nothing wakes", "luister worker", FAIL, 1),
    "queue without a worker": (queue_without_a_worker, "queue sending", "No worker", "luister worker", FAIL, 1),
    "clock of a worker": (clock_of_a_worker, "clock", "12.5 seconds away", "NTP", WARN, 0),
    "jobs that wait": (old_job, "jobs", "in the queue sending", "more workers", WARN, 0),
    "reply that does not leave": (
        lambda world: OutgoingFactory(state=SendState.QUEUED, send_after=NOW - timedelta(hours=1)),
        "outbox", "should have left", "worker", FAIL, 1,
    ),
    "reply in doubt": (
        lambda world: OutgoingFactory(state=SendState.UNKNOWN), "replies", "nobody knows", "desk", WARN, 0,
    ),
    "items in the bin": (
        lambda world: RawItemFactory(state=RawState.UNPROCESSABLE), "bin", "could not be processed", "bin", WARN, 0,
    ),
    "channel that needs attention": (channel_broken, "in", "Bus needs attention", "Channels", FAIL, 1),
    "key of channels lost": (key_lost, "LUISTER_CHANNEL_KEYS", "does not open", "Put back the key", FAIL, 1),
    "sending stopped": (sending_stopped, "sending", "sends nothing", "luister outbox resume", WARN, 0),
    "nobody administers": (nobody_administers, "administrators", "Nobody can change", "create-admin", FAIL, 1),
    "mail server away": (mail_server_away, "mail", "does not answer", "EMAIL_URL", FAIL, 1),
    "key that others can read": (readable_key, "secrets", "Others can read", "chmod 600", FAIL, 3),
    "key that is empty": (empty_key, "keys", "holds no key", "backup", FAIL, 1),
    "data folder that is a file": (file_for_home, "LUISTER_HOME", "is a file", "Set LUISTER_HOME", FAIL, 1),
    "attachments nowhere to go": (files_are_a_file, "storage", "do not come in", "Give the folder", FAIL, 1),
    "disk full": (little_room, "disk", "50 MB free", "Make room", FAIL, 1),
    "no backup proven": (nothing, "backup", "None was ever verified", "luister backup create", WARN, 0),
    "two backups a day": (two_backups_a_day, "backups", "luister-backup.timer", "take LUISTER_BACKUP_AT", WARN, 0),
    "few files may be open": (few_files, "open files", "hear of news", "LimitNOFILE", WARN, 0),
}  # fmt: skip


@pytest.mark.parametrize("case", INSTALLATION)
@pytest.mark.django_db
def test_broken_installation(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    arrange, name, effect, fix, state, code = INSTALLATION[case]
    monkeypatch.setattr(doctor_machine, "SYSTEM_FOLDER", tmp_path / "system")
    with contextlib.ExitStack() as opened:
        world = World(tmp_path, monkeypatch, opened)
        staffed()
        arrange(world)
        clock = (lambda: world.now) if world.now is not NOW else utc_now

        found = list(doctor.examine(world.home, now=NOW, clock=clock))

    told(found, name, effect, fix, state)
    assert keep._show(found, as_json=True) == code, found


def test_there_are_forty():
    assert len({*SETTINGS, *INSTALLATION}) >= 40
    assert len(SETTINGS) + len(INSTALLATION) == len({*SETTINGS, *INSTALLATION})


@pytest.mark.parametrize("case", ["setting misspelt", "no mail"])
def test_json_is_the_same(case: str, capsys: pytest.CaptureFixture[str]):
    keep._show(list(environment.checks(GOOD | SETTINGS[case][0])), as_json=True)

    assert f'"name": "{SETTINGS[case][1]}", "state": "warn"' in capsys.readouterr().out


def test_wrong_use_of_doctor():
    assert root._run(["doctor", "--frobnicate"]) == 2
