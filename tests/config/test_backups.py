"""Backups: made under load, proven, put back to the same rows and files, and nothing leaves before somebody says so."""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from bench.storm import Plan, _connect, _environment, _network, _queue
from luister.base.clock import utc_now
from luister.base.connector import Idempotency
from luister.config.backups import archive, create, database, restore, verify
from luister.config.backups.archive import MANIFEST, Archive
from luister.config.errors import GroundError, LockedError
from luister.posts.files import store
from tests.factories import NOW, PostFactory

pytestmark = pytest.mark.django_db(transaction=True)
PLAN = Plan((Idempotency.KEY,), posts=4, channels=1)


def quiet(_done, _total):
    """Show nothing."""


def made(folder, **how):
    return create.create(folder, **{"keep": None, "now": NOW, "progress": quiet, **how})


def luister(*words, home, address, **environment):
    env = {**os.environ, "LUISTER_HOME": str(home), "DATABASE_URL": address, **environment}
    return subprocess.run(
        [sys.executable, "-m", "luister.config.cli", *words], env=env, capture_output=True, text=True, check=False
    )


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def empty_database(database_url):
    """The address of an empty database on the same server, of this worker alone."""
    name = f"{database_url.rpartition('/')[2]}_put_back"
    with psycopg.connect(f"{database_url.rpartition('/')[0]}/postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        yield f"{database_url.rpartition('/')[0]}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def posts_coming_in(channel):
    """Store posts in a thread for as long as the block lasts."""
    stop, stored = threading.Event(), []

    def come():
        try:
            while not stop.is_set():
                stored.append(PostFactory(channel=channel, workspace=channel.workspace).pk)
        finally:
            connection.close()

    thread = threading.Thread(target=come)
    thread.start()
    deadline = time.monotonic() + 30
    while not stored and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield stored
    finally:
        stop.set()
        thread.join()


def until(condition, *, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.sql
def test_backup_under_load_comes_back_the_same_and_sends_nothing(tmp_path, empty_database):
    deliveries = tmp_path / "deliveries.jsonl"
    deliveries.touch()
    with _network(PLAN, log=deliveries) as network:
        (channel,) = _connect(PLAN, network)
        contents = {store(content): content for content in (b"bagage", b"koffer" * 100_000, b"")}
        _queue(PLAN, [channel], begin=0, end=4)
        with posts_coming_in(channel) as stored:
            path, manifest = made(tmp_path / "backups")
            already = len(stored)
            until(lambda: len(stored) > already)
        assert 1 <= manifest.tables["posts_post"] <= len(stored)
        assert manifest.tables["delivery_outgoing"] == 4

        new = tmp_path / "new"
        keyless = luister("backup", "restore", str(path), home=tmp_path / "other", address=empty_database)
        keys = {"LUISTER_CHANNEL_KEYS": ",".join(settings.LUISTER_CHANNEL_KEYS), "LUISTER_SECRET_KEY": "anders"}
        done = luister("backup", "restore", str(path), "--json", home=new, address=empty_database, **keys)

        assert (keyless.returncode, "put the old channel_key into" in keyless.stderr) == (3, True), keyless.stderr
        assert done.returncode == 0, done.stderr
        (next((new / "files").glob("*/*"))).write_bytes(b"somebody else's")
        again = luister("backup", "restore", str(path), "--replace", home=new, address=empty_database, **keys)
        assert (again.returncode, "Nothing leaves yet" in again.stdout) == (0, True), again.stderr
        with psycopg.connect(empty_database, autocommit=True) as at:
            found = database.counts(at)
            assert found.pop("accounts_audit_entry") == manifest.tables["accounts_audit_entry"] + 1
            assert found == {name: n for name, n in manifest.tables.items() if name != "accounts_audit_entry"}
            files = {path.name: path.read_bytes() for path in (new / "files").glob("*/*")}
            assert files == contents

            # The queue's jobs are due: a real worker takes them up, and lets the posts be.
            env = _environment(PLAN, database_url=empty_database, home=str(new), address=network) | keys
            with subprocess.Popen(
                [sys.executable, "-m", "luister.config.cli", "worker"],
                env=os.environ | env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            ) as worker:  # fmt: skip
                try:
                    taken = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'delivery.send' AND status = %s"
                    until(lambda: at.execute(taken, ["succeeded"]).fetchone() == (4,))
                    assert at.execute("SELECT DISTINCT state FROM delivery_outgoing").fetchall() == [("queued",)]
                    assert deliveries.read_text() == ""

                    unlocked = luister(
                        "outbound", "unlock", "--send-waiting", "--json", home=new, address=empty_database, **keys
                    )
                    assert json.loads(unlocked.stdout) == {"ok": True, "unlocked": {channel.workspace.slug: 0}}
                    until(lambda: len(deliveries.read_text().splitlines()) == 4)
                finally:
                    worker.kill()


@pytest.mark.sql
def test_verify_proves_a_backup_and_notes_it(tmp_path):
    (channel,) = _channels()
    PostFactory(channel=channel, workspace=channel.workspace, text="Één koffer 🧳 van Müller")
    store(b"bagage")
    path, manifest = made(tmp_path)
    assert verify.last_verified() is None

    proof = verify.verify(Archive(path), now=NOW + timedelta(hours=1), progress=quiet)

    assert (proof.manifest, proof.secrets) == (manifest, 1)
    assert manifest.files.keys() == {next(_kept(settings.MEDIA_ROOT))}
    assert verify.last_verified() == verify.Verified(path.name, NOW + timedelta(hours=1), NOW)
    (listed,) = verify.backups(tmp_path)
    assert (listed.path, listed.verified_at) == (path, NOW + timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE starts_with(datname, %s)", [database.SCRATCH])
        assert cursor.fetchone() == (0,)


def _channels():
    plan = Plan((Idempotency.KEY,), posts=0, channels=1)
    with _network(plan, log=Path(settings.MEDIA_ROOT).with_name("log")) as network:
        return _connect(plan, network)


def _kept(root):
    return (f"{path.parent.name}/{path.name}" for path in Path(root).glob("??/*"))


def test_damage_is_found_before_anything_is_put_back(tmp_path, monkeypatch):
    stored_as = store(b"bagage" * 1000)
    path, _manifest = made(tmp_path)
    broken = tmp_path / "broken.zip"
    content = path.read_bytes()
    at = content.index(b"bagagebagage")
    broken.write_bytes(content[:at] + b"B" + content[at + 1 :])
    half = tmp_path / "half.zip"
    half.write_bytes(content[: len(content) // 2])

    with pytest.raises(GroundError, match=f"files/{stored_as[:2]}/{stored_as} .*Take another backup"):
        verify.verify(Archive(broken), now=NOW, progress=quiet)
    with pytest.raises(GroundError, match="only a part of one"):
        Archive(half)
    with pytest.raises(GroundError, match="There is no backup"):
        Archive(tmp_path / "none.zip")
    assert verify.last_verified() is None


def test_restore_refuses_what_would_be_lost_and_what_it_does_not_know(tmp_path, monkeypatch):
    path, manifest = made(tmp_path)
    newer = tmp_path / "newer.zip"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(newer, "w") as target:
        for name in source.namelist():
            told = source.read(name)
            if name == MANIFEST:
                told = json.dumps({**json.loads(told), "luister": "9.0", "migrations": ["inbox.0999_later"]}).encode()
            target.writestr(name, told)
    how = {"replace": False, "without_key": False, "now": NOW, "progress": quiet}

    with pytest.raises(LockedError, match="The database is not empty"):
        restore.restore(Archive(path), **how)
    with pytest.raises(LockedError, match=r"made by Luister 9\.0, .*first inbox\.0999_later"):
        restore.restore(Archive(newer), **how)
    monkeypatch.setattr(settings, "LUISTER_CHANNEL_KEYS", ["een andere"])
    with pytest.raises(LockedError, match=f"fingerprint {manifest.keys.channels[0]}"):
        restore.restore(Archive(path), **how)


def test_create_keeps_the_newest_and_leaves_nothing_of_what_failed(tmp_path, monkeypatch):
    paths = [made(tmp_path, now=NOW + timedelta(days=day), keep=2)[0] for day in range(3)]
    assert archive.kept_in(tmp_path) == [paths[2], paths[1]]
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".luister")] == []

    monkeypatch.setattr(create, "SPARE", 10**18)
    with pytest.raises(GroundError, match=r"needs about .* make room"):
        made(tmp_path, now=utc_now())
    monkeypatch.undo()
    monkeypatch.setattr(database, "counts", lambda _at: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        made(tmp_path, now=utc_now())

    assert sorted(path.name for path in tmp_path.glob("*luister*")) == sorted(path.name for path in paths[1:])


def test_archive_holds_no_key(tmp_path):
    path, manifest = made(tmp_path)

    content = path.read_bytes()
    keys = [settings.SECRET_KEY, *settings.LUISTER_CHANNEL_KEYS]
    assert all(key.encode() not in content for key in keys)
    assert manifest.dump.sha256 == hashlib.sha256(zipfile.ZipFile(path).read(archive.DUMP)).hexdigest()
    assert path.stat().st_mode & 0o077 == 0
