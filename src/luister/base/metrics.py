"""What this process counts, for Prometheus; docs/reference/metrics.md says what each is for.

Names of few values only: a kind of channel, a queue, an outcome; never an account, a person or a case. What the
database knows is not counted here but read from it when somebody asks.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

PROCESS: Final = CollectorRegistry()
ProcessCollector(registry=PROCESS)

_QUICK: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds
_SLOW: Final = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 86_400.0)


def _counter(name: str, help_text: str, *labels: str) -> Counter:
    return Counter(f"luister_{name}", help_text, labels, registry=PROCESS)


def _seconds(name: str, help_text: str, *labels: str, buckets: tuple[float, ...] = _QUICK) -> Histogram:
    return Histogram(f"luister_{name}_seconds", help_text, labels, registry=PROCESS, buckets=buckets)


http_requests = _seconds("http_request_duration", "What answering a page took.", "route", "method", "code_class")
inbound_lag = _seconds(
    "inbound_lag", "From what a network says a post was written at, until it was stored.", "channel", buckets=_SLOW
)
sends = _counter("send", "Posts that were to leave, by what came of a try.", "channel", "outcome")
send_durations = _seconds("send_duration", "What a network took to accept or refuse a post.", "channel")
unknown_resolved = _counter(
    "send_unknown_resolved", "Sends of which nobody knew the outcome, by what settled it.", "channel", "by"
)
rate_limited = _counter("rate_limited", "Times that a network asked us to wait.", "channel")
webhook_attempts = _counter("webhook_attempts", "Tries at telling a receiver, by what came of them.", "outcome")
webhook_durations = _seconds("webhook_duration", "What a receiver took to answer.")
jobs = _seconds("job_duration", "What a job took.", "task", "result")
logins = _counter("login", "Attempts to sign in.", "result", "method")
denied = _counter("permission_denied", "Pages refused to people who may not see them.", "area")
across_workspaces = _counter(
    "across_workspaces", "Times that the rows of all workspaces were reached, by why they had to be.", "reason"
)
egress_blocked = _counter("egress_blocked", "Connections that the guard of addresses refused.", "reason")
sse_connections = Gauge("luister_sse_connections", "Open screens that hear of live events.", registry=PROCESS)
pool_in_use = Gauge("luister_db_pool_in_use", "Database connections that are lent out.", ["pool"], registry=PROCESS)
