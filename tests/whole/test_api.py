"""The API as programs meet it: the quick start as written, requests that no client sends, and its own description."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.api import hold
from luister.delivery.models import RawItem
from luister.inbox.models import Case, Reply
from luister.listening.models import Monitor
from luister.webhooks.models import Endpoint
from tests import factories as make
from tests.whole.product import Product

pytestmark = pytest.mark.django_db(transaction=True)
HOWTO = Path(__file__).parents[2] / "docs" / "howto"
TOKEN = "luister_voor-de-snelle-start"


@pytest.fixture
def desk(database_url, tmp_path):
    """A desk with a case about luggage and a channel for programs, and the address of its web process."""
    member = make.MembershipFactory(role="administrator")
    make.TokenFactory(member=member, text=TOKEN)
    channel = make.ChannelFactory(workspace=member.workspace)
    identity = make.IdentityFactory(workspace=member.workspace)
    post = make.PostFactory(workspace=member.workspace, channel=channel, author=identity, text="Waar is mijn koffer?")
    case = make.CaseFactory(workspace=member.workspace, channel=channel, identity=identity, is_public=True, version=1)
    make.CasePostFactory(case=case, post=post, version=1)
    programs = make.ChannelFactory(
        workspace=member.workspace, kind="api", network="api", handle="app", publicness="both"
    )
    product = Product(database_url, tmp_path, LUISTER_API_REQUESTS_A_MINUTE="1000000", LUISTER_ALLOW_HOSTS="127.0.0.1")
    try:
        yield product.start_web(), programs
    finally:
        product.stop()


def test_api_does_as_its_pages_say(desk):
    address, programs = desk
    for page in ("api.md", "api-nl.md"):
        do_the_quick_start(page, address, programs)
    assert set(Reply.objects.values_list("text", flat=True)) == {
        "Thank you, we are looking into it.", "Dank je wel, we zoeken het uit."
    }  # fmt: skip
    assert set(Endpoint.objects.values_list("description", flat=True)) == {"Our CRM", "Ons CRM"}
    refuse_what_could_be_read_two_ways(address)
    keep_to_the_description(address)


def do_the_quick_start(page, address, programs):
    """Run every example of a how-to as it stands there."""
    environment = {
        **os.environ, "LUISTER": address, "LUISTER_TOKEN": TOKEN, "CHANNEL": str(programs.pk),
        "RECEIVER": "http://127.0.0.1:9000/luister",
    }  # fmt: skip
    blocks = re.findall(r"```(bash|python)\n(.*?)```", (HOWTO / page).read_text(), re.DOTALL)
    assert len(blocks) == 4
    for language, code in blocks:
        command = ["bash", "-e", "-c", code] if language == "bash" else [sys.executable, "-c", code]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert "urn:luister:problem" not in done.stdout, done.stdout
    assert Monitor.objects.get().name == "Koffers"
    assert Case.objects.get().state == "open"
    assert RawItem.objects.get().external_key == "app-1"


SHAPES = {
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "unknown encoding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a large header": b"X-Long: " + b"x" * 70_000 + b"\r\n\r\n",
    "a name with a space": b"Content-Length : 5\r\n\r\nhello",
}


def refuse_what_could_be_read_two_ways(address):
    """Send what a proxy and a server may read differently, or what is far too long: each is refused."""
    place = urlsplit(address)
    for name, rest in SHAPES.items():
        with socket.create_connection((place.hostname, place.port), timeout=20) as line:
            head = f"POST /api/v1/cases HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n".encode()
            line.sendall(head + rest)
            answer = b""
            while part := line.recv(65_536):
                answer += part
        status = b"431" if name == "a large header" else b"400"
        assert answer.startswith(b"HTTP/1.1 " + status), (name, answer[:200])
        assert answer.count(b"HTTP/1.1 ") == 1, (name, answer)


def keep_to_the_description(address):
    """Hold the API against its description, with a little of what `make bench BENCH=api` sends."""
    held = hold(address, TOKEN, examples=1, seed=1, phases=("fuzzing",))
    assert held.requests > 30
    assert held.failures == [], "\n".join(held.failures)
