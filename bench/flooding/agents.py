"""Agents who work at the desk, by script: `python -m bench.flooding.agents ADDRESS LOG`, their desks on standard input.

Each signs in, keeps the page's live stream open and does what the browser does when it hears something, and goes on for
ever: look at the list, open a case, type, reply; now and then search, look at the mentions, search the archive. Every
request becomes a line of the log: when it was made, by whom, which page, how long it took in milliseconds, its status.
"""

import http.client
import json
import random
import re
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlencode

# Seconds that people take, from and to.
LOOK, READ, TYPE, REST = (2.0, 6.0), (4.0, 12.0), (2.0, 4.0), (2.0, 5.0)
DRAFTS = 3  # saved while one types
SEARCHES, MENTIONS, ARCHIVE = 0.25, 0.25, 0.1  # after so many of all replies
BEAT = 10.0  # how often the browser says that somebody looks at a case
LIST_PATIENCE, NAV_PATIENCE = 0.25, 1.0  # the browser's, from the last notice
REPLY = "Dank je wel voor je bericht, we zoeken het voor je uit en laten het je weten."
WORDS = ("koffer", "trein", "refund", "bestelling", "delivery", "storing", "app", "geld terug", "klacht", "ticket")
_CASE = re.compile(rb'id="row-(\d+)"')
_FIELD = re.compile(rb'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an agent works."""

    token: str  # of the sign-in link
    slug: str
    workspace: int
    user: int


class Agent:
    """One person with a browser."""

    def __init__(self, desk: Desk, *, address: str, log: "Log", seed: int) -> None:
        self._desk, self._address, self._log = desk, address, log
        self._dice = random.Random(seed)
        self._cookies: dict[str, str] = {}
        self._local = threading.local()
        self._rows = 0
        self._case = b""
        self._wanted: dict[str, float] = {}  # what the browser draws anew, and when
        self._stale = threading.Condition()

    def run(self) -> None:
        """Sign in and work."""
        self._sign_in()
        for loop in (self._listen, self._keep_up, self._beat):
            threading.Thread(target=loop, daemon=True).start()
        time.sleep(self._dice.uniform(0, 10))
        while True:
            self._answer_one()
            self._look_around()

    # What people do

    def _answer_one(self) -> None:
        cases = self._list()
        self._pause(LOOK)
        if not cases:
            return
        number = self._dice.choice(cases[:40])
        page = self._get("case", f"/inbox/inbox/{number.decode()}/", target="case")
        self._case = number
        fields = {name.decode(): value.decode() for name, value in _FIELD.findall(page)}
        self._pause(READ)
        if "seen_version" not in fields:
            return
        words = REPLY.split()
        for part in range(1, DRAFTS + 1):
            self._pause(TYPE)
            text = " ".join(words[: len(words) * part // DRAFTS])
            self._post("draft", f"/cases/{number.decode()}/draft/", {"mode": "reply", "text": text, **_place(fields)})
        # As after a glance at what was said meanwhile.
        fields |= {"text": f"{REPLY} #{self._dice.randrange(10**6)}", "effect": "completed", "anyway": "on"}
        self._post("reply", f"/cases/{number.decode()}/reply/", fields, target="composer")
        self._pause(REST)

    def _look_around(self) -> None:
        word = self._dice.choice(WORDS)
        for name, share, path in (
            ("search", SEARCHES, f"/inbox/all/?{urlencode({'q': word})}"),
            ("mentions", MENTIONS, "/mentions/"),
            ("archive", ARCHIVE, f"/archive/?{urlencode({'q': word})}"),
        ):
            if self._dice.random() < share:
                self._get(name, path)
                self._pause(READ)

    def _list(self) -> list[bytes]:
        page = self._get("list", "/inbox/inbox/")
        cases = _CASE.findall(page)
        self._rows = len(cases)
        return list(cases)

    def _pause(self, seconds: tuple[float, float]) -> None:
        time.sleep(self._dice.uniform(*seconds))

    # What their browser does

    def _listen(self) -> None:
        topics = f"workspace:{self._desk.workspace},user:{self._desk.user},listening:{self._desk.workspace}"
        while True:
            connection = http.client.HTTPConnection(self._address, timeout=60)
            try:
                connection.request("GET", f"/live?topics={topics}&age=0", headers=self._headers())
                for line in connection.getresponse():
                    self._hear(line.strip())
            except OSError:
                time.sleep(2)

    def _hear(self, line: bytes) -> None:
        if line in {b"event: cases-changed", b"event: resync"}:
            self._want("list, anew", LIST_PATIENCE)
        if line in {b"event: mentions-changed", b"event: resync"}:
            self._want("monitors, anew", NAV_PATIENCE)

    def _want(self, name: str, patience: float) -> None:
        with self._stale:
            self._wanted[name] = time.monotonic() + patience
            self._stale.notify()

    def _keep_up(self) -> None:
        pages = {
            "list, anew": lambda: self._anew("list, anew", f"/inbox/inbox/?rows={self._rows}", target="cases"),
            "monitors, anew": lambda: self._anew("monitors, anew", "/monitors/nav/?here=", target="nav"),
        }
        while True:
            with self._stale:
                self._stale.wait(0.1 if self._wanted else None)
                due = [name for name, at in self._wanted.items() if at <= time.monotonic()]
                for name in due:
                    del self._wanted[name]
            for name in due:
                pages[name]()

    def _beat(self) -> None:
        while True:
            time.sleep(BEAT)
            if self._case:
                self._post("presence", f"/cases/{self._case.decode()}/here/", {"activity": "viewing"})

    # Requests

    def _sign_in(self) -> None:
        path = f"/enter/{self._desk.token}"
        page = self._request("sign-in", "GET", path, {})
        fields = dict(_FIELD.findall(page))
        body = {"csrfmiddlewaretoken": fields.get(b"csrfmiddlewaretoken", b"").decode()}
        self._request("sign-in", "POST", path, {}, body=body)

    def _get(self, name: str, path: str, *, target: str = "") -> bytes:
        return self._request(name, "GET", f"/w/{self._desk.slug}{path}", _htmx(target))

    def _anew(self, name: str, path: str, *, target: str) -> bytes:
        return self._request(name, "GET", f"/w/{self._desk.slug}{path}", {**_htmx(target), "Luister-Refresh": "1"})

    def _post(self, name: str, path: str, body: Mapping[str, str], *, target: str = "") -> bytes:
        return self._request(name, "POST", f"/w/{self._desk.slug}{path}", _htmx(target), body=body)

    def _request(
        self, name: str, method: str, path: str, headers: Mapping[str, str], *, body: Mapping[str, str] | None = None
    ) -> bytes:
        sent = {**self._headers(), **headers}
        if body is not None:
            sent |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-CSRFToken": self._cookies.get("luister_csrf", ""),
                "Origin": f"http://{self._address}",
            }
        began, at = time.perf_counter(), time.time()
        content = urlencode(body) if body is not None else None
        status, page = self._send(method, path, content, sent) or self._send(method, path, content, sent) or (0, b"")
        self._log.note(at, self._desk.user, name, 1000 * (time.perf_counter() - began), status)
        return page

    def _send(self, method: str, path: str, content: str | None, headers: dict[str, str]) -> tuple[int, bytes] | None:
        """Send a request and return status and page; None when the connection, left open, was closed meanwhile."""
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:  # each thread has its own
            connection = self._local.connection = http.client.HTTPConnection(self._address, timeout=60)
        try:
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            page = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            self._local.connection = None
            return None
        self._remember(answer)
        return answer.status, page

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in list(self._cookies.items()))
        return {"Cookie": cookies, "Accept-Language": "nl"}

    def _remember(self, answer: http.client.HTTPResponse) -> None:
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value


class Log:
    """What was asked for, a JSON list a line."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._lock = file, threading.Lock()

    def note(self, at: float, user: int, name: str, milliseconds: float, status: int) -> None:
        """Write down a request."""
        with self._lock:
            self._file.write(json.dumps([round(at, 3), user, name, round(milliseconds, 2), status]) + "\n")
            self._file.flush()


def _htmx(target: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Target": target} if target else {}


def _place(fields: Mapping[str, str]) -> dict[str, str]:
    return {"is_public": fields["is_public"]} if "is_public" in fields else {}


def main(arguments: Sequence[str]) -> None:
    """Work until killed."""
    address, log = arguments
    with open(log, "a", encoding="utf-8") as file:  # noqa: PTH123 - appended to for as long as we live
        shared = Log(file)
        agents = [
            Agent(Desk(**desk), address=address, log=shared, seed=seed)
            for seed, desk in enumerate(json.loads(sys.stdin.readline()))
        ]
        threads = [threading.Thread(target=agent.run) for agent in agents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main(sys.argv[1:])
