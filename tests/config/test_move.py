"""Moving to another database: everything arrives, nothing is mixed up, and the old one stays as it was."""

import json

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from luister.config.backups import move
from luister.config.errors import GroundError, LockedError
from tests.config.test_backups import empty_database as empty_database
from tests.config.test_backups import luister, quiet
from tests.factories import PostFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.sql
def test_everything_arrives_and_the_old_stays(tmp_path, database_url, empty_database):
    post = PostFactory(text="Één koffer 🧳 van Müller")
    connection.close()

    done = luister("move-database", "--json", home=tmp_path, address=database_url, LUISTER_MOVE_TO=empty_database)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["rows"] > 1
    for address in (database_url, empty_database):
        with psycopg.connect(address) as at:
            assert at.execute("SELECT text FROM posts_post WHERE id = %s", [post.pk]).fetchone() == (post.text,)
            assert at.execute("SELECT count(*) FROM django_migrations").fetchone()[0] > 30


def test_refuses_what_does_not_fit(database_url, empty_database, monkeypatch):
    at = move.parsed(empty_database)
    with pytest.raises(LockedError, match="not empty"):
        move.move(move.parsed(database_url), progress=quiet)
    with pytest.raises(GroundError, match="nowhere cannot be reached"):
        move.move(at.named("nowhere"), progress=quiet)
    with psycopg.connect(database_url), pytest.raises(LockedError, match=r"connected to .* \(1\): stop Luister"):
        move.move(at, progress=quiet)
    monkeypatch.setattr(move, "OLDEST_POSTGRES", 99)
    with pytest.raises(GroundError, match="needs 99 or newer"):
        move.move(at, progress=quiet)
    monkeypatch.undo()
    with psycopg.connect(empty_database, autocommit=True) as there:
        there.execute("DROP ROLE IF EXISTS luister_guest")
        there.execute("CREATE ROLE luister_guest LOGIN PASSWORD 'gast'")
        guest = move.Address({**at.parts, "user": "luister_guest", "password": "gast"})
        with pytest.raises(GroundError, match="“luister_guest” may not make tables"):
            move.move(guest, progress=quiet)
        there.execute("DROP ROLE luister_guest")


def test_addresses_are_read_as_django_reads_them():
    assert settings.DATABASES["default"]["NAME"]
    found = move.parsed("postgres://pim:g%40heim@db.example:5433/luister?sslmode=require&options=x")

    assert found.parts == {
        "host": "db.example", "port": "5433", "user": "pim", "password": "g@heim", "sslmode": "require",
        "dbname": "luister",
    }  # fmt: skip
    for wrong in ("mysql://a/b", "postgres://db.example", "luister", "postgres://db:zeven/luister"):
        with pytest.raises(GroundError, match="postgres://user:password@host:5432/name"):
            move.parsed(wrong)
