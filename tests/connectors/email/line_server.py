"""Mail servers that misbehave on purpose: a script of what to answer to each line."""

import contextlib
import socket
from collections.abc import Callable, Mapping
from typing import Any

from luister.base.connector import Account
from tests.connectors.email.accounts import account
from tests.raw_server import RawServer

Answer = bytes | Callable[[socket.socket], None]


def smtp_script(answers: Mapping[str, Answer]) -> RawServer:
    """Return an SMTP server that accepts everything, but answers the commands of `answers` so.

    Besides commands there are `greeting` and `.` (the end of the mail). An answer that is no bytes is called with the
    connection, and ends it.
    """
    script: dict[str, Answer] = {
        "greeting": b"220 test\r\n",
        "ehlo": b"250-test\r\n250 AUTH PLAIN\r\n",
        "auth": b"235 in\r\n",
        "mail": b"250 ok\r\n",
        "rcpt": b"250 ok\r\n",
        "data": b"354 go\r\n",
        ".": b"250 queued\r\n",
        "quit": b"221 bye\r\n",
        **answers,
    }

    def handle(connection: socket.socket, _: bytes) -> None:
        if not _say(connection, script["greeting"]):
            return
        with connection.makefile("rb") as lines:
            in_mail = False
            for line in lines:
                if in_mail and line != b".\r\n":
                    server.requests.append(line)
                    continue
                word = line.split()[0].decode(errors="replace").lower() if line.split() else ""
                if not _say(connection, script.get(word, b"502 what\r\n")):
                    return
                in_mail = word == "data" and script["data"] == b"354 go\r\n"

    server = RawServer(handle, reads_first=False)
    return server


def imap_script(answers: Mapping[str, Answer]) -> RawServer:
    """Return an IMAP server; `{tag}` in an answer is that of the command, and `greeting` comes first."""
    script: dict[str, Answer] = {
        "greeting": b"* OK test\r\n",
        "capability": b"* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n",
        "login": b"{tag} OK in\r\n",
        "examine": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 1] x\r\n{tag} OK done\r\n",
        "uid": b"* SEARCH\r\n{tag} OK done\r\n",
        "logout": b"* BYE\r\n{tag} OK done\r\n",
        **answers,
    }

    def handle(connection: socket.socket, _: bytes) -> None:
        if not _say(connection, script["greeting"]):
            return
        with connection.makefile("rb") as lines:
            for line in lines:
                tag, word, *_rest = [*line.split(), b"", b""]
                answer = script.get(word.decode(errors="replace").lower(), b"{tag} BAD what\r\n")
                said = answer.replace(b"{tag}", tag) if isinstance(answer, bytes) else answer
                if not _say(connection, said):
                    return

    return RawServer(handle, reads_first=False)


def _say(connection: socket.socket, answer: Answer) -> bool:
    """Answer, and return whether the connection goes on."""
    if isinstance(answer, bytes):
        connection.sendall(answer)
        return True
    with contextlib.suppress(OSError):
        answer(connection)
    return False


def channel(*, smtp_port: int = 1, imap_port: int = 1, **settings: Any) -> Account:
    """Return a channel on these servers, without encryption."""
    values = {
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp_port,
        "smtp_security": "plain",
        "imap_host": "127.0.0.1",
        "imap_port": imap_port,
        "imap_security": "plain",
        "user": "service",
        **settings,
    }
    return account({"password": "geheim"}, **values)
