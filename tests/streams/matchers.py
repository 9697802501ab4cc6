"""Matchers as processes, and what they are given."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

from luister.channels.enums import Owner
from luister.listening.actions import monitors
from luister.listening.actions.monitors import Wish
from luister.listening.enums import Sharing
from luister.streams.wire.address import parse_address
from tests.factories import NOW, ChannelFactory, MembershipFactory
from tests.nats_servers import until

ACK_SECONDS = 2


class MatcherProcess:
    """One `luister match --from`."""

    def __init__(self, *arguments: str, database_url: str = "", home: str = "", sabotage: str = "") -> None:
        """Start; `sabotage` is code that runs before the command does."""
        env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        env |= {"DATABASE_URL": database_url} if database_url else {}
        env |= {"LUISTER_HOME": home or os.environ["LUISTER_HOME"]}
        program = ["-c", f"{sabotage}\nfrom luister.config.cli import main\nmain()"]
        command = [sys.executable, *program, "match", *arguments, "--ack-wait", str(ACK_SECONDS)]
        self._process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.out: list[str] = []
        self.said: list[str] = []
        for stream, kept in ((self._process.stdout, self.out), (self._process.stderr, self.said)):
            threading.Thread(target=_keep, args=(stream, kept), daemon=True).start()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Keep it from doing anything for as long as it takes."""
        self.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        return self._process.wait(60)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self._process.wait(10)


def _keep(stream, kept: list[str]) -> None:
    with stream:
        kept.extend(iter(stream.readline, ""))


@contextlib.contextmanager
def matching(*arguments: str, **options) -> Iterator[MatcherProcess]:
    """Give a matcher for as long as it takes."""
    process = MatcherProcess(*arguments, **options)
    try:
        yield process
        assert process.is_alive, process.said
        assert process.stop() == 0, process.said
    except BaseException as error:
        error.add_note("".join(process.said))
        raise
    finally:
        process.kill()


def listening_workspace(server, stream="POSTS", **fields):
    """Return a member of a workspace that listens to a stream, and its channel."""
    member = MembershipFactory(role="lead")
    address = parse_address(server.address(stream))
    channel = ChannelFactory(
        workspace=member.workspace,
        kind="stream",
        network="web",
        handle=address.name,
        settings={"address": address.text},
        owner=Owner.PUBLIC,
        publicness="public",
        **fields,
    )
    return member, channel


def monitor(member, query, name=None):
    """Have a member listen."""
    wish = Wish(name=name or query, query=query, sharing=Sharing.ALL, days=1)
    return monitors.make(wish, by=member, now=NOW)


def line(ident, text, **fields) -> bytes:
    """Return a post as it lies in a stream."""
    return json.dumps({"id": str(ident), "text": text, **fields}, ensure_ascii=False).encode()


def has_settled(server, stream="POSTS", group="luister") -> bool:
    """Return whether a group has finished all that is in a stream."""
    return server.left(stream, group) == 0


__all__ = [
    "ACK_SECONDS",
    "MatcherProcess",
    "has_settled",
    "line",
    "listening_workspace",
    "matching",
    "monitor",
    "until",
]
