"""How far the timetable was kept, and the workers."""

from factory import Sequence
from factory.django import DjangoModelFactory

from luister.schedules import models
from tests.factories.base import NOW


class ScheduleStateFactory(DjangoModelFactory):
    class Meta:
        model = models.ScheduleState

    name = Sequence(lambda number: f"schedule-{number}")
    handled_until = NOW


class LeadershipFactory(DjangoModelFactory):
    class Meta:
        model = models.Leadership

    host = "worker.example"
    pid = 1000
    backend_pid = 2000
    since_at = NOW
    seen_at = NOW


class WorkerReportFactory(DjangoModelFactory):
    class Meta:
        model = models.WorkerReport

    host = "worker.example"
    pid = Sequence(lambda number: 1000 + number)
    started_at = NOW
    seen_at = NOW
    looped_at = NOW


class RecoveredFactory(DjangoModelFactory):
    class Meta:
        model = models.Recovered

    queue = Sequence(lambda number: f"queue-{number}")
    last_at = NOW
