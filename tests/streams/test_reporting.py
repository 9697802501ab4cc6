"""What matchers say of themselves."""

from datetime import timedelta

from luister.streams.actions.reporting import leave, report
from luister.streams.models import MatcherReport
from luister.streams.queries.reports import living
from tests.factories import NOW, MatcherReportFactory

STREAM = "127.0.0.1:4222/POSTS"


def test_report_is_one_row_for_each_matcher(db):
    report(STREAM, host="een", pid=7, now=NOW, said={"lag": 10, "posts": 5})
    report(STREAM, host="een", pid=7, now=NOW + timedelta(seconds=5), said={"lag": 3, "posts": 12})
    report(STREAM, host="twee", pid=7, now=NOW + timedelta(seconds=5), said={"lag": 3, "posts": 1})

    first, second = sorted(living(STREAM, now=NOW + timedelta(seconds=6)), key=lambda one: one.host)

    assert (first.started_at, first.seen_at) == (NOW, NOW + timedelta(seconds=5))
    assert (first.lag, first.posts) == (3, 12)
    assert second.host == "twee"


def test_living_leaves_out_who_said_nothing_for_long_and_other_streams(db):
    MatcherReportFactory(seen_at=NOW)
    MatcherReportFactory(seen_at=NOW + timedelta(minutes=1))
    MatcherReportFactory(stream="127.0.0.1:4222/OTHER", seen_at=NOW + timedelta(minutes=1))

    assert len(living(STREAM.upper(), now=NOW + timedelta(minutes=1))) == 1


def test_leave_takes_the_own_report_away_and_old_ones_go_by_themselves(db):
    MatcherReportFactory(host="old", seen_at=NOW - timedelta(days=2))
    report(STREAM, host="een", pid=7, now=NOW, said={})
    assert MatcherReport.objects.get().host == "een"

    leave(STREAM, host="een", pid=7)

    assert not MatcherReport.objects.exists()
