"""Sessions with a mail server for reading (IMAP, RFC 9051): opening, waiting with IDLE, and the sent folder.

Mail is left as it is: folders are opened read-only and nothing is marked as read.
"""

import contextlib
import imaplib
import re
import socket
import threading
import time
from collections.abc import Iterator
from datetime import datetime

from imap_tools import BaseMailBox
from imap_tools.errors import (
    ImapToolsError,
    MailboxFolderSelectError,
    MailboxLoginError,
    UnexpectedCommandStatusError,
)

from luister.base.errors import ConnectorError
from luister.connectors.email.settings import Server
from luister.connectors.email.sockets import network_errors, open_socket, tls_context, words

TIMEOUT_SECONDS = 30.0
GOODBYE_SECONDS = 3.0
MAX_IDLE_SECONDS = 9 * 60.0  # routers forget a silent connection after ten minutes
POLL_SECONDS = 1.0  # how soon a stop is noticed

_BUSY = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|temporar|try again", re.IGNORECASE)


class _Client(imaplib.IMAP4):
    """The standard library's client on a connection that we opened ourselves."""

    def __init__(self, server: Server, *, timeout_seconds: float) -> None:
        self._server = server
        super().__init__(server.host, server.port, timeout_seconds)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return open_socket(self._server, timeout_seconds=timeout or TIMEOUT_SECONDS)


class Mailbox(BaseMailBox):
    """imap-tools' mailbox on such a client."""

    def __init__(self, server: Server, *, timeout_seconds: float) -> None:
        self._server = server
        self._timeout_seconds = timeout_seconds
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return _Client(self._server, timeout_seconds=self._timeout_seconds)


@contextlib.contextmanager
def signed_in(server: Server, *, timeout_seconds: float | None = None) -> Iterator[Mailbox]:
    """Give a mailbox that is signed in to; whatever goes wrong while it is used is raised as a ConnectorError.

    Raises:
        ConnectorError: with the exact cause.
    """
    with _imap_errors(server):
        mailbox = Mailbox(server, timeout_seconds=timeout_seconds or TIMEOUT_SECONDS)
        try:
            _start_tls(mailbox, server)
            if (server.user + server.password).isascii():
                mailbox.login(server.user, server.password, initial_folder=None)
            else:
                mailbox.login_utf8(server.user, server.password, initial_folder=None)
            yield mailbox
        finally:
            _say_goodbye(mailbox)


def open_folder(mailbox: Mailbox, folder: str) -> tuple[int, int]:
    """Open a folder read-only and return its UIDVALIDITY and UIDNEXT (0 where the server does not say).

    Raises:
        ConnectorError: it cannot be opened.
    """
    try:
        mailbox.folder.set(folder, readonly=True)
    except MailboxFolderSelectError as error:
        said = words(error.command_result[1])
        busy = bool(_BUSY.search(said))
        raise ConnectorError("mail.imap_folder", needs_attention=not busy, folder=folder, server=said) from error
    return _number(mailbox, "UIDVALIDITY"), _number(mailbox, "UIDNEXT")


def wait_for_mail(
    server: Server, folder: str, *, known_uidnext: int | None, timeout_seconds: float, stop: threading.Event
) -> int:
    """Return when a folder may hold something new, with its UIDNEXT then.

    `known_uidnext` is what the last call returned: mail that came in between is noticed at once. None returns at
    once too, because nobody knows what came before.

    Raises:
        ConnectorError: the server refused or could not be reached.
    """
    ends = time.monotonic() + min(timeout_seconds, MAX_IDLE_SECONDS)
    with signed_in(server) as mailbox:
        # No command may stand between opening and IDLE: word of new mail would be in its answer.
        can_idle = b" IDLE" in b" ".join(part or b"" for part in mailbox.client.capability()[1]).upper()
        uidnext = open_folder(mailbox, folder)[1]
        if known_uidnext is None or uidnext != known_uidnext:
            return uidnext
        if not can_idle:
            # Nothing tells us; the caller reads the folder after every wait.
            mailbox.client.shutdown()
            stop.wait(max(ends - time.monotonic(), 0))
            return uidnext
        _idle(mailbox, ends=ends, stop=stop)
        return open_folder(mailbox, folder)[1]


def find_message(server: Server, folder: str, message_id: str) -> bool:
    """Return whether a folder holds a mail with this Message-ID.

    Raises:
        ConnectorError: could not look.
    """
    with signed_in(server) as mailbox:
        open_folder(mailbox, folder)
        quoted = message_id.replace("\\", "\\\\").replace('"', '\\"')
        return bool(mailbox.uids(f'HEADER Message-ID "{quoted}"', charset=None))


def append_sent(server: Server, folder: str, content: bytes, *, at: datetime) -> None:
    """Put a mail that was sent into the sent folder.

    Raises:
        ConnectorError: it could not be put there.
    """
    with signed_in(server, timeout_seconds=GOODBYE_SECONDS * 3) as mailbox:
        mailbox.append(content, folder, dt=at, flag_set=["\\Seen"])


def _idle(mailbox: Mailbox, *, ends: float, stop: threading.Event) -> None:
    mailbox.idle.start()  # type: ignore[no-untyped-call]  # imap-tools says no type
    empty_in_a_row = 0
    while not stop.is_set() and (remaining := ends - time.monotonic()) > 0:
        began = time.monotonic()
        lines = mailbox.idle.poll(timeout=min(POLL_SECONDS, remaining))
        if any(b"EXISTS" in line or b"BYE" in line for line in lines):
            break
        # A closed connection reads as an endless row of nothing at once.
        at_once = not lines and time.monotonic() - began < POLL_SECONDS / 10
        empty_in_a_row = empty_in_a_row + 1 if at_once and remaining > POLL_SECONDS else 0
        if empty_in_a_row > 3:
            break
    mailbox.client.sock.settimeout(GOODBYE_SECONDS)
    mailbox.idle.stop()  # type: ignore[no-untyped-call]


def _start_tls(mailbox: Mailbox, server: Server) -> None:
    if server.security != "starttls":
        return
    if "STARTTLS" not in mailbox.client.capabilities:
        raise ConnectorError("mail.no_starttls", needs_attention=True, host=server.host, port=str(server.port))
    mailbox.client.starttls(ssl_context=tls_context())


def _number(mailbox: Mailbox, name: str) -> int:
    """Return a number that the server gave when the folder was opened."""
    found = mailbox.client.response(name)[1][0]
    return int(found) if found and found.isdigit() else 0


def _say_goodbye(mailbox: Mailbox) -> None:
    with contextlib.suppress(OSError, AttributeError, imaplib.IMAP4.error, ImapToolsError):
        mailbox.client.sock.settimeout(GOODBYE_SECONDS)
        mailbox.logout()
    with contextlib.suppress(OSError, AttributeError, imaplib.IMAP4.error):
        mailbox.client.shutdown()


@contextlib.contextmanager
def _imap_errors(server: Server) -> Iterator[None]:
    """Turn what the libraries raise into a ConnectorError with the server's own words."""
    try:
        with network_errors(server):
            yield
    except MailboxLoginError as error:
        raise _login_refused(words(error.command_result[1])) from error
    except UnexpectedCommandStatusError as error:
        raise ConnectorError("mail.imap_refused", server=words(error.command_result[1])) from error
    except imaplib.IMAP4.error as error:
        raise _library_error(error) from error
    except ImapToolsError as error:
        raise ConnectorError("mail.imap_protocol", server=words(error)) from error


def _login_refused(said: str) -> ConnectorError:
    if _BUSY.search(said):
        return ConnectorError("mail.imap_refused", server=said)
    return ConnectorError("mail.imap_login", needs_attention=True, server=said)


def _library_error(error: imaplib.IMAP4.error) -> ConnectorError:
    said = words(error)
    if "AUTHENTICATIONFAILED" in said:
        return _login_refused(said)
    closed = isinstance(error, imaplib.IMAP4.abort) or "* BYE" in said
    if closed and "unexpected response" not in said:
        return ConnectorError("mail.imap_closed", server=said)
    return ConnectorError("mail.imap_protocol", server=said)
