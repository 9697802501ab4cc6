"""Matchers of streams."""

from factory import Sequence
from factory.django import DjangoModelFactory

from luister.streams import models
from tests.factories.base import NOW


class MatcherReportFactory(DjangoModelFactory):
    class Meta:
        model = models.MatcherReport

    stream = "127.0.0.1:4222/POSTS"
    host = "matcher.example"
    pid = Sequence(lambda number: 1000 + number)
    started_at = NOW
    seen_at = NOW
