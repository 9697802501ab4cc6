"""The embedded PostgreSQL: made on first use, started as our own child, repaired after any kind of crash."""

import contextlib
import fcntl
import json
import os
import random
import secrets
import signal
import socket
import subprocess
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psycopg

from luister.config import engine as engines
from luister.config.children import command_of, is_running, run_as, spawn, wait_until
from luister.config.errors import GroundError, LockedError

NAME = "luister"  # of the database and of its owner
PORTS = range(20_000, 32_000)  # below the range from which outgoing connections take theirs
START_SECONDS = 120.0  # replaying the log after a crash takes its time
SETTLE_SECONDS = 15.0  # until the last process of a killed server has let go of its memory
LOG_BYTES = 5_000_000

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
# For tests alone: nothing needs to survive the machine's own crash.
FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "autovacuum_naptime": "10min",
}


@dataclass(frozen=True, slots=True)
class Record:
    """What the data folder remembers of its database, in `database.json`."""

    place: str  # relative to the data folder where it lies inside, so that the folder can be moved
    port: int
    password: str
    made: bool = False  # false until initdb has succeeded

    @property
    def dsn(self) -> str:
        """Return the address Django's DATABASE_URL understands."""
        return f"postgres://{NAME}:{self.password}@127.0.0.1:{self.port}/{NAME}"


class EmbeddedPostgres:
    """The database of one data folder; at most one process at a time has it started."""

    def __init__(self, home: Path, *, fast: bool = False) -> None:
        self.home = home
        self.log = home / "logs" / "postgres.log"
        self._settings = SETTINGS | FAST_SETTINGS if fast else SETTINGS
        self._record_path = home / "database.json"
        self._lock: IO[str] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def dsn(self) -> str:
        """Return the address of the database.

        Raises:
            GroundError: this data folder has none yet.
        """
        record = self._read()
        if record is None:
            message = f"There is no database in {self.home} yet: run “luister start”."
            raise GroundError(message)
        return record.dsn

    @property
    def pid(self) -> int | None:
        """Return the process id of the server that we started, if it runs."""
        return self._server.pid if self._server and self._server.poll() is None else None

    def start(self) -> str:
        """Start the database, making or repairing it where needed, and return its address.

        Raises:
            LockedError: another process has it started, or its files are gone.
            GroundError: this machine does not let us; the message says why.
        """
        self._take_lock()
        try:
            record, engine = self._prepare()
            self._stop_orphan(self._data(record))
            record = self._run(record, engine)
            self._create_database(record)
        except BaseException:
            self.stop()
            raise
        return record.dsn

    def revive(self) -> None:
        """Start the server again after it died under us.

        Raises:
            GroundError: it does not come back.
        """
        record, engine = self._prepare()
        self._stop_orphan(self._data(record))
        self._run(record, engine)

    def stop(self) -> None:
        """Stop the database, at once if it does not within ten seconds, and let others start it."""
        if self._server is not None:
            _end(self._server)
            self._server = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def exists(self) -> bool:
        """Return whether this data folder has a database, running or not."""
        record = self._read()
        return record is not None and record.made

    def serves(self) -> bool:
        """Return whether the database answers, whoever started it."""
        record = self._read()
        return record is not None and record.made and _answers(record.dsn)

    def engine(self) -> engines.Engine | None:
        """Return the programs of this data folder's database, where it has one."""
        record = self._read()
        if record is None or not record.made:
            return None
        place = self._data(record).parent
        return engines.unpack(place, user=engines.database_user(self._data(record)))

    # The data folder's lock and record

    def _take_lock(self) -> None:
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.log.parent.mkdir(mode=0o700, exist_ok=True)
            lock = (self.home / "database.lock").open("w")
        except OSError as error:
            message = (
                f"The data folder {self.home} cannot be written ({error.strerror}): set LUISTER_HOME to one that can."
            )
            raise GroundError(message) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            message = (
                f"Luister already runs on the data folder {self.home}: stop it first, or set LUISTER_HOME to another."
            )
            raise LockedError(message) from None
        self._lock = lock

    def _data(self, record: Record) -> Path:
        return self.home / record.place / "data"

    def _read(self) -> Record | None:
        try:
            return Record(**json.loads(self._record_path.read_text()))
        except FileNotFoundError:
            return None
        except PermissionError as error:
            message = f"{self._record_path} belongs to another user: run this as the user who started Luister."
            raise GroundError(message) from error
        except (ValueError, TypeError) as error:
            message = (
                f"{self._record_path} is damaged: put it back from a backup, the database cannot be opened without."
            )
            raise LockedError(message) from error

    def _write(self, record: Record) -> Record:
        scratch = self._record_path.with_suffix(".new")
        scratch.touch(mode=0o600)
        scratch.write_text(json.dumps(asdict(record)))
        scratch.replace(self._record_path)
        return record

    # Making it

    def _prepare(self) -> tuple[Record, engines.Engine]:
        """Return the database's record and program, after making what is not there yet."""
        record = self._read()
        user = engines.database_user(self._data(record) if record else None)
        if record is None:
            place = engines.choose_place(self.home, user=user, identity=secrets.token_hex(8))
            inside = place.relative_to(self.home) if place.is_relative_to(self.home) else place
            record = self._write(Record(place=str(inside), port=_free_port(), password=secrets.token_urlsafe(32)))
        data = self._data(record)
        place = data.parent
        if record.made and not data.exists():
            message = (
                f"The database of {self.home} is gone from {data}: put it back from a backup, "
                f"or remove {self._record_path} to begin with an empty one."
            )
            raise LockedError(message)
        engines.own_folder(place, user=user)
        engine = engines.unpack(place, user=user)
        if not data.exists():
            _initdb(engine, data=data, password=record.password)
        return (record if record.made else self._write(replace(record, made=True))), engine

    def _create_database(self, record: Record) -> None:
        with psycopg.connect(_maintenance(record.dsn), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
            if not known:
                connection.execute(f"CREATE DATABASE {NAME}")

    # Running it

    def _run(self, record: Record, engine: engines.Engine) -> Record:
        """Run the server until it answers, on another port when the remembered one was taken."""
        began = self._rotate_log()
        settled = False

        def attempt() -> bool:
            nonlocal record, settled
            if not _is_free(record.port):
                record = self._write(replace(record, port=_free_port()))
            self._server = self._spawn(record, engine)
            settled = self._wait_for_answer(record)
            return settled

        # A killed server's last processes hold its memory a moment longer: postgres then refuses to start.
        wait_until(attempt, seconds=SETTLE_SECONDS, every=0.5)
        if not settled:
            message = f"The database does not start ({self._last_words(began)}): {self.log} has the details."
            raise GroundError(message)
        return record

    def _spawn(self, record: Record, engine: engines.Engine) -> subprocess.Popen[bytes]:
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        command: list[str | Path] = [
            engine.program("postgres"),
            "-D",
            self._data(record),
            "-p",
            str(record.port),
            *options,
        ]
        with self.log.open("ab") as log:
            return spawn(
                command,
                env=engine.env(),
                output=log,
                user=engine.user,
                cwd=Path("/"),
                death_signal=signal.SIGINT,  # postgres' fast shutdown
            )

    def _wait_for_answer(self, record: Record) -> bool:
        """Return whether the server answers; false as soon as it gave up."""
        server = self._server
        assert server is not None
        settled = wait_until(lambda: server.poll() is not None or _answers(record.dsn), seconds=START_SECONDS)
        if settled and server.poll() is None:
            return True
        _end(server)
        return False

    def _rotate_log(self) -> int:
        """Keep the log small; return where this start's lines begin."""
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
        return self.log.stat().st_size if self.log.exists() else 0

    def _last_words(self, began: int) -> str:
        lines = self.log.read_bytes()[began:].decode(errors="replace").splitlines()
        fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
        return (fatal or lines or ["it said nothing"])[-1].strip()

    def _stop_orphan(self, data: Path) -> None:
        """Stop a server that outlived whoever started it, and take away a dead one's pid file.

        We hold the lock, so nobody starts one meanwhile. PostgreSQL itself would refuse to start when the pid it
        left behind now belongs to another process of the same user, as happens after a reboot in a container.
        """
        pid_file = data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split(maxsplit=1)[0])
        except (FileNotFoundError, ValueError, IndexError):
            return
        if is_running(pid) and str(data) in command_of(pid):
            for sign, seconds in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, sign)
                if wait_until(lambda: not is_running(pid), seconds=seconds):
                    break
        pid_file.unlink(missing_ok=True)


def _end(server: subprocess.Popen[bytes]) -> None:
    """Stop a server: fast, then at once, then by force."""
    for sign, seconds in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        if server.poll() is not None:
            return
        server.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(seconds)


def _initdb(engine: engines.Engine, *, data: Path, password: str) -> None:
    """Make the data directory, whole or not at all."""
    scratch = data.with_name("data.new")
    password_file = data.with_name("password")
    _as_user(engine, "rm", "-rf", scratch, password_file)
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if engine.user is not None:
        engines.give(password_file, user=engine.user)
    try:
        _as_user(
            engine,
            engine.program("initdb"),
            "--no-instructions",
            f"--username={NAME}",
            "--auth=scram-sha-256",
            f"--pwfile={password_file}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            f"--pgdata={scratch}",
        )
    finally:
        password_file.unlink(missing_ok=True)
    scratch.rename(data)


def _as_user(engine: engines.Engine, *command: str | Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            [str(part) for part in command],
            env=engine.env(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **run_as(engine.user),
        )
    except OSError as error:
        message = f"PostgreSQL cannot be run ({error}): set DATABASE_URL, or start Luister as an ordinary user."
        raise GroundError(message) from error
    if done.returncode != 0:
        lines = (done.stderr.strip() or "no reason given").splitlines()
        cause = next((line for line in lines if "error" in line or "FATAL" in line), lines[-1])
        message = f"The database cannot be made ({cause.strip()}): is the disk full?"
        raise GroundError(message)


def _maintenance(dsn: str) -> str:
    return dsn.removesuffix(NAME) + "postgres"


def _answers(dsn: str) -> bool:
    try:
        with psycopg.connect(_maintenance(dsn), connect_timeout=10) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    for port in random.SystemRandom().sample(PORTS, 200):
        if _is_free(port):
            return port
    message = "No free port between 20000 and 32000 for the database: something on this machine takes them all."
    raise GroundError(message)
