"""Where spans go that OpenTelemetry collects: nowhere, unless `luister.config.tracing` switched it on."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

Attributes = Mapping[str, str | int]


class Tracer(Protocol):
    """What takes spans."""

    def span(self, name: str, *, kind: str, parent: str, attributes: Attributes) -> AbstractContextManager[None]:
        """Span a piece of work, with its database calls: a request, a job, a call to a network."""

    def note(self, attributes: Attributes) -> None:
        """Add to the present span."""

    def traceparent(self) -> str:
        """Return the present span as W3C's traceparent writes it, or nothing."""


_tracer: Tracer | None = None


def use(tracer: Tracer | None) -> None:
    """Send spans there from now on."""
    global _tracer
    _tracer = tracer


def span(
    name: str, *, kind: str, parent: str = "", attributes: Attributes | None = None
) -> AbstractContextManager[None]:
    """Span a piece of work.

    Args:
        kind: server (a request), consumer (a job) or client (a call to a network).
        parent: the traceparent of what asked for it, where that is not the span around us.
    """
    if _tracer is None:
        return nullcontext()
    return _tracer.span(name, kind=kind, parent=parent, attributes=attributes or {})


def note(attributes: Attributes) -> None:
    """Add to the present span."""
    if _tracer is not None:
        _tracer.note(attributes)


def traceparent() -> str:
    """Return the present span as W3C's traceparent writes it; nothing where nobody traces."""
    return "" if _tracer is None else _tracer.traceparent()


def trace_id() -> str:
    """Return the id of the present trace; nothing where nobody traces."""
    parts = traceparent().split("-")
    return parts[1] if len(parts) == 4 else ""
