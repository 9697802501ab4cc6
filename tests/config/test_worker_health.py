"""The worker's own health port."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request

import pytest

from luister import queue
from luister.config import worker_health
from luister.config.errors import GroundError
from luister.queue.running import Heart, Vitals


@pytest.fixture
def here(monkeypatch):
    found = Vitals()
    monkeypatch.setattr(worker_health, "vitals", lambda: found)
    return found


def asked(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, json.load(answer)["status"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)["status"]


def test_health_tells_a_worker_that_is_blocked_or_without_heartbeat(here):
    now = time.monotonic()
    with worker_health.served("127.0.0.1", 0) as port:
        assert asked(port, "/health/worker") == (503, "not_started")
        here.looped_at = now + 60  # for as long as the test may take
        assert asked(port, "/health/worker") == (503, "no_heartbeat")
        assert asked(port, "/health/live") == (200, "working")
        here.hearts = {"sending": Heart(1, ("sending",), now + 60), "others": Heart(2, ("default",), now - 31)}
        assert asked(port, "/health/worker") == (503, "no_heartbeat")
        del here.hearts["others"]
        assert asked(port, "/health/worker?x=1") == (200, "working")
        here.looped_at = now - 11
        assert asked(port, "/health/worker") == asked(port, "/health/live") == (503, "blocked")
        assert asked(port, "/") == (404, "unknown")


def test_health_port_that_is_taken_is_named(here):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(GroundError, match=f"127.0.0.1:{port} cannot be opened"),
            worker_health.served("127.0.0.1", port),
        ):
            pass


def test_a_worker_that_works_is_well(transactional_db):
    stop = threading.Event()
    thread = threading.Thread(target=queue.run_worker, args=(stop,), kwargs={"sending": 1, "intake": 1, "others": 1})
    thread.start()
    try:
        ends_at = time.monotonic() + 15
        while worker_health.problem(now=time.monotonic(), needs_heart=True):
            assert time.monotonic() < ends_at
            time.sleep(0.02)
    finally:
        stop.set()
        thread.join(20)
