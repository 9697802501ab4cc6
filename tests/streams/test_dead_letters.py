"""Garbage in a stream ends up among the dead letters, with its reason, and stops nothing."""

import json
from collections import Counter

import pytest

from luister.streams.models import MatcherReport
from tests.streams.matchers import (
    MatcherProcess,
    has_settled,
    line,
    listening_workspace,
    matching,
    monitor,
    until,
)
from tests.streams.test_matching import found, publish

pytestmark = [pytest.mark.nats, pytest.mark.django_db(transaction=True)]

PLANES = "".join(chr(plane * 0x10000 + 0x1234) for plane in range(17))
EVERY_KIND = "".join(chr(point) for point in range(1, 0x3000) if not 0xD800 <= point < 0xE000)

GARBAGE = {
    b"\x00\xff\xfe": "query.line_encoding",
    b"koffer": "query.line_json",
    b"[" * 100_000: "query.line_object",
    b"[1, 2]": "query.line_object",
    b'{"id": "a"}': "query.line_missing",
    b'{"text": "koffer"}': "query.line_missing",
    b'{"id": "", "text": "koffer"}': "line.no_id",
    b'{"id": 7, "text": "koffer"}': "query.line_text",
    b'{"id": "b", "text": "koffer", "rating": "vijf"}': "query.line_number",
    b'{"id": "c", "text": "koffer", "published_at": "gisteren"}': "query.line_moment",
    b"": "query.line_json",
    line("d", "koffer " + "x" * 5_000_000): "line.too_big",
    line("e", " ".join(f"#koffer{number}" for number in range(1_000_000))): "line.too_big",
}
STRANGE = {
    "planes": f"koffer {PLANES}",
    "kinds": f"koffer {EVERY_KIND}",
    "nul": "koffer \x00 weg",
    "surrogate": "koffer \ud83d",
    "hashtags": "koffer " + "#a" * 300_000,
    "many hashtags": "koffer " + " ".join(f"#k{number}" for number in range(80_000)),
    "long": "koffer " + "woord " * 100_000,
    "emoji": "koffer " + "👨\u200d👩\u200d👧" * 20_000,
    "i" * 5_000: "koffer",
}


def test_garbage_is_kept_with_its_reason_and_stops_nothing(nats_server, database_url):
    member, _ = listening_workspace(nats_server)
    monitor(member, "koffer")
    publish(nats_server, line("first", "koffer"))
    strange = [json.dumps({"id": ident, "text": text}).encode() for ident, text in STRANGE.items()]
    odd = [
        line("odd", "koffer", rating=1e300, reach=-5, published_at="0001-01-01T00:00:00Z", lang="??", url="x" * 9000)
    ]
    nats_server.publish("luister.posts.POSTS", [*GARBAGE, *strange, *odd])
    publish(nats_server, line("last", "koffer"))

    with matching("--from", nats_server.address("POSTS"), "--to", "database", database_url=database_url):
        until(lambda: has_settled(nats_server))
        until(lambda: MatcherReport.objects.filter(dead_letters=len(GARBAGE)).exists())
        assert MatcherReport.objects.get().dead_by_code == Counter(GARBAGE.values())

    dead = nats_server.messages("luister-dead")
    assert [headers["Luister-Code"] for _, headers in dead] == list(GARBAGE.values())
    assert [payload for payload, _ in dead] == [payload[: 64 * 1024] for payload in GARBAGE]
    assert all(headers["Luister-Reason"] for _, headers in dead)
    assert (
        dead[-1][1]["Luister-Reason"]
        == f"The line has {len(list(GARBAGE)[-1])} bytes; more than 1048576 are not matched."
    )
    idents = {ident if len(ident) <= 1000 else ident[:935] for ident in STRANGE}
    assert {post[:935] for _, post in found()} == {*idents, "odd", "first", "last"}


DEADLY = """
import os
from luister.streams.matcher import held
find = held.Held.find
def find_or_die(self, document, **now):
    return os._exit(9) if "dodelijk" in document.text else find(self, document, **now)
held.Held.find = find_or_die
"""


def test_a_message_that_kills_matchers_is_laid_aside(nats_server, database_url):
    member, _ = listening_workspace(nats_server)
    monitor(member, "koffer")
    lines = [line(number, "koffer") for number in range(40)]
    publish(nats_server, *lines[:20], line("x", "koffer dodelijk"), *lines[20:])
    arguments = ("--from", nats_server.address("POSTS"), "--to", "database")
    started = []

    def has_gone_on():
        if not started or not started[-1].is_alive:  # as systemd would
            started.append(MatcherProcess(*arguments, database_url=database_url, sabotage=DEADLY))
        return len(found()) == 40 and has_settled(nats_server)

    until(has_gone_on, seconds=240)
    assert started.pop().stop() == 0
    assert len(started) == 5
    ((payload, headers),) = nats_server.messages("luister-dead")
    assert json.loads(payload)["id"] == "x"
    assert headers["Luister-Code"] == "line.deadly"
