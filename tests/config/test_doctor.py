"""doctor finds what is wrong and says what mends it."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from luister.base.clock import utc_now
from luister.channels.enums import ChannelState
from luister.channels.secrets import seal
from luister.config import doctor, doctor_machine, vitals
from luister.config.backups.verify import Verified
from luister.config.checks import Check, State
from luister.delivery.enums import RawState, SendState
from tests.config.staffed import staffed
from tests.factories import NOW, ChannelFactory, OutgoingFactory, RawItemFactory


@pytest.fixture
def checks(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor_machine, "SYSTEM_FOLDER", tmp_path / "system")
    monkeypatch.setattr(settings, "LUISTER_ROW_SECURITY", True)

    def examine(home: Path = tmp_path) -> dict[str, Check]:
        return {check.name: check for check in doctor.examine(home, now=NOW, clock=utc_now)}

    return examine


def beat(*, seconds_ago: int) -> None:
    staffed(at=NOW - timedelta(seconds=seconds_ago))


def test_all_is_well(checks, monkeypatch: pytest.MonkeyPatch) -> None:
    beat(seconds_ago=3)
    monkeypatch.setattr(vitals, "last_verified", lambda: Verified("luister.zip", NOW, NOW))

    found = checks()

    assert [check for check in found.values() if check.state is not State.OK or check.fix] == []
    assert found["database"].text.startswith("PostgreSQL ")
    assert set(found) == {
        "data folder", "disk", "storage", "secrets", "database", "clock", "tables", "worker", "scheduler", "jobs",
        "outbox", "channels", "channel secrets", "replies", "bin", "row security", "backup",
    }  # fmt: skip


def test_worker_whose_heart_stopped(checks) -> None:
    beat(seconds_ago=300)

    fix = "Run “luister start”, or “luister worker”."
    since = NOW - timedelta(seconds=300)
    assert checks()["worker"] == Check("worker", State.FAIL, "None is running", fix, since)


def test_jobs_that_wait_too_long(checks) -> None:
    with connection.cursor() as cursor:
        for minutes in (1, 6, 60):
            cursor.execute(
                "INSERT INTO procrastinate_jobs (task_name, queue_name, scheduled_at) VALUES ('x', 'x', %s)",
                [NOW - timedelta(minutes=minutes)],
            )

    assert checks()["jobs"].text == "2 have waited for over 5 minutes, first in the queue x"


def test_secret_that_others_can_read(checks, tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("geheim")
    (tmp_path / "secret_key").chmod(0o644)

    found = checks()["secrets"]

    assert (found.state, found.fix) == (State.FAIL, f"chmod 600 {tmp_path / 'secret_key'}")


def test_trouble_of_channels_and_replies(checks) -> None:
    healthy = ChannelFactory(name="Post")
    healthy.sealed_secrets = seal({"password": "x"}, channel_id=healthy.pk)
    healthy.save()
    broken = ChannelFactory(name="Bus", state=ChannelState.ATTENTION, sealed_secrets=healthy.sealed_secrets)
    OutgoingFactory(state=SendState.UNKNOWN)
    RawItemFactory(state=RawState.UNPROCESSABLE)

    found = checks()

    assert "channels" not in found
    assert found[f"channel {broken.pk} in"].text.startswith("Bus needs attention: ")
    assert (found["channel secrets"].state, found["channel secrets"].text) == (
        State.FAIL, "LUISTER_CHANNEL_KEYS does not open the secrets of: Bus",
    )  # fmt: skip
    assert found["replies"].text == "Of 1 nobody knows whether they arrived"
    assert found["bin"].text == "1 item could not be processed"


def test_database_whose_home_is_gone(checks, tmp_path: Path) -> None:
    place = tmp_path / "system" / "0123456789abcdef"
    place.mkdir(parents=True)
    (place / "belongs-to").write_text(f"{tmp_path / 'gone'}\n")

    assert checks()["left behind"].fix == f"If nobody needs it: rm -r {place}"


def test_tables_that_are_behind(checks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals, "pending", lambda: ["inbox.0009_more"])

    found = checks()

    assert found["tables"].text == "1 migration waits, inbox.0009_more"
    assert found["tables"].fix == "Run “luister migrate”."
    assert "worker" not in found
