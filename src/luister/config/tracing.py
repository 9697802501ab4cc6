"""OpenTelemetry, switched on by its own variables (OTEL_*) where `luister[otel]` is installed; else nothing.

Spans of requests, jobs, calls to networks and database calls; none holds values, addresses or what people wrote. The
trace is not passed on to networks.
"""

import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, Final

from django.db import connection

from luister.base import tracing

logger = logging.getLogger("luister.tracing")

WITH_DATABASE: Final = frozenset({"server", "consumer"})
_TABLE: Final = re.compile(r'\b(?:FROM|INTO|UPDATE|JOIN)\s+(?:ONLY\s+)?"?([a-z_]+)"?', re.IGNORECASE)
_VERB: Final = re.compile(r"\s*([A-Z]+)", re.IGNORECASE)


def switch_on(environ: Mapping[str, str] = os.environ) -> bool:
    """Send spans where OTEL_* says; return whether anything does, and log why not where it was asked for."""
    wanted = any(name.startswith("OTEL_") for name in environ) and environ.get("OTEL_SDK_DISABLED") != "true"
    kind = environ.get("OTEL_TRACES_EXPORTER", "otlp")
    if not wanted or kind == "none":
        return False
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
        logger.warning("tracing.not_installed", extra={"code": kind})
        return False
    # What is optional is imported only where it is wanted.
    from opentelemetry.sdk.trace import export  # noqa: PLC0415

    exporter: export.SpanExporter
    if kind == "console":
        exporter = export.ConsoleSpanExporter()
    elif kind == "otlp" and find_spec("opentelemetry.exporter") is not None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

        exporter = OTLPSpanExporter()
    else:
        logger.warning("tracing.not_installed", extra={"code": kind})
        return False
    tracing.use(OpenTelemetry(export.BatchSpanProcessor(exporter)))
    logger.info("tracing.switched_on", extra={"code": kind})
    return True


class OpenTelemetry:
    """Spans of the SDK."""

    def __init__(self, processor: Any) -> None:
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - optional
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - optional

        name = os.environ.get("OTEL_SERVICE_NAME", f"luister-{os.environ.get('LUISTER_PROCESS', 'command')}")
        resource = Resource.create({"service.name": name, "service.version": version("luister")})
        provider = TracerProvider(resource=resource)
        provider.add_span_processor(processor)
        self._tracer = provider.get_tracer("luister")

    @contextmanager
    def span(self, name: str, *, kind: str, parent: str, attributes: tracing.Attributes) -> Iterator[None]:
        """Span a piece of work; of an error its type is told, not its words."""
        from opentelemetry.trace import SpanKind, Status, StatusCode  # noqa: PLC0415 - optional
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        # An empty context would start a trace of its own; None goes on with the present one.
        around = TraceContextTextMapPropagator().extract({"traceparent": parent}) if parent else None
        with (
            ExitStack() as stack,
            self._tracer.start_as_current_span(
                name,
                context=around,
                kind=SpanKind[kind.upper()],
                attributes=dict(attributes),
                record_exception=False,
                set_status_on_exception=False,
            ) as made,
        ):
            if kind in WITH_DATABASE:
                stack.enter_context(connection.execute_wrapper(self._query))
            try:
                yield
            except BaseException as error:
                made.set_status(Status(StatusCode.ERROR))
                made.set_attribute("error.type", type(error).__name__)
                raise

    def note(self, attributes: tracing.Attributes) -> None:
        """Add to the present span."""
        from opentelemetry.trace import get_current_span  # noqa: PLC0415 - optional

        get_current_span().set_attributes(dict(attributes))

    def traceparent(self) -> str:
        """Return the present span as W3C's traceparent writes it, or nothing."""
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        carrier: dict[str, str] = {}
        TraceContextTextMapPropagator().inject(carrier)
        return carrier.get("traceparent", "")

    def _query(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = str(sql)
        verb, table = _VERB.match(text), _TABLE.search(text)
        known = {"db.system.name": "postgresql", "db.operation.name": verb[1].upper() if verb else "OTHER"}
        if table:
            known["db.collection.name"] = table[1]
        name = " ".join([known["db.operation.name"], known.get("db.collection.name", "")]).strip()
        with self.span(name, kind="client", parent="", attributes=known):
            return execute(sql, params, many, context)
