"""/health/deep and /metrics: who may ask, what they hear, and that nobody hears of others."""

import json
import socket
import urllib.request
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from luister.base import metrics
from luister.channels.enums import ChannelState
from luister.config import measures, vitals_fence
from luister.config.health import Refused, _checks, _has_token
from luister.delivery.enums import RawState, SendState
from luister.fence import policies
from tests.config.test_web import get
from tests.factories import (
    NOW,
    ChannelFactory,
    DeliveryFactory,
    EndpointFactory,
    MembershipFactory,
    OutgoingFactory,
    RawItemFactory,
)

TOKEN = "q0Xe7-hVZk2mR9sTnB4wLpYc8uJd3fGa"


def scope(*, token: str = "", member=None) -> dict:
    headers = [(b"host", b"10.0.0.7:8000"), (b"authorization", f"Bearer {token}".encode())] if token else []
    if member is not None:
        client = Client()
        client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
        headers.append((b"cookie", cookie.encode()))
    return {"type": "http", "path": "/health/deep", "headers": headers}


@pytest.fixture
def troubled(db, settings, monkeypatch):
    """Two workspaces, each with a channel that needs attention and a reply in doubt; the connection stays open."""
    settings.LUISTER_HEALTH_TOKEN = TOKEN
    monkeypatch.setattr("luister.config.health.connection.close", lambda: None)
    members = [MembershipFactory(role="administrator"), MembershipFactory(role="administrator")]
    for name, member in zip(("Bus", "kanarie-fluit"), members, strict=True):
        channel = ChannelFactory(name=name, workspace=member.workspace, state=ChannelState.ATTENTION)
        OutgoingFactory(state=SendState.UNKNOWN, channel=channel, workspace=member.workspace)
    return members


def said(checks) -> str:
    return json.dumps([check.row() for check in checks])


def test_token_hears_of_everything(troubled):
    found = said(_checks(scope(token=TOKEN)))

    assert "Bus needs attention" in found
    assert "kanarie-fluit needs attention" in found
    assert "Of 2 nobody knows" in found
    assert {"tables", "version", "worker", "jobs", "outbox", "replies", "bin", "mail", "storage", "disk", "clock",
            "backup"} <= {check.name for check in _checks(scope(token=TOKEN))}  # fmt: skip


def test_administrator_hears_of_their_own_workspace_alone(troubled):
    found = said(_checks(scope(member=troubled[0])))

    assert "Bus needs attention" in found
    assert "Of 1 nobody knows" in found
    assert "kanarie" not in found


def test_others_hear_nothing(troubled):
    lead = MembershipFactory(role="lead", workspace=troubled[0].workspace)
    left = MembershipFactory(role="administrator", is_active=False)

    for asking in (scope(), scope(token=TOKEN[:-1]), scope(token="é"), scope(member=lead), scope(member=left)):
        with pytest.raises(Refused):
            _checks(asking)


def test_without_a_token_set_none_opens_anything():
    assert not _has_token(scope(token=" "), "")
    assert not _has_token(scope(), "")


@pytest.mark.parametrize(("path", "status"), [("/health/deep", 401), ("/metrics", 404), ("/health/other", 404)])
def test_strangers_are_sent_away(path: str, status: int):
    assert get(path)[0] == status


def sample(text: bytes, name: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(text.decode()):
        for one in family.samples:
            if one.name == name and one.labels == labels:
                return one.value
    return None


@pytest.mark.django_db
def test_figures_of_webhooks_count_as_late_only_what_could_have_left():
    works, fails, off = EndpointFactory(), EndpointFactory(failing_since=NOW), EndpointFactory(state="off")
    for endpoint, minutes in ((works, 1), (fails, 5), (off, 9)):
        DeliveryFactory(workspace=endpoint.workspace, endpoint=endpoint, due_at=NOW - timedelta(minutes=minutes))
    DeliveryFactory(workspace=off.workspace, endpoint=off, state="failed", settled_at=NOW)

    text = measures.of_installation(now=NOW)

    assert sample(text, "luister_webhook_oldest_seconds") == 60
    assert sample(text, "luister_webhook_deliveries", state="waiting") == 3
    assert sample(text, "luister_webhook_deliveries", state="failed") == 1
    states = ("works", "failing", "off", "stopped")
    assert [sample(text, "luister_webhook_endpoints", state=state) for state in states] == [1, 1, 1, 0]


@pytest.mark.django_db
def test_figures_of_the_installation_come_out_of_the_database(django_assert_max_num_queries):
    channel = ChannelFactory(kind="email")
    ChannelFactory(kind="email", state=ChannelState.ATTENTION)
    OutgoingFactory(channel=channel, state=SendState.QUEUED, send_after=NOW - timedelta(minutes=10))
    OutgoingFactory(channel=channel, state=SendState.UNKNOWN)
    RawItemFactory(channel=channel, state=RawState.UNPROCESSABLE)

    with django_assert_max_num_queries(19):
        text = measures.of_installation(now=NOW)

    assert sample(text, "luister_outbox_messages", state="queued") == 1
    assert sample(text, "luister_outbox_messages", state="unknown") == 1
    assert sample(text, "luister_outbox_oldest_seconds", channel="email") == 600
    assert sample(text, "luister_inbound_unprocessable", channel="email") == 1
    assert sample(text, "luister_channel_up", channel="email", direction="in") == 0
    assert sample(text, "luister_workers") == 0
    assert 0 < (sample(text, "luister_disk_used_ratio") or 0) <= 1
    assert channel.name not in text.decode()


@pytest.mark.django_db
def test_figures_say_that_the_fence_is_down(monkeypatch):
    monkeypatch.setattr(settings, "LUISTER_ROW_SECURITY", True)
    assert sample(measures.of_installation(now=NOW), "luister_row_security") == 1
    monkeypatch.setattr(vitals_fence.policies, "standing", lambda: policies.Standing(lacking=("inbox_case",)))

    assert sample(measures.of_installation(now=NOW), "luister_row_security") == 0


def test_each_process_has_a_port_of_its_own(settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        first = taken.getsockname()[1]
        settings.LUISTER_METRICS_PORT, settings.LUISTER_METRICS_HOST = first, "127.0.0.1"
        metrics.sends.labels("email", "sent").inc()

        port = measures.serve_process()

        assert port is not None
        assert first < port < first + measures.PORTS
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text = answer.read()
    assert (sample(text, "luister_send_total", channel="email", outcome="sent") or 0) >= 1
    assert b"luister_build_info" in text


def test_no_port_is_opened_unless_it_was_asked_for(settings):
    settings.LUISTER_METRICS_PORT = 0

    assert measures.serve_process() is None


@pytest.mark.django_db
def test_status_page_says_what_mends_it_in_the_readers_language(client):
    member = MembershipFactory(role="administrator")
    ChannelFactory(workspace=member.workspace, name="Bus", state=ChannelState.ATTENTION)
    ChannelFactory(name="kanarie-fluit", state=ChannelState.ATTENTION)
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")

    for language, words in (("nl", "Bus vraagt aandacht"), ("en", "Bus needs attention")):
        member.user.language = language
        member.user.save()
        page = client.get(f"{member.workspace.path}settings/status/").content.decode()
        assert words in page
        assert "kanarie" not in page
