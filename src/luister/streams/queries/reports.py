"""What the matchers say of themselves."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from luister.streams.models import MatcherReport

LIVING: Final = timedelta(seconds=30)  # since it last reported, several times as long as between two reports


def living(stream: str, *, now: datetime) -> Sequence[MatcherReport]:
    """Return the reports of the matchers that read a stream now, by the name its channels are known by."""
    return [report for report in reports(stream) if now - report.seen_at <= LIVING]


def reports(stream: str) -> Sequence[MatcherReport]:
    """Return the reports of all matchers of a stream, also of those that died without a word; newest first."""
    return list(MatcherReport.objects.filter(stream__iexact=stream).order_by("-seen_at", "pk"))
