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
from importlib.metadata import version
from pathlib import Path

import nats
import pytest
from nats.js.errors import NotFoundError

from luister.config.cli.root import cli
from luister.config.secret_files import NAMES
from tests.mail_servers import _write_certificate
from tests.nats_servers import until

DEPLOY = Path(__file__).parents[1] / "deploy"
PROGRAM = "/opt/luister/.venv/bin/luister"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMPOSE = (DEPLOY / "compose.yaml").read_text()
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()
FENCE = re.compile(r"(No|Capab|Lock|Priv|Prot|Restrict|System)\w+=")


def commands() -> set[str]:
    return set(cli.commands)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="There is no systemd here.")
def test_units_are_taken_by_systemd(tmp_path):
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace(PROGRAM, "/bin/true"))

    for template, instance in (("luister-matcher@.service", "9461"), ("luister-web@.service", "1")):
        shutil.copy(tmp_path / template, tmp_path / template.replace("@.", f"@{instance}."))
    names = [str(path) for path in tmp_path.iterdir() if "@." not in path.name]
    found = subprocess.run(
        ["systemd-analyze", "verify", *names], env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_every_service_is_fenced_in_the_same_way():
    lines = {unit.name: unit.read_text().splitlines() for unit in UNITS if unit.suffix == ".service"}
    fences = {name: [line for line in text if FENCE.match(line)] for name, text in lines.items()}

    (fence, *others) = fences.values()
    assert len(fence) >= 18
    assert {"User=luister", "NoNewPrivileges=yes", "ProtectSystem=strict"} <= set(lines["luister-web@.service"])
    assert all(other == fence for other in others), fences


def test_units_and_services_run_commands_that_there_are():
    started = [words for unit in UNITS for words in re.findall(rf"={PROGRAM} (.*)", unit.read_text())]
    composed = re.findall(r"command: \[(.*)\]", COMPOSE)
    ours = [words.replace('"', "").split(", ") for words in composed if not words.startswith('"--')]

    assert len(started) == 6
    assert len(ours) == 5
    for words in [*(line.split() for line in started), *ours]:
        assert words[0] in commands()
        command, rest = cli.commands[words[0]], words[1:]
        while rest and rest[0] in getattr(command, "commands", {}):
            command, rest = command.commands[rest[0]], rest[1:]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options


def test_images_have_versions_and_name_no_registry():
    images = re.findall(r"image: (\S+)", COMPOSE) + re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)

    assert len(images) >= 5
    assert [image for image in images if not re.fullmatch(r"[a-z]+:[0-9][a-z0-9.-]*", image)] == []
    assert f"image: luister:{version('luister')}" in COMPOSE


def test_services_have_secrets_as_files_and_can_write_little():
    ours = COMPOSE[COMPOSE.index("x-luister") : COMPOSE.index("services:")]

    for line in ("read_only: true", "cap_drop: [ALL]", 'security_opt: ["no-new-privileges:true"]', "init: true"):
        assert line in ours
    named = set(re.findall(r"^\s+((?:DATABASE|LUISTER)_\w+)_FILE:", COMPOSE, re.MULTILINE))
    assert named == {"DATABASE_URL", "LUISTER_SECRET_KEY", "LUISTER_CHANNEL_KEYS"} < set(NAMES)
    assert not re.search(r"(?i)(password|secret|key)\w*: (?!/run/secrets|secrets/|\[|$)\S", COMPOSE)
    assert "curl" not in COMPOSE.replace("no curl", "")


def test_containerfile_is_built_of_locked_parts_by_root_and_run_by_somebody_else():
    last = CONTAINERFILE[CONTAINERFILE.rindex("\nFROM") :]

    assert "--require-hashes -r requirements/base.lock" in CONTAINERFILE
    assert re.findall(r"^USER (\S+)", last, re.MULTILINE) == ["10001"]
    assert last.index("COPY") < last.index("USER")
    assert not re.search(r"^ADD |apt-get|curl|wget|sudo|latest", CONTAINERFILE, re.MULTILINE)
    for instruction in ("ENTRYPOINT", "CMD"):
        (words,) = re.findall(rf"^{instruction} (.*)", last, re.MULTILINE)
        assert json.loads(words)
    let_in = [line[1:] for line in (DEPLOY.parent / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINERFILE, re.MULTILINE) for word in line.split()
    }
    assert copied == set(let_in)


def test_secrets_are_made_once_and_kept(tmp_path):
    for name in ("make-secrets", "luister.env.example"):
        shutil.copy(DEPLOY / name, tmp_path / name)

    def made():
        subprocess.run([tmp_path / "make-secrets"], check=True, capture_output=True)
        return {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}

    first = made()

    assert made() == first
    assert first.keys() == set(re.findall(r"file: secrets/(\w+)", COMPOSE))
    assert len(set(first.values())) == 4
    assert all(len(value) >= 48 for value in first.values())
    assert first["database_url"] == f"postgres://luister:{first['database_password']}@database:5432/luister"
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(not Path("/usr/sbin/nginx").exists(), reason="There is no nginx here.")
def test_nginx_takes_its_settings(tmp_path):
    _write_certificate(tmp_path)
    site = (DEPLOY / "proxy" / "nginx.conf").read_text()
    for name, here in {"fullchain.pem": "cert.pem", "privkey.pem": "key.pem"}.items():
        site = site.replace(f"/etc/letsencrypt/live/desk.example/{name}", str(tmp_path / here))
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid; events {{}} http {{ {site} }}")

    command = ["/usr/sbin/nginx", "-t", "-q", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "log")]
    found = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (found.returncode, found.stderr) == (0, "")


def test_settings_of_the_example_are_settings():
    known = (DEPLOY.parent / "docs" / "reference" / "settings.md").read_text()
    named = re.findall(r"^#?([A-Z_]+)=", (DEPLOY / "luister.env.example").read_text(), re.MULTILINE)

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
