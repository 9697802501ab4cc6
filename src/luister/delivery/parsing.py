"""Parsing payloads in a child process with limits, so that no payload can stop its channel.

The child has no Django, no database and no secrets. It is asked for one payload at a time; one that takes too
long is killed, one that needs too much memory dies, and the next payload finds a new child.
docs/adr/0005-parsing-in-a-child.md has the reasons.
"""

import contextlib
import io
import os
import pickle
import queue
import resource
import select
import signal
import struct
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final

from luister import connectors
from luister.base.connector import Account, RawItem
from luister.base.errors import LuisterError, Reason, UnprocessableError
from luister.base.posts import Author, Automatic, Bounce, InboundAttachment, InboundPost, Kind

PARSE_SECONDS: Final = 10.0
MEMORY_BYTES: Final = 256 * 1024 * 1024  # on top of what the child needs to run at all
TOO_SLOW: Final = "raw.too_slow"  # the reason of a payload that took all its time
START_SECONDS: Final = 60.0  # a busy machine takes its time to load the connectors
CHILDREN: Final = 2
MOST_ITEMS: Final = 2000  # then a new child, whatever a parser may have leaked

_LENGTH: Final = struct.Struct("!Q")
_VALUES: Final = (Reason, Decimal, datetime, timedelta, timezone)
_POST_CLASSES: Final = (InboundPost, InboundAttachment, Author, Bounce, Kind, Automatic)
_ENVIRONMENT: Final = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "HOME", "TMPDIR")  # no secrets, no database


class CrashedError(LuisterError):
    """The child died over a payload: out of memory, most likely."""


class CannotStartError(LuisterError):
    """The child does not start, which is no fault of any payload."""


class TooSlowError(LuisterError):
    """The child was killed over a payload that took too long."""


def parse(kind: str, account: Account, item: RawItem) -> tuple[InboundPost, ...]:
    """Have a payload parsed by the connector of that kind.

    Raises:
        UnprocessableError: nothing sensible can be made of it, in time and within the memory it may take.
        CannotStartError: try again later.
    """
    child = _children.get()
    try:
        answer = child.ask((kind, Account(account.channel_id, account.handle, account.settings, {}), item))
    except TooSlowError:
        raise UnprocessableError(TOO_SLOW, seconds=f"{PARSE_SECONDS:.0f}") from None
    except CrashedError:
        raise UnprocessableError("raw.crashed") from None
    finally:
        _children.put(child)
    if isinstance(answer, tuple):
        return answer
    code, values = answer["code"], answer["values"]
    raise UnprocessableError(code, **values)


def stop() -> None:
    """End the children that are idle; the next payload starts one anew."""
    for _ in range(CHILDREN):
        with contextlib.suppress(queue.Empty):
            child = _children.get_nowait()
            child.end()
            _children.put(child)


class _Child:
    """The parent's end: one process, started when it is needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = 0

    def ask(self, question: object) -> Any:
        """Return the child's answer.

        Raises:
            TooSlowError: none came in time.
            CrashedError: the child died.
            CannotStartError: there is no child.
        """
        process = self._running()
        self._asked += 1
        try:
            answer = self._exchange(process, pickle.dumps(question))
        except (OSError, EOFError) as error:
            self.end()
            raise CrashedError from error
        except TooSlowError:
            self.end()
            raise
        if self._asked >= MOST_ITEMS:
            self.end()
        return answer

    def end(self) -> None:
        """Kill the process, if there is one."""
        process, self._process, self._asked = self._process, None, 0
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    _open(pipe).close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "luister.delivery.parsing"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            )
            try:
                _receive(_open(self._process.stdout), seconds=START_SECONDS)
            except (OSError, EOFError, TooSlowError) as error:
                self.end()
                raise CannotStartError from error
        return self._process

    def _exchange(self, process: subprocess.Popen[bytes], question: bytes) -> Any:
        _send(_open(process.stdin), question)
        return _Answers(io.BytesIO(_receive(_open(process.stdout), seconds=PARSE_SECONDS))).load()


class _Answers(pickle.Unpickler):
    """Reads what a child says, which read hostile bytes: our own plain data and nothing else."""

    _ALLOWED: Final = frozenset({(plain.__module__, plain.__name__) for plain in (*_POST_CLASSES, *_VALUES)})

    def find_class(self, module: str, name: str) -> Any:
        """Return a class that may be part of an answer."""
        if (module, name) not in self._ALLOWED:
            raise EOFError(f"{module}.{name} is no part of an answer")
        return super().find_class(module, name)


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_LENGTH.pack(len(message)) + message)
    pipe.flush()


def _receive(pipe: IO[bytes], *, seconds: float) -> bytes:
    size = _LENGTH.unpack(_read(pipe, _LENGTH.size, seconds=seconds))[0]
    return _read(pipe, size, seconds=seconds)


def _read(pipe: IO[bytes], size: int, *, seconds: float) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        if not select.select([pipe], [], [], seconds)[0]:
            raise TooSlowError
        part = os.read(pipe.fileno(), min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


_children: "queue.LifoQueue[_Child]" = queue.LifoQueue()
for _ in range(CHILDREN):
    _children.put(_Child())


# The child's end


def main() -> None:
    """Answer questions until the parent is gone."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a parser that prints does not spoil an answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    for kind in connectors.kinds():
        connectors.get(kind)
    own = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY_BYTES, own + MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _send(answers, b"ready")
    while True:
        try:
            size = _LENGTH.unpack(_whole(sys.stdin.buffer, _LENGTH.size))[0]
            question = _whole(sys.stdin.buffer, size)
        except EOFError:
            return
        # Should the parent be gone, nobody else would stop a parser that does not end.
        signal.setitimer(signal.ITIMER_REAL, PARSE_SECONDS + 5)
        _send(answers, pickle.dumps(_answer(question)))
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(question: bytes) -> tuple[InboundPost, ...] | dict[str, Any]:
    try:
        kind, account, item = pickle.loads(question)  # noqa: S301 - from the parent
        posts = connectors.get(kind).parse(account, item)
        return tuple(replace(post, posted_at=post.posted_at.astimezone(UTC)) for post in posts)
    except UnprocessableError as error:
        return {"code": error.reason.code, "values": {name: str(value) for name, value in error.reason.values.items()}}
    except MemoryError:
        return {"code": "raw.crashed", "values": {}}
    except Exception as error:  # noqa: BLE001 - whatever a parser does wrong concerns this payload alone
        return {"code": "raw.error", "values": {"error": f"{type(error).__name__}: {error}"[:300]}}


def _whole(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content


if __name__ == "__main__":
    main()
