"""Figures for Prometheus: of the installation out of the database, and of each process on a port of its own.

What the database knows any web process can tell, so it is asked of one, on the desk's own address, with a token. What a
process counted only that process knows: each answers for itself on a port of its own, the first free one from
LUISTER_METRICS_PORT on, however many of them there are. Nothing has to be shared or added up here; Prometheus does.
"""

import logging
import platform
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Info, generate_latest, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from luister.base import metrics
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.config.backups.verify import last_verified
from luister.config.checks import State
from luister.config.home import home
from luister.config.vitals_fence import fence
from luister.delivery.enums import UNSETTLED, RawState, SendState
from luister.delivery.models import Outgoing, RawItem, Reading
from luister.schedules import queries
from luister.webhooks.queries import figures as webhooks

logger = logging.getLogger("luister.metrics")

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
PORTS: Final = 32  # processes of one machine
FAILING: Final = timedelta(minutes=15)
HEARTBEAT: Final = timedelta(seconds=45)

build = Info("luister_build", "What runs here.", registry=metrics.PROCESS)
build.info({"version": version("luister"), "python": platform.python_version()})


class Installation(Collector):
    """What the database knows, read when somebody asks."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """Yield every family."""
        yield from self._outbox()
        yield from self._channels()
        yield from self._jobs()
        yield from self._schedules()
        yield from self._webhooks()
        yield from self._machine()

    def _outbox(self) -> Iterator[Metric]:
        states = GaugeMetricFamily("luister_outbox_messages", "Posts on their way out.", labels=["state"])
        counts = Outgoing.objects.filter(state__in=UNSETTLED).values_list("state").annotate(Count("pk"))
        found = dict(counts.order_by())
        for state in UNSETTLED:
            states.add_metric([state], found.get(state, 0))
        yield states
        oldest = GaugeMetricFamily(
            "luister_outbox_oldest_seconds", "How long the oldest post should have left.", labels=["channel"]
        )
        due = Outgoing.objects.filter(state=SendState.QUEUED, send_after__lte=self._now)
        for kind, since in due.values_list("channel__kind").annotate(Min("send_after")).order_by():
            oldest.add_metric([kind], (self._now - since).total_seconds())
        yield oldest

    def _channels(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "luister_channel_up", "Whether every channel of a kind works.", labels=["channel", "direction"]
        )
        failing = set(Reading.objects.filter(failing_since__lte=self._now - FAILING).values_list("pk", flat=True))
        works: dict[tuple[str, str], bool] = {}
        resting = (ChannelState.REMOVED, ChannelState.PAUSED)
        for pk, kind, state in Channel.objects.exclude(state__in=resting).values_list("pk", "kind", "state"):
            well = state != ChannelState.ATTENTION
            works[kind, "in"] = works.get((kind, "in"), True) and well and pk not in failing
            works[kind, "out"] = works.get((kind, "out"), True) and well
        for labels, well in sorted(works.items()):
            up.add_metric(list(labels), float(well))
        yield up
        binned = GaugeMetricFamily(
            "luister_inbound_unprocessable", "Items that could not be made into posts.", labels=["channel"]
        )
        waiting = RawItem.objects.filter(state=RawState.UNPROCESSABLE)
        for kind, count in waiting.values_list("channel__kind").annotate(Count("pk")).order_by():
            binned.add_metric([kind], count)
        yield binned

    def _jobs(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily(
            "luister_jobs", "Jobs that wait, are done now, or failed today.", labels=["queue", "status"]
        )
        oldest = GaugeMetricFamily(
            "luister_job_oldest_seconds", "How long the oldest job has been due.", labels=["queue"]
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT queue_name, status, count(*) FROM procrastinate_jobs"
                " WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1, 2 ORDER BY 1, 2"
            )
            for queue, status, count in cursor.fetchall():
                jobs.add_metric([queue, status], count)
            cursor.execute(
                "SELECT queue_name, extract(epoch FROM %s - min(coalesce(scheduled_at, (SELECT min(at)"
                " FROM procrastinate_events e WHERE e.job_id = j.id)))) FROM procrastinate_jobs j"
                " WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= %s) GROUP BY 1 ORDER BY 1",
                [self._now, self._now],
            )
            for queue, seconds in cursor.fetchall():
                oldest.add_metric([queue], max(0.0, float(seconds or 0)))
            cursor.execute(
                "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %s", [self._now - HEARTBEAT]
            )
            workers = cursor.fetchone()[0]
        yield jobs
        yield oldest
        yield GaugeMetricFamily("luister_workers", "Workers of queues whose heart beats.", workers)

    def _schedules(self) -> Iterator[Metric]:
        taken = CounterMetricFamily(
            "luister_jobs_stalled_recovered", "Jobs that were taken from workers that died.", labels=["queue"]
        )
        for queue, count in sorted(queries.recovered().items()):
            taken.add_metric([queue], count)
        yield taken
        ran = GaugeMetricFamily(
            "luister_scheduler_last_run_timestamp_seconds", "When a schedule last ran.", labels=["schedule"]
        )
        for name, at in queries.last_runs().items():
            ran.add_metric([name], at.timestamp())
        yield ran

    def _webhooks(self) -> Iterator[Metric]:
        found = webhooks.figures(now=self._now)
        receivers = GaugeMetricFamily(
            "luister_webhook_endpoints",
            "Webhooks that work, fail, are off, or switched themselves off.",
            labels=["state"],
        )
        for state, count in found.endpoints.items():
            receivers.add_metric([state], count)
        yield receivers
        told = GaugeMetricFamily(
            "luister_webhook_deliveries", "Deliveries that wait, or failed and are kept.", labels=["state"]
        )
        for state, count in found.deliveries.items():
            told.add_metric([state], count)
        yield told
        yield GaugeMetricFamily(
            "luister_webhook_oldest_seconds",
            "How long the oldest delivery to a receiver that works should have left.",
            found.oldest_seconds,
        )

    def _machine(self) -> Iterator[Metric]:
        usage = shutil.disk_usage(home())
        yield GaugeMetricFamily(
            "luister_disk_used_ratio", "How full the data folder's disk is.", usage.used / usage.total
        )
        proven = GaugeMetricFamily("luister_backup_last_verified_timestamp_seconds", "When a backup was last proven.")
        found = last_verified()
        if found is not None:
            proven.add_metric([], found.at.timestamp())
        yield proven
        yield GaugeMetricFamily(
            "luister_row_security",
            "Whether PostgreSQL keeps workspaces apart, as Luister itself does.",
            float(fence().state is State.OK),
        )


def of_installation(*, now: datetime) -> bytes:
    """Return the figures of the installation as text."""
    registry = CollectorRegistry()
    registry.register(Installation(now))
    return bytes(generate_latest(registry))


def serve_process() -> int | None:
    """Answer for this process on the first free port from LUISTER_METRICS_PORT on; return it, or None without one."""
    first = settings.LUISTER_METRICS_PORT
    if not first:
        return None
    metrics.pool_in_use.labels("web").set_function(_lent_out)
    for port in range(first, first + PORTS):
        try:
            start_http_server(port, settings.LUISTER_METRICS_HOST, registry=metrics.PROCESS)
        except OSError:
            continue
        return port
    # The desk goes on without: figures are no reason to keep people from their work.
    logger.error("metrics.no_port_free", extra={"count": PORTS})
    return None


def _lent_out() -> float:
    pool = getattr(connection, "pool", None)  # Django knows it for PostgreSQL alone
    if pool is None:
        return 0.0
    found = pool.get_stats()
    return float(found.get("pool_size", 0) - found.get("pool_available", 0))
