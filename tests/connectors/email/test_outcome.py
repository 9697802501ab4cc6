"""What is known after each way in which sending can go wrong: not sent, sent, or unknown."""

import socket
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from luister.base.connector import Idempotency, OutboundAttachment
from luister.base.errors import ConnectorError, NotSentError, UnknownOutcomeError
from luister.connectors.email import CONNECTOR
from tests.connectors.email.accounts import outbound
from tests.connectors.email.line_server import Answer, channel, imap_script, smtp_script
from tests.raw_server import closed_port, reset


@pytest.fixture(autouse=True)
def _allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1")


def close(connection: socket.socket) -> None:
    """Say nothing and hang up."""


def hang_up_after(words: bytes) -> Answer:
    return lambda connection: connection.sendall(words)


def send(answers: Mapping[str, Answer], *, deadline_seconds: float = 20, **changes: Any) -> str:
    with smtp_script(answers) as server:
        receipt = CONNECTOR.send(channel(smtp_port=server.port), outbound(**changes), deadline_seconds=deadline_seconds)
    return receipt.external_id


def test_send_accepted() -> None:
    assert send({}) == "<0f9d8c7b-1111-4222-8333-444455556666@luister.example>"


def test_send_accepted_although_the_goodbye_fails() -> None:
    assert send({"quit": reset})


def test_send_hands_over_lines_that_begin_with_a_dot() -> None:
    with smtp_script({}) as server:
        CONNECTOR.send(channel(smtp_port=server.port), outbound(text=".\n..x\nklaar"), deadline_seconds=20)

    assert b"..\r\n" in server.requests
    assert b"...x\r\n" in server.requests


@pytest.mark.parametrize(
    ("answers", "code", "permanent", "needs_attention"),
    [
        ({"greeting": b"421 busy\r\n"}, "mail.smtp_refused", False, False),
        ({"greeting": b"554 go away\r\n"}, "mail.smtp_refused", False, True),
        ({"greeting": close}, "mail.unreachable", False, False),
        ({"ehlo": reset}, "mail.unreachable", False, False),
        ({"ehlo": b"\xff\xfe nonsense\r\n"}, "mail.smtp_refused", False, False),
        ({"auth": b"535 5.7.8 wrong\r\n"}, "mail.smtp_login", False, True),
        ({"auth": b"454 4.7.0 later\r\n"}, "mail.smtp_refused", False, False),
        ({"auth": reset}, "mail.unreachable", False, False),
        ({"ehlo": b"250-test\r\n250 AUTH NTLM\r\n"}, "mail.smtp_login", False, True),
        ({"ehlo": b"250-test\r\n250 AUTH CRAM-MD5\r\n", "auth": b"334 \xff\xfe\r\n"}, "mail.smtp_login", False, True),
        ({"mail": b"550 5.7.1 not yours\r\n"}, "mail.sender_refused", True, True),
        ({"mail": b"451 later\r\n"}, "mail.deferred", False, False),
        ({"rcpt": b"550 5.1.1 no such user\r\n"}, "mail.recipient_refused", True, False),
        ({"rcpt": b"450 greylisted\r\n"}, "mail.deferred", False, False),
        ({"rcpt": reset}, "mail.unreachable", False, False),
        ({"data": b"554 no\r\n"}, "mail.rejected", True, False),
        ({"data": b"451 later\r\n"}, "mail.deferred", False, False),
        ({"data": reset}, "mail.unreachable", False, False),
        ({".": b"552 5.3.4 too big\r\n"}, "mail.rejected", True, False),
        ({".": b"452 4.3.1 disk full\r\n"}, "mail.deferred", False, False),
        ({"ehlo": b"250-test\r\n250 SIZE 200\r\n"}, "mail.too_large", True, False),
    ],
)
def test_send_certainly_not_sent(
    answers: Mapping[str, Answer], code: str, permanent: bool, needs_attention: bool
) -> None:
    with pytest.raises(NotSentError) as caught:
        send(answers)

    error = caught.value
    assert (error.reason.code, error.permanent, error.needs_attention) == (code, permanent, needs_attention)
    assert (error.retry_after == timedelta(minutes=5)) is (
        code == "mail.deferred" or (code == "mail.smtp_refused" and not needs_attention)
    )


def test_send_gives_the_servers_own_words() -> None:
    with pytest.raises(NotSentError) as caught:
        send({"rcpt": b"550-5.1.1 Deze mailbox\r\n550 5.1.1 bestaat niet.\r\n"})

    assert caught.value.reason.values == {
        "address": "jan@customer.example",
        "server": "550 5.1.1 Deze mailbox 5.1.1 bestaat niet",
    }


@pytest.mark.parametrize("answer", [close, reset, b"nonsense\r\n", b"354 go on\r\n", hang_up_after(b"250 o")])
def test_send_unknown_when_the_mail_is_handed_over_and_nothing_sensible_comes(answer: Answer) -> None:
    with pytest.raises(UnknownOutcomeError):
        send({".": answer})


def test_send_unknown_when_the_connection_breaks_in_the_middle_of_the_mail() -> None:
    def cut(connection: socket.socket) -> None:
        connection.sendall(b"354 go\r\n")
        connection.recv(1000)
        reset(connection)

    with pytest.raises(UnknownOutcomeError):
        send({"data": cut}, attachments=(OutboundAttachment("a", "video/mp4", b"\0" * 5_000_000),))


def test_send_unknown_when_the_deadline_passes_after_the_mail() -> None:
    def drip(connection: socket.socket) -> None:
        while True:  # a byte at a time: no time-out of a socket ever sees this
            connection.sendall(b"2")
            time.sleep(0.05)

    with pytest.raises(UnknownOutcomeError):
        send({".": drip}, deadline_seconds=1)


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "rcpt", "data"])
def test_send_not_sent_when_the_deadline_passes_before_the_mail(stage: str) -> None:
    released = threading.Event()

    def hang(connection: socket.socket) -> None:
        released.wait(20)

    with smtp_script({stage: hang}) as server:
        with pytest.raises(NotSentError) as caught:
            CONNECTOR.send(channel(smtp_port=server.port), outbound(), deadline_seconds=0.5)
        released.set()

    assert caught.value.reason.code == "mail.timeout"


def test_send_nobody_listens() -> None:
    with closed_port() as port, pytest.raises(NotSentError) as caught:
        CONNECTOR.send(channel(smtp_port=port), outbound(), deadline_seconds=10)

    assert caught.value.reason.code == "mail.unreachable"
    assert not caught.value.needs_attention


def test_send_server_without_starttls() -> None:
    with smtp_script({}) as server, pytest.raises(NotSentError) as caught:
        CONNECTOR.send(channel(smtp_port=server.port, smtp_security="starttls"), outbound(), deadline_seconds=10)

    assert caught.value.reason.code == "mail.no_starttls"
    assert caught.value.needs_attention


def test_send_server_that_speaks_no_tls() -> None:
    with smtp_script({}) as server, pytest.raises(NotSentError) as caught:
        CONNECTOR.send(channel(smtp_port=server.port, smtp_security="tls"), outbound(), deadline_seconds=10)

    assert caught.value.reason.code == "mail.tls"


def test_send_without_sign_in_where_none_is_offered() -> None:
    assert send({"ehlo": b"250 test\r\n"})


def test_send_password_of_any_alphabet() -> None:
    with smtp_script({}) as server:
        settings = channel(smtp_port=server.port)
        account = type(settings)(1, "", settings.settings, {"password": "gehéim✈"})
        assert CONNECTOR.send(account, outbound(), deadline_seconds=10)


@pytest.mark.parametrize(
    "settings", [{"smtp_host": ""}, {"smtp_port": "x"}, {"smtp_security": "ssl"}, {"smtp_host": "a\nb"}]
)
def test_send_wrong_settings(settings: dict[str, Any]) -> None:
    with pytest.raises(NotSentError) as caught:
        CONNECTOR.send(channel(**settings), outbound(), deadline_seconds=10)

    assert caught.value.reason.code == "mail.settings"
    assert caught.value.needs_attention


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, Idempotency.HUMAN),
        ({"sent_folder": "Sent"}, Idempotency.HUMAN),
        ({"provider_copies_sent": True}, Idempotency.HUMAN),
        ({"sent_folder": "Sent", "provider_copies_sent": True}, Idempotency.LOOKUP),
        ({"sent_folder": "Sent", "provider_copies_sent": "on"}, Idempotency.LOOKUP),
    ],
)
def test_idempotency(settings: dict[str, Any], expected: Idempotency) -> None:
    assert CONNECTOR.idempotency(channel(**settings)) is expected


def test_look_up_cannot_tell_from_a_folder_that_we_fill_ourselves() -> None:
    with pytest.raises(ConnectorError) as caught:
        CONNECTOR.look_up(channel(sent_folder="Sent"), outbound())

    assert caught.value.reason.code == "mail.no_look_up"


def test_look_up_could_not_look() -> None:
    with imap_script({"examine": b"{tag} NO [NONEXISTENT] no such folder\r\n"}) as server:
        settings = channel(imap_port=server.port, sent_folder="Sent", provider_copies_sent=True)
        with pytest.raises(ConnectorError):
            CONNECTOR.look_up(settings, outbound())


def test_limits() -> None:
    assert CONNECTOR.limits(channel(), public=False).max_length is None
    assert CONNECTOR.length("één ✈") == 5
