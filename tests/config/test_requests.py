"""Each request has an id that its answer, its log lines and its error page share; a page's line has no address."""

import asyncio
import json
import logging
import re

import pytest
from django.core.signals import request_finished
from django.http import StreamingHttpResponse

from luister.base import metrics
from luister.base.context import request_id
from luister.config import logs
from luister.config.requests import Ended, Identified
from tests.factories import MembershipFactory


def ask(*given: tuple[bytes, bytes]) -> tuple[str, str]:
    """Return the id in the answer and the one that the application saw."""
    seen: list[str] = []
    sent: list[dict] = []

    async def application(scope, receive, send) -> None:
        seen.append(request_id.get())
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})

    async def send(message) -> None:
        sent.append(message)

    asyncio.run(Identified(application)({"type": "http", "headers": list(given)}, None, send))
    return dict(sent[0]["headers"])[b"x-request-id"].decode(), seen[0]


def test_id_of_a_proxy_is_kept():
    assert ask((b"x-request-id", b"01HQ-proxy.7")) == ("01HQ-proxy.7", "01HQ-proxy.7")


@pytest.mark.parametrize("given", [b"", b"short", b"x" * 65, b"with space", b'a"b\nc-forged', "é".encode() * 8])
def test_id_that_is_not_well_formed_is_replaced(given: bytes):
    answered, seen = ask((b"x-request-id", given))

    assert answered == seen
    assert re.fullmatch("[0-9a-f]{32}", answered)
    assert request_id.get() == ""


@pytest.mark.django_db
def test_page_is_noted_without_its_address(client, caplog):
    member = MembershipFactory(role="administrator")
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    labels = {"route": "w/<slug:slug>/settings/workspace/", "method": "GET", "code_class": "2xx"}
    before = metrics.PROCESS.get_sample_value("luister_http_request_duration_seconds_count", labels) or 0

    with caplog.at_level(logging.INFO, "luister.http"):
        assert client.get(f"{member.workspace.path}settings/workspace/?q=geheim").status_code == 200

    line = json.loads(logs.JsonLines().format(caplog.records[-1]))
    assert line["event"] == "http.answered"
    assert (line["route"], line["status"]) == (labels["route"], 200)
    assert (line["workspace_id"], line["actor_id"]) == (member.workspace_id, member.user_id)
    assert "geheim" not in json.dumps(line)
    assert metrics.PROCESS.get_sample_value("luister_http_request_duration_seconds_count", labels) == before + 1


@pytest.mark.django_db
def test_error_page_and_its_line_name_the_request(client, caplog):
    token = request_id.set("proxy-0001")
    try:
        with caplog.at_level(logging.INFO, "luister.ui"):
            page = client.get("/nowhere/").content.decode()
    finally:
        request_id.reset(token)

    assert "<code>proxy-0001</code>" in page
    assert [record.request_id for record in caplog.records if record.msg == "page.error"] == ["proxy-0001"]


def test_answer_that_breaks_off_ends_its_request():
    """As the practice network breaks connections on purpose; each would keep a database connection for good."""

    async def half_an_answer():
        yield b"half"
        raise ConnectionAbortedError

    async def send(_message) -> None:
        pass

    ended: list[object] = []

    def end(sender, **_rest) -> None:
        ended.append(sender)

    request_finished.connect(end)
    try:
        response = StreamingHttpResponse(half_an_answer())
        response._handler_class = Ended
        with pytest.raises(ConnectionAbortedError):
            asyncio.run(Ended().send_response(response, send))
    finally:
        request_finished.disconnect(end)

    assert ended == [Ended]
