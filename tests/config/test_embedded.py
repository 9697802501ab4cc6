"""The embedded PostgreSQL is made, kept, found again and repaired, as root and as an ordinary user."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from luister.config.children import is_running, wait_until
from luister.config.embedded import EmbeddedPostgres
from luister.config.engine import SYSTEM_FOLDER
from luister.config.errors import GroundError, LockedError
from tests.config.folders import AS_NOBODY

pytestmark = [pytest.mark.db, pytest.mark.enable_socket]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make system users and locked folders")

STARTER = """
import sys, time
from pathlib import Path
from luister.config.embedded import EmbeddedPostgres
database = EmbeddedPostgres(Path(sys.argv[1]))
print(database.start(), database.pid, flush=True)
time.sleep(600)
"""


def remember(dsn: str, word: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def remembered(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM words ORDER BY word")]


def test_first_and_second_start(home: Path) -> None:
    with EmbeddedPostgres(home) as first:
        remember(first.dsn, "klacht")
        pid = first.pid
        with psycopg.connect(first.dsn) as connection:
            shown = connection.execute("SHOW shared_buffers").fetchone()
            version = connection.info.server_version

    with EmbeddedPostgres(home) as second:
        assert remembered(second.dsn) == ["klacht"]
        assert second.dsn == first.dsn

    assert (shown, version // 10_000) == (("64MB",), 18)
    assert pid is not None
    assert not is_running(pid)
    assert (home / "database.json").stat().st_mode & 0o777 == 0o600


def test_password_is_asked(made_home: Path) -> None:
    with EmbeddedPostgres(made_home) as database:
        password = json.loads((made_home / "database.json").read_text())["password"]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(database.dsn.replace(password, "postgres"))


def test_extensions_we_rely_on(made_home: Path) -> None:
    with EmbeddedPostgres(made_home) as database, psycopg.connect(database.dsn) as connection:
        for name in ("pg_trgm", "unaccent", "btree_gin"):
            connection.execute(f"CREATE EXTENSION {name}")
        stem = connection.execute("SELECT to_tsvector('dutch', 'klachten cafés')").fetchone()

    assert stem == ("'cafes':2 'klacht':1",)


def test_killed_server_comes_back_with_its_data(made_home: Path) -> None:
    database = EmbeddedPostgres(made_home)
    database.start()
    remember(database.dsn, "kwijt?")
    assert database.pid is not None
    os.kill(database.pid, signal.SIGKILL)
    wait_until(lambda: database.pid is None, seconds=60)
    database.stop()

    with EmbeddedPostgres(made_home) as again:
        assert remembered(again.dsn) == ["kwijt?"]


def test_killed_starter_takes_the_server_along(made_home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER, made_home], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        dsn, pid = starter.stdout.readline().split()
        remember(dsn, "nog hier")
        starter.kill()

    assert wait_until(lambda: not is_running(int(pid)), seconds=60)
    with EmbeddedPostgres(made_home) as again:
        assert remembered(again.dsn) == ["nog hier"]


def test_orphan_is_stopped(made_home: Path) -> None:
    with EmbeddedPostgres(made_home) as database:
        remember(database.dsn, "wees")
        record = json.loads((made_home / "database.json").read_text())
        command = Path(f"/proc/{database.pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
        environ = Path(f"/proc/{database.pid}/environ").read_bytes().decode().rstrip("\0").split("\0")
        owner = Path(f"/proc/{database.pid}").stat()
    orphan = subprocess.Popen(
        command,
        env=dict(line.split("=", 1) for line in environ),
        user=owner.st_uid,
        group=owner.st_gid,
        extra_groups=[],
        cwd="/",
        stderr=subprocess.DEVNULL,
    )
    assert wait_until(EmbeddedPostgres(made_home).serves, seconds=60)

    with EmbeddedPostgres(made_home) as again:
        assert remembered(again.dsn) == ["wees"]
        assert again.pid != orphan.pid

    assert orphan.wait(10) == 0
    assert record["port"] == json.loads((made_home / "database.json").read_text())["port"]


def test_pid_file_that_names_another_process(made_home: Path) -> None:
    with EmbeddedPostgres(made_home):
        data = made_home / json.loads((made_home / "database.json").read_text())["place"] / "data"
        pid_file = (data / "postmaster.pid").read_text()
        owner = (data / "postmaster.pid").stat()
    bystander = subprocess.Popen(["sleep", "60"], user=owner.st_uid)
    try:
        (data / "postmaster.pid").write_text(pid_file.replace(pid_file.split()[0], str(bystander.pid), 1))
        os.chown(data / "postmaster.pid", owner.st_uid, owner.st_gid)

        with EmbeddedPostgres(made_home) as again:
            assert again.serves()

        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_taken_port_gives_way_to_another(made_home: Path) -> None:
    port = json.loads((made_home / "database.json").read_text())["port"]
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()

        with EmbeddedPostgres(made_home) as database:
            assert database.serves()
            assert f":{port}/" not in database.dsn


def test_second_start_at_once_is_refused(made_home: Path) -> None:
    with EmbeddedPostgres(made_home) as database:
        with pytest.raises(LockedError, match="already runs on the data folder"):
            EmbeddedPostgres(made_home).start()

        assert database.serves()
        assert EmbeddedPostgres(made_home).dsn == database.dsn


def test_interrupted_making_is_finished(made_home: Path) -> None:
    record = json.loads((made_home / "database.json").read_text())
    data = made_home / record["place"] / "data"
    data.rename(data.with_name("data.new"))
    (made_home / "database.json").write_text(json.dumps(record | {"made": False}))

    with EmbeddedPostgres(made_home) as database:
        assert database.serves()

    assert not data.with_name("data.new").exists()


def test_lost_database_is_not_replaced_by_an_empty_one(made_home: Path) -> None:
    record = json.loads((made_home / "database.json").read_text())
    shutil.rmtree(made_home / record["place"] / "data")

    with pytest.raises(LockedError, match="is gone from"):
        EmbeddedPostgres(made_home).start()


def test_folder_that_was_moved(made_home: Path) -> None:
    with EmbeddedPostgres(made_home) as database:
        remember(database.dsn, "verhuisd")
    made_home.rename(made_home.with_name("elsewhere"))

    with EmbeddedPostgres(made_home.with_name("elsewhere")) as again:
        assert remembered(again.dsn) == ["verhuisd"]


def test_no_database_yet(home: Path) -> None:
    with pytest.raises(GroundError, match="no database in"):
        _ = EmbeddedPostgres(home).dsn
    assert not EmbeddedPostgres(home).serves()


@needs_root
def test_root_with_a_home_that_only_root_may_enter(home: Path) -> None:
    home.parent.chmod(0o700)

    with EmbeddedPostgres(home) as database:
        assert database.serves()
        owner = Path(f"/proc/{database.pid}").owner()
        place = Path(json.loads((home / "database.json").read_text())["place"])

    assert owner == "luister"
    assert place.parent == SYSTEM_FOLDER
    assert (place / "belongs-to").read_text() == f"{home}\n"
    assert (place / "data").stat().st_mode & 0o777 == 0o700


def as_nobody(*command: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as an ordinary user."""
    env = {"PATH": os.environ["PATH"], "HOME": str(home)}
    return subprocess.run([*AS_NOBODY, *command], env=env, capture_output=True, text=True, check=False)


START_AND_STOP = """
import sys
from pathlib import Path
from luister.config.embedded import EmbeddedPostgres
from luister.config.errors import GroundError
try:
    with EmbeddedPostgres(Path(sys.argv[1])) as database:
        print(Path(f"/proc/{database.pid}").owner(), database.serves())
except GroundError as error:
    sys.exit(f"{error}")
"""


@needs_root
def test_ordinary_user(home: Path) -> None:
    shutil.chown(home.parent, "nobody")

    done = as_nobody(sys.executable, "-c", START_AND_STOP, home / "data", home=home)

    assert (done.stdout, done.stderr) == ("nobody True\n", "")
    assert {path.owner() for path in home.rglob("*")} == {"nobody"}


@needs_root
def test_home_that_cannot_be_written(home: Path) -> None:
    home.mkdir(mode=0o755)

    done = as_nobody(sys.executable, "-c", START_AND_STOP, home, home=home)

    assert done.returncode == 1
    assert (
        done.stderr
        == f"The data folder {home} cannot be written (Permission denied): set LUISTER_HOME to one that can.\n"
    )


@needs_root
def test_root_starts_what_an_ordinary_user_made(home: Path) -> None:
    shutil.chown(home.parent, "nobody")
    as_nobody(sys.executable, "-c", START_AND_STOP, home, home=home)

    with EmbeddedPostgres(home) as database:
        assert Path(f"/proc/{database.pid}").owner() == "nobody"
