"""The files in deploy/ are ones that systemd, NATS and Compose take, and name nothing that is not there."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import nats
import pytest
from nats.js.errors import NotFoundError

from luister.config.cli.root import cli
from tests.mail_servers import _write_certificate
from tests.nats_servers import until

DEPLOY = Path(__file__).parents[1] / "deploy"
PROGRAM = "/opt/luister/.venv/bin/luister"
UNITS = sorted((DEPLOY / "systemd").iterdir())


def commands() -> set[str]:
    return set(cli.commands)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="There is no systemd here.")
def test_units_are_taken_by_systemd(tmp_path):
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace(PROGRAM, "/bin/true"))

    names = [str(tmp_path / unit.name.replace("@.", "@9461.")) for unit in UNITS]
    shutil.copy(tmp_path / "luister-matcher@.service", tmp_path / "luister-matcher@9461.service")
    found = subprocess.run(["systemd-analyze", "verify", *names], capture_output=True, text=True, check=False)

    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_units_and_services_run_commands_that_there_are():
    started = [words for unit in UNITS for words in re.findall(rf"={PROGRAM} (.*)", unit.read_text())]
    composed = re.findall(r"command: \[(.*)\]", (DEPLOY / "compose.yaml").read_text())
    ours = [words.replace('"', "").split(", ") for words in composed if not words.startswith('"--')]

    assert len(started) == 4
    assert len(ours) == 4
    for words in [*(line.split() for line in started), *ours]:
        assert words[0] in commands()
        options = {option for parameter in cli.commands[words[0]].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options


def test_compose_names_no_registry():
    images = re.findall(r"image: (\S+)", (DEPLOY / "compose.yaml").read_text())

    assert images
    assert all(re.fullmatch(r"[a-z]+(:[0-9]+)?", image) for image in images)


def test_settings_of_the_example_are_settings():
    known = (DEPLOY.parent / "docs" / "reference" / "settings.md").read_text()
    named = re.findall(r"^([A-Z_]+)=", (DEPLOY / "luister.env.example").read_text(), re.MULTILINE)

    assert named
    assert [name for name in named if f"`{name}`" not in known] == []


@pytest.fixture
def server(tmp_path):
    """The NATS server that nats.conf describes, but for its place and its room."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _write_certificate(tmp_path)
    text = (DEPLOY / "nats.conf").read_text()
    for ours, here in {
        "0.0.0.0:4222": f"127.0.0.1:{port}", "/var/lib/nats": str(tmp_path), "/etc/nats": str(tmp_path),
        "200GB": "1GB", 'http: "127.0.0.1:8222"': "",
    }.items():  # fmt: skip
        assert ours in text
        text = text.replace(ours, here)
    (tmp_path / "nats.conf").write_text(text)
    passwords = {"PUBLISHER_PASSWORD": "geheim-een", "MATCHER_PASSWORD": "geheim-twee"}
    program = shutil.which("nats-server") or "/usr/sbin/nats-server"
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "-c", str(tmp_path / "nats.conf")], env=os.environ | passwords, stdout=log, stderr=log
        )

    def answers():
        assert process.poll() is None, (tmp_path / "log").read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as wire:
            return b'"tls_required":true' in wire.recv(4096)
        return False

    try:
        until(answers, seconds=20)
        yield f"tls://{{}}@127.0.0.1:{port}/POSTS", tmp_path / "cert.pem"
    finally:
        process.kill()
        process.wait()


def luister(*words, certificate):
    return subprocess.Popen(
        [sys.executable, "-m", "luister.config.cli", *words],
        env=os.environ | {"SSL_CERT_FILE": str(certificate)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.nats
def test_publisher_publishes_and_matcher_matches_over_tls(server, tmp_path):
    address, certificate = server
    posts, queries = tmp_path / "posts.jsonl", tmp_path / "queries.jsonl"
    posts.write_text('{"id": "1", "text": "Mijn koffer is weg"}\n')
    queries.write_text('{"id": "koffers", "query": "koffer*"}\n')

    def ran(*words):
        with luister(*words, certificate=certificate) as process:
            _, said = process.communicate(timeout=60)
        return process.returncode, said

    assert ran("publish", str(posts), "--to", address.format("publisher:anders"))[0] == 2
    code, said = ran("publish", str(posts), "--to", address.format("publisher:geheim-een"))
    assert (code, "Published 1 post to tls://" in said) == (0, True), said
    assert ran("match", str(queries), "--from", address.format("publisher:geheim-een"))[0] == 2

    asyncio.run(garbage(address.format("matcher:geheim-twee"), certificate))
    with luister(
        "match", str(queries), "--from", address.format("matcher:geheim-twee"), certificate=certificate
    ) as run:
        try:
            assert json.loads(run.stdout.readline()) == {"id": "1", "queries": ["koffers"]}
            until(lambda: asyncio.run(dead_letters(address.format("matcher:geheim-twee"), certificate)), seconds=30)
        finally:
            run.terminate()
            _, said = run.communicate(timeout=60)
    assert run.returncode == 0, said


@contextlib.asynccontextmanager
async def connected(address, certificate):
    """Yield JetStream as a user of the server."""
    context = ssl.create_default_context(cafile=str(certificate))
    client = await nats.connect(address.removesuffix("/POSTS"), tls=context)
    try:
        yield client.jetstream(timeout=5)
    finally:
        await client.close()


async def garbage(address, certificate):
    """Put something into the stream that is no post."""
    async with connected(address, certificate) as js:
        await js.publish("luister.posts.POSTS", b"no post")


async def dead_letters(address, certificate):
    """Return how many messages were set aside."""
    async with connected(address, certificate) as js:
        try:
            return (await js.stream_info("luister-dead")).state.messages
        except NotFoundError:
            return 0
