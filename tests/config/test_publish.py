"""`luister publish`, with a real server."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from nats.js.api import StreamConfig

from luister.config.cli.root import cli
from tests.nats_servers import served, skip_without_server

pytestmark = pytest.mark.nats


def run(*arguments, stdin=None):
    result = CliRunner().invoke(cli, ["publish", *arguments], input=stdin, standalone_mode=False)
    assert result.exception is None, result.output
    return result.return_value or 0, result.output


def posts(*numbers):
    lines = [json.dumps({"id": f"é{number}", "text": f"Koffer {number} 👍"}, ensure_ascii=False) for number in numbers]
    return "".join(f"{line}\n" for line in lines)


def test_publish_makes_the_stream_and_keeps_every_line_as_it_is(nats_server, tmp_path):
    (tmp_path / "posts.jsonl").write_text(posts(*range(3000)))

    code, said = run(str(tmp_path / "posts.jsonl"), "--to", nats_server.address("POSTS"))

    assert code == 0
    assert "Made the stream POSTS" in said
    assert "Published 3000 posts" in said
    payloads = [payload.decode() for payload, _ in nats_server.messages("POSTS")]
    assert payloads == posts(*range(3000)).splitlines()


def test_publish_again_adds_nothing(nats_server):
    run("-", "--to", nats_server.address("POSTS"), stdin=posts(*range(50)))

    code, said = run("-", "--to", nats_server.address("POSTS"), stdin=posts(*range(40, 60)))

    assert code == 0
    assert "Published 10 posts" in said
    assert "10 were there already" in said
    assert len(nats_server.messages("POSTS")) == 60


def test_publish_takes_the_same_number_on_another_network_for_another_post(nats_server):
    lines = [json.dumps({"id": "1", "text": "Hoi", "network": network}) for network in ("x", "facebook", "x")]

    run("-", "--to", nats_server.address("POSTS"), stdin="\n".join(lines))

    assert len(nats_server.messages("POSTS")) == 2


def test_publish_names_the_lines_that_it_leaves_out():
    lines = ['{"id": "1", "text": "een"}', "", "[1]", '{"id": "2"}', json.dumps({"id": "3", "text": "x" * 200_000})]
    skip_without_server()
    with served(max_payload="100KB") as server:
        code, said = run("-", "--to", server.address("POSTS"), stdin="\n".join(lines))

        assert len(server.messages("POSTS")) == 1
    assert code == 1
    assert "-:3: " in said
    assert "-:4: " in said
    assert "-:5: The line has 200023 bytes, which is more than the server takes." in said


def test_publish_fills_a_stream_of_somebody_else_under_its_subject(nats_server):
    nats_server.run(lambda js: js.add_stream(StreamConfig(name="POSTS", subjects=["social.>"])))

    code, said = run("-", "--to", nats_server.address("POSTS"), stdin=posts(1))

    assert code == 0
    assert "Made the stream" not in said
    assert len(nats_server.messages("POSTS")) == 1


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nats://127.0.0.1:1/POSTS", "No NATS server answers at nats://127.0.0.1:1."),
        ("http://127.0.0.1/POSTS", "begins with nats://"),
        ("nats://127.0.0.1:4222", "names no stream"),
    ],
)
def test_publish_says_in_one_sentence_why_nothing_could_be(address, words):
    code, said = run("-", "--to", address, stdin=posts(1))

    assert code == 2
    assert words in said
    assert said.count("\n") == 1


def test_publish_says_that_a_password_is_wrong():
    skip_without_server()
    with served(password="geheim-woord") as server:
        code, said = run("-", "--to", server.address("POSTS").replace("//", "//luister:fout@"), stdin=posts(1))
        assert code == 2
        assert "refuses this user and password" in said
        assert "fout" not in said

        code, _ = run("-", "--to", server.address("POSTS").replace("//", "//luister:geheim-woord@"), stdin=posts(1))
        assert code == 0


def test_publish_sends_lines_of_standard_input_as_they_come(nats_server):
    command = [sys.executable, "-m", "luister.config.cli", "publish", "-", "--to", nats_server.address("POSTS")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(posts(1).encode())
        process.stdin.flush()
        assert b"Made the stream" in process.stderr.readline()
        while len(nats_server.messages("POSTS")) < 1:
            assert process.poll() is None
        process.stdin.close()
        assert b"Published 1 post " in process.stderr.read()
    assert process.returncode == 0


def test_publish_goes_on_when_the_server_comes_back(nats_server):
    command = [sys.executable, "-m", "luister.config.cli", "publish", "-", "--to", nats_server.address("POSTS")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(posts(1).encode())
        process.stdin.flush()
        assert b"Made the stream" in process.stderr.readline()
        nats_server.stop()
        assert b"Lost the connection" in process.stderr.readline()
        process.stdin.write(posts(2, 3).encode())
        process.stdin.close()
        nats_server.start()
        said = process.stderr.read()
    assert process.returncode == 0
    assert b"again" in said
    ids = {json.loads(payload)["id"] for payload, _ in nats_server.messages("POSTS")}
    assert ids == {"é1", "é2", "é3"}
