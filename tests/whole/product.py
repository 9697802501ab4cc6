"""The product as it runs: web processes and a worker of their own, on the tests' database."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction
from playwright.sync_api import Browser, BrowserContext

from luister.accounts.actions import new_sign_in_link
from luister.accounts.models import Membership
from luister.base.clock import utc_now
from luister.channels.models import Channel
from luister.posts.actions import record
from luister.posts.models import Post
from luister.queue import enqueue
from tests.inbox.helpers import said

START_SECONDS = 120.0


class Product:
    """Web processes and a worker, as `luister start` runs them."""

    def __init__(self, database_url: str, folder: Path, **settings_: str) -> None:
        self._folder = folder
        self._environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "LUISTER_HOME": os.environ["LUISTER_HOME"],
            "LUISTER_SECRET_KEY": settings.SECRET_KEY,
            "LUISTER_CHANNEL_KEYS": ",".join(settings.LUISTER_CHANNEL_KEYS),
            "LUISTER_ALLOW_HOSTS": "127.0.0.1,localhost",
            **settings_,
        }
        self._processes: list[subprocess.Popen[bytes]] = []

    def start_web(self) -> str:
        """Start a web process and return its address once it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._run("web", "--port", str(port))
        address = f"http://127.0.0.1:{port}"
        until(lambda: _answers(f"{address}/health/live"), "the web process answers")
        return address

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker."""
        return self._run("worker")

    def stop(self) -> None:
        """End all processes."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _run(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self._folder / f"{arguments[0]}-{len(self._processes)}.log").open("wb")
        command = [sys.executable, "-m", "luister.config.cli", *arguments]
        process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        log.close()
        self._processes.append(process)
        return process


def until(found, what, *, seconds=START_SECONDS):
    """Return what `found` gives as soon as it gives something.

    Raises:
        AssertionError: it gave nothing in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.05)
    raise AssertionError(f"Not within {seconds:.0f} s: {what}.")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def screen_of(member: Membership, *, address: str, browser: Browser) -> Iterator[BrowserContext]:
    """Give a colleague's browser, signed in by a one-time link."""
    context = browser.new_context(locale="nl-NL", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{address}/enter/{new_sign_in_link(member.user, now=utc_now())}")
    page.wait_for_url(f"**/w/{member.workspace.slug}/**")
    page.close()
    try:
        yield context
    finally:
        context.close()


def come_in(text: str, *, channel: Channel) -> Post:
    """Store a post as a network brings it, for the worker to find out what it says."""
    now = utc_now()
    with transaction.atomic():
        post, _ = record(said("p1", text=text), channel=channel, now=now)
        enqueue("pipeline.run", post_id=post.pk)
    return post
