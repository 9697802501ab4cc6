"""The database cut off under load, in small and through a pooler: all come back by themselves, nothing is lost."""

import os
import shutil

import psycopg
import pytest

from bench import outage, outages
from bench.outage import Fault
from bench.pooler import PATH, pooled
from luister.config import doctor_database

pytestmark = pytest.mark.skipif(shutil.which("pgbouncer", path=PATH) is None, reason="PgBouncer is not installed")


def test_desk_comes_back_by_itself_and_loses_nothing(transactional_db: None, database_url: str) -> None:
    plan = outage.Plan(screens=10, workers=1, replies=5, calm_seconds=1.0, settle_seconds=4.0)
    with outages.proxied(database_url) as (proxy, address), pooled(address) as used:
        faults = [Fault("cut off silently, alone", proxy.silence, proxy.mend, 1.5, alone=True)]
        env = {"DATABASE_URL": used, "LUISTER_DATABASE_DIRECT": address, "LUISTER_HOME": os.environ["LUISTER_HOME"]}

        found = outage.run(plan, faults, database_url=database_url, env=env)

    assert outages.broken(found) == []
    assert (len(found.recoveries), found.confirmed) == (1, 5)
    assert found.accepted > 3
    assert found.written > 10


def test_doctor_knows_a_pooler_and_whether_both_addresses_lead_to_one_database(
    transactional_db: None, database_url: str
) -> None:
    elsewhere = database_url.rpartition("/")[0] + "/postgres"
    with pooled(database_url) as used:
        found = list(doctor_database.pooler(lambda: psycopg.connect(used, autocommit=True)))

        assert [check.name for check in found] == ["pooler"]
        assert list(doctor_database.two_databases(database_url, used)) == []
        assert [check.text[:23] for check in doctor_database.two_databases(elsewhere, used)] == [
            "LUISTER_DATABASE_DIRECT"
        ]
