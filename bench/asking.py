"""Who asks web processes for something again and again until it is answered, as a person or a program does."""

import http.client
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlencode

PATIENCE_SECONDS = 90.0  # for one answer
AGAIN_SECONDS = 0.5
CLEAR = (b"database cannot be reached", b"database is nu niet bereikbaar")


@dataclass(frozen=True, slots=True)
class Asking:
    """A request; what has a name is noted by it once it was confirmed."""

    method: str
    path: str
    headers: Mapping[str, str]
    form: Mapping[str, str] | None = None
    body: str = ""
    name: str = ""


@dataclass(slots=True)
class Heard:
    """What was answered."""

    confirmed: list[str] = field(default_factory=list)
    answered_at: list[float] = field(default_factory=list)  # well
    refused: int = 0  # with 503 and a sentence that says why
    cut: int = 0  # no answer at all
    unclear: list[str] = field(default_factory=list)
    slowest_seconds: float = 0.0


class Asker:
    """A thread that asks one thing after the other. Use as a context manager."""

    def __init__(self, port: int, askings: Iterable[Asking], *, pause: float, insists: bool = True) -> None:
        """Say what to ask, how long to wait in between, and whether to ask again what was not answered well."""
        self._port, self._askings, self._pause, self._insists = port, askings, pause, insists
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.heard = Heard()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def is_done(self) -> bool:
        """Whether everything was asked and answered."""
        return not self._thread.is_alive()

    def _run(self) -> None:
        for asking in self._askings:
            while not self._is_answered(asking) and self._insists and not self._stop.wait(AGAIN_SECONDS):
                pass
            if self._stop.wait(self._pause):
                return

    def _is_answered(self, asking: Asking) -> bool:
        began = time.monotonic()
        try:
            status, body = self._ask(asking)
        except (OSError, http.client.HTTPException):
            self.heard.cut += 1
            return False
        finally:
            self.heard.slowest_seconds = max(self.heard.slowest_seconds, time.monotonic() - began)
        if status < 400:
            self.heard.answered_at.append(time.time())
            if asking.name:
                self.heard.confirmed.append(asking.name)
            return True
        if status == 503 and any(words in body for words in CLEAR):
            self.heard.refused += 1
        else:
            self.heard.unclear.append(f"{asking.method} {asking.path}: {status} {body[:300]!r}")
        return False

    def _ask(self, asking: Asking) -> tuple[int, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        headers = {"Host": "127.0.0.1", "Referer": "http://127.0.0.1/", **asking.headers}
        if asking.form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = asking.body if asking.form is None else urlencode(asking.form)
        try:
            line.request(asking.method, asking.path, body=body or None, headers=headers)
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()
