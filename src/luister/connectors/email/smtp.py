"""Sending a mail, once: every outcome is certainly sent, certainly not, or unknown (RFC 5321).

Until the server answers 354 to DATA it has seen no mail, so whatever goes wrong is certainly not sent. From then on
only an answer to the final dot tells; without one the outcome is unknown.
"""

import base64
import contextlib
import re
import smtplib
import socket
from collections.abc import Iterator
from datetime import timedelta

from luister.base.errors import ConnectorError, NotSentError, UnknownOutcomeError
from luister.connectors.email.compose import Mail
from luister.connectors.email.settings import Server
from luister.connectors.email.sockets import Deadline, network_errors, not_sent, open_socket, tls_context, words

RETRY = timedelta(minutes=5)  # greylisting asks for this much, and servers seldom say
GOODBYE_SECONDS = 3.0
GRACE_SECONDS = 5.0  # the deadline comes first, and says what happened

MAX_LINE = 8192

_READY = 354
_ANSWER_LINE = re.compile(rb"(\d{3})([ -]?)([^\n]*)\n")


class _Client(smtplib.SMTP):
    """The standard library's client on a connection that we opened ourselves."""

    def __init__(self, server: Server, *, name: str, timeout_seconds: float, deadline: Deadline) -> None:
        super().__init__(local_hostname=name, timeout=timeout_seconds)
        self._server = server
        self._deadline = deadline

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        self._host = host  # what STARTTLS checks the certificate against
        connection = open_socket(self._server, timeout_seconds=timeout)
        self._deadline.watch(connection)
        connection.settimeout(timeout + GRACE_SECONDS)
        return connection


@contextlib.contextmanager
def signed_in(server: Server, *, name: str, deadline: Deadline, timeout_seconds: float) -> Iterator[smtplib.SMTP]:
    """Give a connection that is secured and signed in.

    Raises:
        ConnectorError: with the exact cause; only errors before the connection is given are turned into one.
    """
    client = _Client(server, name=name, timeout_seconds=timeout_seconds, deadline=deadline)
    try:
        with network_errors(server):
            _expect(client.connect(server.host, server.port))
            _expect(client.ehlo())
            if server.security == "starttls":
                _start_tls(client, server)
                deadline.watch(client.sock)
            _sign_in(client, server)
        yield client
    finally:
        _say_goodbye(client)


def send_mail(server: Server, mail: Mail, *, sender: str, name: str, deadline_seconds: float) -> None:
    """Hand a mail to a server.

    Raises:
        NotSentError: it was certainly not sent.
        UnknownOutcomeError: nobody knows.
    """
    with Deadline(deadline_seconds) as deadline, contextlib.ExitStack() as stack:
        with _not_sent(server, deadline):
            session = signed_in(server, name=name, deadline=deadline, timeout_seconds=deadline_seconds)
            client = stack.enter_context(session)
            _announce(client, mail, sender)
        _hand_over(client, mail)


def _announce(client: smtplib.SMTP, mail: Mail, sender: str) -> None:
    """Say from whom and to whom, and ask to begin."""
    limit = client.esmtp_features.get("size", "")
    if limit.isdigit() and 0 < int(limit) < len(mail.content):
        raise _too_large(len(mail.content), int(limit))
    size = f" SIZE={len(mail.content)}" if client.has_extn("size") else ""
    code, said = client.docmd(f"MAIL FROM:<{sender}>{size}")
    if code != 250:
        raise _refused(code, said, "mail.sender_refused", address=sender, needs_attention=True)
    for recipient in mail.recipients:
        code, said = client.docmd(f"RCPT TO:<{recipient}>")
        if code not in (250, 251):
            raise _refused(code, said, "mail.recipient_refused", address=recipient)
    code, said = client.docmd("DATA")
    if code != _READY:
        raise _refused(code, said, "mail.rejected")


def _hand_over(client: smtplib.SMTP, mail: Mail) -> None:
    lines = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r\n|\r|\n", b"\r\n", mail.content))
    try:
        client.send(lines if lines.endswith(b"\r\n") else lines + b"\r\n")
        client.send(b".\r\n")
        code, said = _whole_answer(client)
    except OSError as error:
        raise UnknownOutcomeError(f"no answer to the mail: {words(error)}") from error
    if 200 <= code < 300:
        return
    if 400 <= code < 600:
        raise _refused(code, said, "mail.rejected")
    raise UnknownOutcomeError(f"an answer that means nothing: {code} {words(said)}")


def _whole_answer(client: smtplib.SMTP) -> tuple[int, bytes]:
    """Read the answer that counts; smtplib would take the beginning of a broken line ("25") for one."""
    said = b""
    while client.file is not None:
        line = client.file.readline(MAX_LINE)
        match = _ANSWER_LINE.fullmatch(line)
        if not match:
            break
        said += match[3] + b" "
        if match[2] != b"-":
            return int(match[1]), said
    raise ConnectionError("the answer is incomplete")


def _refused(code: int, said: bytes, reason: str, *, address: str = "", needs_attention: bool = False) -> NotSentError:
    server = f"{code} {words(said)}"
    if 500 <= code < 600:
        return NotSentError(reason, permanent=True, needs_attention=needs_attention, address=address, server=server)
    return NotSentError("mail.deferred", retry_after=RETRY, server=server)


def _too_large(size: int, limit: int) -> NotSentError:
    megabyte = 1_000_000
    return NotSentError(
        "mail.too_large", permanent=True, size=f"{size / megabyte:.1f}", limit=f"{limit / megabyte:.1f}"
    )


@contextlib.contextmanager
def _not_sent(server: Server, deadline: Deadline) -> Iterator[None]:
    """Turn whatever goes wrong before the mail is handed over into word that it was not sent."""
    try:
        with network_errors(server):
            yield
    except ConnectorError as error:
        if deadline.passed:
            raise NotSentError("mail.timeout", host=server.host, port=str(server.port)) from error
        raise not_sent(error) from error
    except ValueError as error:  # what the server said, or an address, cannot be decoded
        raise NotSentError("mail.smtp_refused", needs_attention=True, server=words(error)) from error


def _expect(answer: tuple[int, bytes]) -> None:
    code, said = answer
    if not 200 <= code < 300:
        permanent = 500 <= code < 600
        raise ConnectorError(
            "mail.smtp_refused",
            needs_attention=permanent,
            retry_after=None if permanent else RETRY,
            server=f"{code} {words(said)}",
        )


def _start_tls(client: smtplib.SMTP, server: Server) -> None:
    if not client.has_extn("starttls"):
        raise ConnectorError("mail.no_starttls", needs_attention=True, host=server.host, port=str(server.port))
    _expect(client.starttls(context=tls_context()))
    _expect(client.ehlo())


def _sign_in(client: smtplib.SMTP, server: Server) -> None:
    """Sign in where the server offers it; one that does not (a relay in the same house) decides by itself."""
    if not server.user or not client.has_extn("auth"):
        return
    try:
        if (server.user + server.password).isascii():
            client.login(server.user, server.password)
            return
        secret = base64.b64encode(f"\0{server.user}\0{server.password}".encode()).decode()
        code, said = client.docmd("AUTH", f"PLAIN {secret}")
        if code != 235:
            raise smtplib.SMTPAuthenticationError(code, said)
    except smtplib.SMTPResponseException as error:
        said_all = f"{error.smtp_code} {words(error.smtp_error)}"
        if 400 <= error.smtp_code < 500:
            raise ConnectorError("mail.smtp_refused", retry_after=RETRY, server=said_all) from error
        raise ConnectorError("mail.smtp_login", needs_attention=True, server=said_all) from error
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPException as error:  # it offers no way of signing in that we know
        raise ConnectorError("mail.smtp_login", needs_attention=True, server=words(error)) from error


def _say_goodbye(client: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError):
        if client.sock is not None:
            client.sock.settimeout(GOODBYE_SECONDS)
            client.docmd("QUIT")
    client.close()
