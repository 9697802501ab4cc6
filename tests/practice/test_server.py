"""The stand-alone server: its commands, its faults on the wire, and that it works on when a client dies."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from luister.base.connector import Idempotency
from luister.practice.faults import STORM, FaultPlan
from luister.practice.server import TOKEN, PracticeServer

AUTH = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    with PracticeServer() as running:
        yield running


def until(condition: Callable[[], object], *, seconds: float = 5) -> None:
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, "did not happen in time"
        time.sleep(0.01)


def post(server: PracticeServer, text: str, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{server.base_url}/posts", json={"text": text}, headers={**AUTH, **headers}, trust_env=False, verify=False
    )


def command(server: PracticeServer, path: str, body: dict[str, Any]) -> httpx.Response:
    return httpx.post(f"http://{server.address}{path}", json=body, trust_env=False, verify=False)


def listed(server: PracticeServer, path: str) -> list[dict[str, Any]]:
    found = httpx.get(f"http://{server.address}{path}", trust_env=False, verify=False).json()[path.strip("/")]
    assert isinstance(found, list)
    return found


def test_post_is_delivered_and_listed(server: PracticeServer) -> None:
    given = post(server, "hello", **{"Idempotency-Key": "k1"})

    assert given.status_code == 201
    assert given.json()["post"]["url"] == f"{server.site_url}/post/1/"
    assert [(one["text"], one["key"], one["post_id"]) for one in listed(server, "/deliveries")] == [
        ("hello", "k1", "1")
    ]
    (request,) = listed(server, "/requests")
    assert (request["method"], request["path"], request["key"], request["fault"]) == ("POST", "/posts", "k1", "none")


def test_play_reaches_the_brand(server: PracticeServer) -> None:
    played = command(server, "/play", {"text": "@brand hello", "handle": "anna", "name": "Anna"})
    events = httpx.get(f"{server.base_url}/events", headers=AUTH, trust_env=False, verify=False).json()["events"]

    assert played.status_code == 201
    assert [event["post"] for event in events] == [played.json()["post"]]


def test_play_what_the_network_refuses(server: PracticeServer) -> None:
    assert command(server, "/play", {"text": ""}).json()["error"]["code"] == "empty_text"
    assert command(server, "/play", {"text": "x", "to": "nobody"}).status_code == 404
    assert command(server, "/play", {"nonsense": 1}).status_code == 400
    assert command(server, "/nowhere", {}).status_code == 404


def test_accounts_and_tokens_can_be_changed(server: PracticeServer) -> None:
    command(server, "/accounts", {"handle": "second", "token": "t2", "class": "lookup"})
    auth = {"Authorization": "Bearer t2"}

    before = httpx.get(f"{server.base_url}/me", headers=auth, trust_env=False, verify=False)
    command(server, "/expire", {"token": "t2"})
    after = httpx.get(f"{server.base_url}/me", headers=auth, trust_env=False, verify=False)

    assert (before.json()["handle"], before.json()["idempotency"]) == ("second", "lookup")
    assert (after.status_code, after.json()["error"]["code"]) == (401, "expired_token")


def test_faults_can_be_changed_while_it_runs(server: PracticeServer) -> None:
    command(server, "/faults", {"rate_limited": 1.0, "retry_after": "garbage"})
    given = post(server, "hello")

    assert (given.status_code, given.headers["Retry-After"]) == (429, "garbage")
    assert command(server, "/faults", {"nonsense": 1}).status_code == 400


@pytest.mark.parametrize(("plan", "delivered"), [(FaultPlan(dropped_before=1), 0), (FaultPlan(dropped_after=1), 1)])
def test_dropped_answer_is_a_broken_connection(plan: FaultPlan, delivered: int) -> None:
    with PracticeServer(plan=plan) as server:
        with pytest.raises(httpx.RemoteProtocolError):
            post(server, "hello")

        assert len(server.store.deliveries) == delivered


def test_client_that_dies_changes_nothing() -> None:
    plan = FaultPlan(latency_min_seconds=0.3, latency_max_seconds=0.3)
    body = json.dumps({"text": "hello"}).encode()
    with PracticeServer(plan=plan) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as dying:
            dying.sendall(
                f"POST /practice/api/posts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            until(lambda: server.requests)
        assert server.store.deliveries == []

        until(lambda: server.store.deliveries)


def test_same_seed_same_faults_whatever_the_order() -> None:
    def faults(texts: list[str]) -> dict[str, int]:
        plan = replace(STORM, seed=7, rate_limited=0.3, failed=0.3, latency_min_seconds=0, latency_max_seconds=0)
        with PracticeServer(plan=replace(plan, dropped_before=0, dropped_after=0)) as server:
            return {text: post(server, text).status_code for text in texts}

    texts = [f"text {number}" for number in range(40)]

    assert faults(texts) == faults(texts[::-1])
    assert set(faults(texts).values()) == {201, 429, 500}


def test_listing_delay() -> None:
    with PracticeServer(idempotency=Idempotency.LOOKUP, listing_delay=timedelta(hours=1)) as server:
        post(server, "hello")
        listing = httpx.get(f"{server.base_url}/posts", headers=AUTH, trust_env=False, verify=False)

    assert listing.json()["posts"] == []


def test_unknown_paths_and_bodies(server: PracticeServer) -> None:
    assert httpx.get(f"http://{server.address}/", trust_env=False, verify=False).status_code == 404
    assert httpx.put(f"http://{server.address}/x", trust_env=False, verify=False).status_code == 404
    assert (
        httpx.post(
            f"{server.base_url}/posts", content=b"x" * 70_000, headers=AUTH, trust_env=False, verify=False
        ).status_code
        == 413
    )


def test_process_prints_its_port_and_serves() -> None:
    command = [sys.executable, "-m", "luister.practice.server", "--calm", "--class", "human", "--seed", "7"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            me = httpx.get(f"http://127.0.0.1:{int(line)}/practice/api/me", headers=AUTH, trust_env=False, verify=False)
        finally:
            process.kill()

    assert re.fullmatch(r"\d+\n", line)
    assert me.json()["idempotency"] == "human"


def test_process_needs_no_django() -> None:
    code = (
        "import sys; sys.modules['django'] = None; import luister.practice.server, luister.connectors.practice; "
        "print(luister.practice.server.API)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("/practice/api\n", "")
