"""The queries that a matcher holds."""

from datetime import UTC, datetime

from luister.query import Document, parse
from luister.streams.matcher.held import Held, Query, as_stored
from tests.factories import NOW


def query(text, **fields):
    return Query(parse(text, standing=True), **fields)


def found(held, text="koffer", **fields):
    return held.find(Document(id="1", text=text, **fields), now=NOW)


def test_queries_of_several_time_zones_count_their_own_days():
    held = Held(infer=lambda post: post)
    east, west = "Pacific/Kiritimati", "Pacific/Pago_Pago"
    held.change({zone: query("koffer after:2026-06-02", zone=zone) for zone in (east, west)})

    assert found(held, published_at=datetime(2026, 6, 2, 0, 30, tzinfo=UTC)) == [east]
    assert found(held, published_at=datetime(2026, 6, 2, 12, 0, tzinfo=UTC)) == [east, west]


def test_queries_of_several_time_zones_read_a_post_once_together():
    inferred = []
    held = Held(infer=lambda post: inferred.append(post) or post)
    zones = ("UTC", "Europe/Amsterdam", "Pacific/Pago_Pago")
    held.change({zone: query("koffer lang:nl after:30d", zone=zone) for zone in zones})

    assert found(held, published_at=NOW) == []
    assert len(inferred) == 1


def test_become_holds_exactly_what_is_wanted_and_tells_whether_that_is_new():
    held = Held(infer=lambda post: post)
    wanted = {"a": query("koffer"), "b": query("koffer OR trein")}

    assert held.become(wanted)
    assert not held.become(wanted)
    assert found(held) == ["a", "b"]
    assert held.become({"b": query("trein", version=2, zone="Europe/Amsterdam")})
    assert found(held) == []
    assert found(held, "trein") == ["b"]


def test_what_we_wrote_is_found_by_queries_that_want_it_alone():
    held = Held(infer=lambda post: post)
    held.change({"a": query("koffer", wants_ours=False), "b": query("koffer")})

    assert found(held, inbound=False) == ["b"]
    assert found(held) == ["a", "b"]


def test_as_stored_is_public_of_others_and_without_labels():
    seen = as_stored(Document(id="1", text="", labels=["urgent"], topics=["koffers"], edited=True))

    assert (seen.public, seen.inbound, seen.edited, list(seen.labels), list(seen.topics)) == (
        True, True, False, [], ["koffers"],
    )  # fmt: skip
    assert as_stored(Document(id="1", text="", public=False, inbound=False)).public is False
