"""Posts of a stream as they are stored."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from luister.base.posts import Kind
from luister.query import Document
from luister.streams.mapping import external_id_of, inbound_post, network_of
from tests.factories import NOW


def post(**fields):
    return inbound_post(Document(**{"id": "1", "text": "koffer", **fields}), came_at=NOW)


def test_a_bare_line_is_a_public_post_of_somebody_at_the_moment_it_came():
    bare = post()

    assert (bare.kind, bare.public, bare.ours, bare.addressed) == (Kind.POST, True, False, False)
    assert (bare.posted_at, bare.author.external_id, bare.author.name) == (NOW, "?1", "–")


def test_what_a_line_says_of_itself_is_kept():
    at = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
    full = post(author="@jan", author_name="Jan", url="https://x.example/1", published_at=at, lang="nl", inbound=False)

    assert (full.author.external_id, full.author.handle, full.author.name) == ("jan", "jan", "Jan")
    assert (full.url, full.posted_at, full.language, full.ours) == ("https://x.example/1", at, "nl", True)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"type": "reply"}, Kind.REPLY),
        ({"type": "broadcast"}, Kind.BROADCAST),
        ({"type": "mail"}, Kind.POST),  # a stream brings no mail, which has rules of its own
        ({"public": False}, Kind.MESSAGE),
        ({"rating": Decimal(4)}, Kind.REVIEW),
        ({"network": "News"}, Kind.ARTICLE),
    ],
)
def test_kind_is_what_the_line_says_or_what_its_network_brings(fields, kind):
    assert post(**fields).kind == kind


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"rating": Decimal("1e300")}, "rating"),
        ({"rating": Decimal(-1)}, "rating"),
        ({"reach": Decimal(-5)}, "reach"),
        ({"followers": Decimal(10) ** 30}, "followers"),
    ],
)
def test_numbers_that_fit_no_column_are_left_out(fields, name):
    assert getattr(post(**fields), name) is None


def test_values_that_are_unknown_here_are_left_out():
    odd = post(url="javascript:alert(1)", lang="??", sentiment="boos", says=["question", "gossip"], title="t" * 900)

    assert (odd.url, odd.language, odd.sentiment, odd.says) == ("", "", "", ("question",))
    assert len(odd.subject) == 500


def test_ids_that_are_too_long_stay_apart():
    one, two = (external_id_of(Document(id="i" * 2000 + end, text="")) for end in "ab")

    assert one != two
    assert len(one) == len(two) == 1000


@pytest.mark.parametrize(
    ("written", "network"), [("X", "x"), ("", "web"), ("my network", "web"), ("n" * 31, "web"), (" news ", "news")]
)
def test_network_is_that_of_the_line_where_it_is_one(written, network):
    assert network_of(Document(id="1", text="", network=written), default="web") == network
