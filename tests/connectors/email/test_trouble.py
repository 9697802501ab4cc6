"""What a reading server does wrong, and what the channel is told about it."""

import socket
import threading

import pytest

from luister.base.errors import ConnectorError
from luister.connectors.email import CONNECTOR, EmailConnector
from luister.connectors.email.intake import Position
from tests.connectors.email.line_server import Answer, channel, imap_script
from tests.raw_server import closed_port


@pytest.fixture(autouse=True)
def _allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1")


def close(connection: socket.socket) -> None:
    """Say nothing and hang up."""


@pytest.mark.parametrize(
    ("answers", "code", "needs_attention"),
    [
        ({"greeting": b"* BYE [UNAVAILABLE] maintenance\r\n"}, "mail.imap_closed", False),
        ({"greeting": close}, "mail.imap_closed", False),
        ({"greeting": b"HTTP/1.1 400 Bad Request\r\n\r\n"}, "mail.imap_protocol", False),
        ({"login": b"{tag} NO [AUTHENTICATIONFAILED] wrong\r\n"}, "mail.imap_login", True),
        ({"login": b"{tag} NO Invalid credentials (Failure)\r\n"}, "mail.imap_login", True),
        ({"login": b"{tag} NO [UNAVAILABLE] try later\r\n"}, "mail.imap_refused", False),
        ({"login": b"{tag} NO [INUSE] Too many connections\r\n"}, "mail.imap_refused", False),
        ({"login": b"* BYE too many\r\n"}, "mail.imap_closed", False),
        ({"examine": b"{tag} NO [NONEXISTENT] Unknown Mailbox\r\n"}, "mail.imap_folder", True),
        ({"examine": b"{tag} NO [UNAVAILABLE] storage is away\r\n"}, "mail.imap_folder", False),
        ({"uid": b"{tag} NO [LIMIT] enough for today\r\n"}, "mail.imap_refused", False),
        ({"uid": b"{tag} BAD what\r\n"}, "mail.imap_protocol", False),
        ({"uid": b"* BYE idle for too long\r\n"}, "mail.imap_closed", False),
        ({"uid": close}, "mail.imap_closed", False),
    ],
)
def test_fetch_trouble(answers: dict[str, Answer], code: str, needs_attention: bool) -> None:
    with imap_script(answers) as server, pytest.raises(ConnectorError) as caught:
        CONNECTOR.fetch(channel(imap_port=server.port), {})

    assert (caught.value.reason.code, caught.value.needs_attention) == (code, needs_attention)


def test_fetch_gives_the_servers_own_words() -> None:
    with imap_script({"login": b"{tag} NO [ALERT] Application-specific password required\r\n"}) as server:
        with pytest.raises(ConnectorError) as caught:
            CONNECTOR.fetch(channel(imap_port=server.port), {})

    assert caught.value.reason.values == {"server": "[ALERT] Application-specific password required"}
    assert "geheim" not in repr(caught.value)


def test_fetch_nobody_listens() -> None:
    with closed_port() as port, pytest.raises(ConnectorError) as caught:
        CONNECTOR.fetch(channel(imap_port=port), {})

    assert caught.value.reason.code == "mail.unreachable"
    assert caught.value.reason.values["port"] == str(port)


def test_fetch_server_without_starttls() -> None:
    with imap_script({}) as server, pytest.raises(ConnectorError) as caught:
        CONNECTOR.fetch(channel(imap_port=server.port, imap_security="starttls"), {})

    assert caught.value.reason.code == "mail.no_starttls"


def test_fetch_silent_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luister.connectors.email.imap.TIMEOUT_SECONDS", 0.3)
    released = threading.Event()

    def hang(connection: socket.socket) -> None:
        released.wait(20)

    with imap_script({"greeting": hang}) as server:
        with pytest.raises(ConnectorError) as caught:
            CONNECTOR.fetch(channel(imap_port=server.port), {})
        released.set()

    assert caught.value.reason.code == "mail.timeout"


def test_fetch_unknown_host() -> None:
    with pytest.raises(ConnectorError) as caught:
        CONNECTOR.fetch(channel(imap_host="mail.nowhere.invalid", imap_security="tls"), {})

    assert caught.value.reason.code == "http.unknown_host"


@pytest.mark.parametrize("answers", [{"idle": b"{tag} NO not now\r\n"}, {"idle": close}, {"idle": b"* BYE\r\n"}])
def test_wait_trouble(answers: dict[str, Answer]) -> None:
    connector = EmailConnector()
    with imap_script(answers) as server:
        settings = channel(imap_port=server.port)
        connector.wait(settings, timeout_seconds=20, stop=threading.Event())
        with pytest.raises(ConnectorError):
            connector.wait(settings, timeout_seconds=20, stop=threading.Event())


def test_wait_connection_dies_silently_in_idle() -> None:
    def idle(connection: socket.socket) -> None:
        connection.sendall(b"+ idling\r\n")

    connector = EmailConnector()
    with imap_script({"idle": idle}) as server:
        settings = channel(imap_port=server.port)
        connector.wait(settings, timeout_seconds=20, stop=threading.Event())
        with pytest.raises(ConnectorError) as caught:
            connector.wait(settings, timeout_seconds=20, stop=threading.Event())

    assert caught.value.reason.code == "mail.imap_closed"


def test_wait_server_without_idle_waits_for_the_time_out() -> None:
    connector = EmailConnector()
    with imap_script({"capability": b"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"}) as server:
        settings = channel(imap_port=server.port)
        connector.wait(settings, timeout_seconds=20, stop=threading.Event())
        connector.wait(settings, timeout_seconds=0.2, stop=threading.Event())
        stop = threading.Event()
        stop.set()
        connector.wait(settings, timeout_seconds=60, stop=stop)


@pytest.mark.parametrize("field", ["imap_host", "user", "password", "imap_port", "imap_security", "folder"])
def test_fetch_wrong_settings(field: str) -> None:
    settings = channel(imap_port=1)
    wrong = {**settings.settings, field: "a\r\nb"}
    secrets = {} if field == "password" else settings.secrets

    with pytest.raises(ConnectorError) as caught:
        CONNECTOR.fetch(type(settings)(1, "", wrong, secrets), {})

    assert caught.value.reason.code in ("mail.settings", "mail.unreachable")
    if field != "folder":  # which is only read once the server answers
        assert caught.value.reason.values == {"field": field}


@pytest.mark.parametrize("cursor", [{}, {"uidvalidity": "x"}, {"seen": 7}, {"last_at": "gisteren"}])
def test_position_of_a_cursor_that_makes_no_sense(cursor: dict[str, object]) -> None:
    assert Position.of(cursor) == Position()
