"""luister token: making a token prints it once; it can be listed and revoked, and mistakes are told."""

import json

import pytest

from luister.config.cli import root
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def command(monkeypatch, capsys):
    """Return a function that runs `luister token`, and returns its exit code and what it said."""
    make.MembershipFactory(workspace__slug="stad", user__email="pim@example.org", role="agent")

    def do(*arguments):
        monkeypatch.setattr("sys.argv", ["luister", "token", *arguments])
        code = root._run(["token", *arguments])
        return code, capsys.readouterr()

    return do


def test_token_is_made_listed_and_revoked(command, client):
    made = ("create", "--workspace", "stad", "--as", "pim@example.org", "--scope", "read", "--expires", "30d")
    code, said = command(*made)
    assert code == 0, said.err
    text = said.out.strip()
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {text}"}).json()["role"] == "agent"

    _, said = command("list", "--workspace", "stad", "--json")
    [row] = json.loads(said.out)["tokens"]
    assert (row["as"], row["state"], text in said.out) == ("pim@example.org", "works", False)
    assert row["last_used_at"]

    code, said = command("revoke", "--workspace", "stad", str(row["id"]))
    assert (code, said.out) == (0, f"Token {row['id']} is revoked.\n")
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {text}"}).status_code == 401


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--workspace", "nergens", "--as", "pim@example.org", "--scope", "read"), 1, "no workspace “nergens”"),
        (("--workspace", "stad", "--as", "wie@example.org", "--scope", "read"), 1, "wie@example.org"),
        (("--workspace", "stad", "--as", "pim@example.org", "--scope", "alles"), 2, "no scope “alles”"),
        (("--workspace", "stad", "--as", "pim@example.org", "--scope", "read", "--expires", "ooit"), 2, "ooit"),
    ],
)
def test_mistake_is_told_in_a_sentence(command, arguments, code, words):
    ended, said = command("create", *arguments)

    assert ended == code
    assert words in said.err
    assert said.out == ""
