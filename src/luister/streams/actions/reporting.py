"""Matchers say how they are doing."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from luister.channels.models import Channel
from luister.streams.models import MatcherReport

FORGOTTEN: Final = timedelta(days=1)  # after which what a matcher that died said is of no use


def report(
    stream: str, *, host: str, pid: int, now: datetime, said: Mapping[str, Any], channels: Sequence[int] = ()
) -> None:
    """Write down how a matcher is doing and that it reads these channels, and forget those that died long ago."""
    Channel.objects.filter(pk__in=channels).update(last_read_at=now)
    MatcherReport.objects.update_or_create(
        stream=stream,
        host=host[:255],
        pid=pid,
        defaults={"seen_at": now, **said},
        create_defaults={"seen_at": now, "started_at": now, **said},
    )
    MatcherReport.objects.filter(seen_at__lt=now - FORGOTTEN).delete()


def leave(stream: str, *, host: str, pid: int) -> None:
    """Take away the report of a matcher that ends."""
    MatcherReport.objects.filter(stream=stream, host=host[:255], pid=pid).delete()
