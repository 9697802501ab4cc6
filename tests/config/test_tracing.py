"""Spans of requests, jobs and database calls, linked; none without OpenTelemetry, and none with content."""

import json
from unittest import mock

import pytest
from django.db import connection
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from luister import queue
from luister.base import tracing, watched
from luister.config.tracing import OpenTelemetry, switch_on
from tests.factories import MembershipFactory


@pytest.fixture
def spans():
    exporter = InMemorySpanExporter()
    tracing.use(OpenTelemetry(SimpleSpanProcessor(exporter)))
    yield exporter.get_finished_spans
    tracing.use(None)


def test_nothing_is_traced_unless_it_was_asked_for():
    with tracing.span("x", kind="server"):
        assert tracing.traceparent() == tracing.trace_id() == ""
    assert watched.carried() == {}
    assert switch_on({"LUISTER_HOME": "/x"}) is False
    assert switch_on({"OTEL_TRACES_EXPORTER": "none"}) is False


@pytest.mark.parametrize("exporter", ["console", "zipkin"])
def test_what_was_asked_for_and_is_not_installed_is_logged(exporter, caplog):
    with mock.patch("luister.config.tracing.find_spec", return_value=None if exporter == "console" else mock.ANY):
        assert switch_on({"OTEL_TRACES_EXPORTER": exporter}) is False

    assert [(record.message, record.code) for record in caplog.records] == [("tracing.not_installed", exporter)]


@pytest.mark.django_db
def test_job_is_linked_to_the_request_that_asked_for_it(spans):
    with tracing.span("GET", kind="server", parent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"):
        assert tracing.trace_id() == "0af7651916cd43dd8448eb211c80319c"
        job_id = queue.enqueue("delivery.send", outgoing_id=5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE id = %s", [job_id])
        arguments = json.loads(cursor.fetchone()[0])
    given: list[dict] = []

    watched.watched("delivery.send", lambda **primitives: given.append(primitives))(**arguments)

    found = {span.name: span for span in spans()}
    request, job = found["GET"], found["delivery.send"]
    assert given == [{"outgoing_id": 5}]
    assert job.context.trace_id == request.context.trace_id
    assert job.parent.span_id == request.context.span_id


@pytest.mark.django_db
def test_page_and_its_database_calls_are_spans_without_content(client, spans):
    member = MembershipFactory(role="administrator", user__name="kanarie-fluit")
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")

    client.get(f"{member.workspace.path}settings/workspace/?q=kanarie-fluit")

    found = spans()
    page = next(span for span in found if span.kind.name == "SERVER")
    calls = [span for span in found if span.name.startswith("SELECT accounts_membership")]
    assert page.attributes["http.route"] == "w/<slug:slug>/settings/workspace/"
    assert calls
    assert all(
        span.context.trace_id == page.context.trace_id for span in found if span.kind.name == "CLIENT" and span.parent
    )
    assert "kanarie" not in "".join(span.to_json() for span in found)


def test_error_is_told_by_its_type(spans):
    with pytest.raises(ValueError), tracing.span("x", kind="server"):
        raise ValueError("kanarie-fluit")

    assert spans()[0].attributes["error.type"] == "ValueError"
    assert "kanarie" not in spans()[0].to_json()
