"""The door to the job library, where whoever makes jobs does their work at once."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from luister.queue import Deferred, UnknownJobError, collecting, enqueue, enqueue_all

pytestmark = pytest.mark.django_db


def test_collecting_keeps_jobs_from_being_deferred():
    with collecting() as deferred:
        enqueue("pipeline.run", post_id=7)
        enqueue_all("pipeline.run", [{"post_id": 8}, {"post_id": 9}])

    assert deferred == [Deferred("pipeline.run", {"post_id": number}) for number in (7, 8, 9)]
    assert ProcrastinateJob.objects.count() == 0


def test_collecting_ends_with_its_block():
    with pytest.raises(ZeroDivisionError), collecting():
        raise ZeroDivisionError

    enqueue("pipeline.run", post_id=7)

    assert ProcrastinateJob.objects.count() == 1


def test_collecting_still_knows_which_jobs_there_are():
    with collecting(), pytest.raises(UnknownJobError):
        enqueue("nobody.does_this")
