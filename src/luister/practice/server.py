"""The practice network as a server of its own, for tests and measurements: `python -m luister.practice.server`.

It speaks the same API as the one in Django, keeps working when a client dies, and records every delivery.
Beside the API, without a token and for the test that runs it: GET /deliveries, GET /requests,
POST /play (be a customer), POST /accounts, POST /expire and POST /faults. Never expose it.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from luister.base.clock import utc_now
from luister.base.connector import Idempotency
from luister.practice.api import MAX_BODY_BYTES, Request, Response, answer, error, post_json
from luister.practice.core import Draft, Post, RefusedError, checked
from luister.practice.faults import STORM, Dice, FaultPlan
from luister.practice.memory import MemoryStore

SITE = "/practice"
API = f"{SITE}/api"
HANDLE = "brand"
TOKEN = "practice-token"  # noqa: S105 - the server holds nothing but what a test plays


class PracticeServer:
    """The server, to be run in this process. Use as a context manager: it then serves from a thread."""

    def __init__(
        self,
        *,
        plan: FaultPlan | None = None,
        idempotency: Idempotency = Idempotency.KEY,
        port: int = 0,
        log: Path | None = None,
        listing_delay: timedelta = timedelta(0),
    ) -> None:
        self.plan = plan or FaultPlan()
        self.listing_delay = listing_delay
        self.store = MemoryStore(log=log)
        self.store.add_brand(HANDLE, token=TOKEN, idempotency=idempotency)
        self.requests: list[dict[str, Any]] = []
        self.dice = Dice()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.practice = self
        self._thread = threading.Thread(target=self.serve, daemon=True)
        self.port: int = self._server.server_address[1]
        self.address = f"127.0.0.1:{self.port}"
        self.base_url = f"http://{self.address}{API}"
        self.site_url = f"http://{self.address}{SITE}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self) -> None:
        """Serve until the process ends."""
        self._server.serve_forever(poll_interval=0.05)

    def play(
        self,
        text: str,
        *,
        handle: str = "customer",
        name: str = "",
        to: str = "",
        parent_id: str = "",
        now: datetime | None = None,
    ) -> Post:
        """Write as a customer; `to` (a handle) makes it private.

        Raises:
            RefusedError: the network does not accept it.
        """
        author = self.store.add_person(handle, name)
        recipient = self.store.person(to) if to else None
        parent = self.store.post(parent_id) if parent_id else None
        if (to and recipient is None) or (parent_id and parent is None):
            raise RefusedError(404, "unknown_parent", "There is no such account or post.")
        draft = checked(Draft(author=author, text=text, to=recipient, parent=parent))
        return self.store.publish(draft, now=now or utc_now())

    def note(self, request: Request, fault: str) -> None:
        """Remember that a request came in."""
        self.requests.append(
            {"method": request.method, "path": request.path, "key": request.key, "fault": fault, "at": time.monotonic()}
        )

    def command(self, path: str, body: Mapping[str, Any]) -> Response:
        """Carry out what the test asks for."""
        match path:
            case "/play":
                return Response(201, {"post": post_json(self.play(**body), self.site_url)})
            case "/accounts":
                self.store.add_brand(
                    body["handle"], token=body["token"], idempotency=Idempotency(body.get("class", "key"))
                )
                return Response(201, {})
            case "/expire":
                self.store.expire(body["token"], expired=body.get("expired", True))
                return Response(200, {})
            case "/faults":
                self.plan = replace(self.plan, **body)
                return Response(200, asdict(self.plan))
        return error(404, "unknown_path", "There is nothing here.")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    practice: PracticeServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet about clients that went away."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(cast("Any", request), client_address)


class _Handler(BaseHTTPRequestHandler):
    server_version = "Practice"

    def do_GET(self) -> None:
        practice = self._practice
        match urlsplit(self.path).path:
            case "/deliveries":
                self._send(Response(200, {"deliveries": [asdict(one) for one in list(practice.store.deliveries)]}))
            case "/requests":
                self._send(Response(200, {"requests": list(practice.requests)}))
            case _:
                self._api()

    def do_POST(self) -> None:
        if self.path.startswith(f"{API}/"):
            self._api()
            return
        try:
            self._send(self._practice.command(self.path, json.loads(self._body() or b"{}")))
        except RefusedError as refused:
            self._send(error(refused.status, refused.code, refused.message))
        except (ValueError, TypeError, KeyError) as wrong:
            self._send(error(400, "bad_request", repr(wrong)))

    def do_PUT(self) -> None:
        self._api()

    @property
    def _practice(self) -> PracticeServer:
        return cast("_Server", self.server).practice

    def _api(self) -> None:
        practice = self._practice
        parts = urlsplit(self.path)
        if not parts.path.startswith(f"{API}/"):
            self._send(error(404, "unknown_path", "There is nothing here."))
            return
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        request = Request(
            method=self.command,
            path=unquote(parts.path.removeprefix(API)),
            site_url=practice.site_url,
            token=token if scheme.lower() == "bearer" else "",
            query=dict(parse_qsl(parts.query)),
            body=self._body(),
            key=self.headers.get("Idempotency-Key", ""),
        )
        decision = practice.dice.roll(practice.plan, request.fingerprint)
        practice.note(request, decision.fault)
        # Half of the time before the work is done and half of it after, so that a client can die in both.
        time.sleep(decision.latency_seconds / 2)
        given = answer(request, practice.store, decision=decision, now=utc_now(), listing_delay=practice.listing_delay)
        time.sleep(decision.latency_seconds / 2)
        if given is None:
            self.close_connection = True
        else:
            self._send(given)

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        return self.rfile.read(min(int(length), MAX_BODY_BYTES + 1)) if length.isdigit() else b""

    def _send(self, given: Response) -> None:
        content = given.content()
        self.send_response(given.status)
        for name, value in {**given.headers, "Content-Type": "application/json"}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on standard error."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until killed; the first line printed is the port."""
    options = _parser().parse_args(arguments)
    plan = FaultPlan() if options.calm else STORM
    given = {name: value for name, value in vars(options).items() if name in _PLAN_FIELDS and value is not None}
    server = PracticeServer(
        plan=replace(plan, **given),
        idempotency=Idempotency(options.idempotency),
        port=options.port,
        log=options.log,
        listing_delay=timedelta(seconds=options.listing_delay_seconds),
    )
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    server.serve()


_PLAN_FIELDS = {field.name for field in fields(FaultPlan)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m luister.practice.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--class", dest="idempotency", choices=[kind.value for kind in Idempotency], default="key")
    parser.add_argument("--log", type=Path, help="append every delivery to this file, one JSON object a line")
    parser.add_argument("--listing-delay-seconds", type=float, default=0.0, help="for class lookup")
    parser.add_argument("--calm", action="store_true", help="no faults and no delay, unless given below")
    for field in fields(FaultPlan):
        if field.name != "outage":
            kind = {"seed": int, "retry_after": str}.get(field.name, float)
            text = f"(default {getattr(STORM, field.name)})"
            parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, help=text)
    return parser


if __name__ == "__main__":
    main()
