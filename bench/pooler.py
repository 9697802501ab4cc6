"""PgBouncer in transaction mode before a database, as docs/howto/pgbouncer.md has it."""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from luister.config import engine
from luister.config.children import spawn, wait_until

PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
SETTINGS = """
[databases]
{name} = host={host} port={port} dbname={name}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
logfile = {folder}/pgbouncer.log
pool_mode = transaction
default_pool_size = 20
max_client_conn = 1000
server_login_retry = 1
server_connect_timeout = 3
"""


@contextmanager
def pooled(dsn: str) -> Iterator[str]:
    """Run a pooler before a database and give the database's address through it."""
    there = psycopg.conninfo.conninfo_to_dict(dsn)
    user = engine.database_user()  # it does not run as root
    with tempfile.TemporaryDirectory(prefix="luister-pooler-") as place, socket.socket() as free:
        folder = Path(place)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        settings = {"host": there["host"], "port": there["port"], "name": there["dbname"]}
        (folder / "pgbouncer.ini").write_text(SETTINGS.format(own_port=port, folder=folder, **settings))
        (folder / "users.txt").write_text(f'"{there["user"]}" "{there["password"]}"\n')
        for path in (folder, *folder.iterdir()):
            if user is not None:
                engine.give(path, user=user)
        program = shutil.which("pgbouncer", path=PATH)
        assert program is not None, "pgbouncer is not installed: tools/system-packages does that"
        process = spawn([program, folder / "pgbouncer.ini"], env={}, output=subprocess.DEVNULL, user=user)
        address = dsn.replace(f":{there['port']}/", f":{port}/")
        try:
            assert wait_until(lambda: _answers(address), seconds=20), (folder / "pgbouncer.log").read_text()
            yield address
        finally:
            process.terminate()
            process.wait(10)


def _answers(address: str) -> bool:
    try:
        with psycopg.connect(address, connect_timeout=5) as at:
            return at.execute("SELECT 1").fetchone() is not None
    except psycopg.OperationalError:
        return False
