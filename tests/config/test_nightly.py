"""The backup that a worker makes each day."""

from datetime import time

import pytest

from luister.config import jobs
from luister.config.backups.archive import kept_in
from luister.config.backups.verify import last_verified
from luister.schedules.timetable import nightly
from tests.factories import MembershipFactory


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_made_and_proven_and_the_one_before_goes(tmp_path, settings):
    MembershipFactory()
    settings.LUISTER_BACKUPS, settings.LUISTER_BACKUPS_KEPT = tmp_path / "backups", 1
    old = settings.LUISTER_BACKUPS / "luister-20200101T023000Z.zip"
    old.parent.mkdir()
    old.touch()
    assert kept_in(old.parent) == [old]

    jobs.back_up(due_at="2026-01-01T01:30:00Z", is_late=False)

    (made,) = kept_in(old.parent)
    assert made != old
    assert last_verified().name == made.name


def test_backup_is_in_the_timetable_where_there_is_a_time_for_it():
    assert nightly(None) == ()
    assert [(one.job, one.rule.at) for one in nightly(time(2, 30))] == [("config.back_up", time(2, 30))]
