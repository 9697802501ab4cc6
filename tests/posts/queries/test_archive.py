"""Pages of a search follow each other, however they are ordered and whatever happens meanwhile; time is kept."""

from datetime import timedelta

import pytest

from luister.posts.index.store import index_posts
from luister.posts.models import Post
from luister.posts.queries import archive, roads
from luister.posts.queries.cursors import cursor_of
from luister.posts.queries.narrowing import bounds
from luister.query import parse
from tests import factories as make
from tests.posts.queries.helpers import MOMENT, ids_found, reader

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def member():
    return reader(make.WorkspaceFactory())


@pytest.fixture
def say(member):
    """Store and index posts, the first the newest; a text before a bar is the title."""
    channel = make.ChannelFactory(workspace=member.workspace)

    def store(*texts, since=timedelta()):
        posts = []
        for number, text in enumerate(texts):
            title, _, said = text.rpartition("|")
            at = make.NOW - since - timedelta(minutes=number)
            posts.append(
                make.PostFactory(workspace=member.workspace, channel=channel, subject=title, text=said, posted_at=at)
            )
        index_posts(posts)
        return [post.pk for post in posts]

    return store


def look(member, query, **options):
    """Search for a query."""
    node = parse(query)
    return archive.search(node, member=member, moment=MOMENT, labels=archive_labels(member), **options)


def archive_labels(member):
    from luister.inbox.queries.labels import PostLabels  # noqa: PLC0415 - what stands above posts hands them to it

    return PostLabels(member)


def test_posts_of_the_same_moment_all_have_their_turn(member, say):
    ids = say(*["koffer"] * 7)
    Post.objects.update(posted_at=make.NOW)
    index_posts(Post.objects.all())
    assert ids_found(parse("koffer"), member=member, limit=2) == sorted(ids, reverse=True)


def test_relevance_puts_titles_before_texts_and_short_before_long(member, say):
    long, text, title = say(
        "koffer " + "en nog veel meer woorden die er niets toe doen " * 9, "de koffer", "koffer|kwijt"
    )
    assert ids_found(parse("koffer"), member=member, by_relevance=True) == [title, text, long]


def test_pages_of_the_most_relevant_have_no_gaps_and_no_doubles(member, say):
    ids = say(*(f"koffer {'kwijt ' * (number % 4)}" for number in range(23)))
    paged = ids_found(parse("koffer OR kwijt"), member=member, by_relevance=True, limit=4)
    assert paged == ids_found(parse("koffer OR kwijt"), member=member, by_relevance=True, limit=50)
    assert sorted(paged) == sorted(ids)


@pytest.mark.parametrize("by_relevance", [False, True])
def test_what_comes_in_while_paging_changes_no_page(member, say, by_relevance):
    ids = say(*["koffer"] * 6)
    first = look(member, "koffer", limit=3, by_relevance=by_relevance)
    say("koffer koffer|koffer", since=timedelta(hours=-1))
    second = look(member, "koffer", limit=3, by_relevance=by_relevance, after=first.following)
    assert [hit.post.pk for hit in [*first.hits, *second.hits]] == ids
    assert second.following is None


def test_a_cursor_survives_an_address(member, say):
    say(*["koffer"] * 3)
    for by_relevance in (False, True):
        cursor = look(member, "koffer", limit=1, by_relevance=by_relevance).following
        assert cursor_of(str(cursor)) == cursor


def test_the_database_stops_when_time_is_up(member, say, monkeypatch):
    say("koffer")
    monkeypatch.setattr(roads, "filter_sql", lambda condition: ("(SELECT pg_sleep(30)) IS NULL", []))
    found = look(member, "koffer", seconds=0.2)
    assert found.is_partial
    assert found.hits == []
    assert Post.objects.count() == 1  # the connection is of use still


def test_what_was_found_until_time_was_up_is_shown_and_the_next_page_goes_on(member, say, monkeypatch):
    ids = say(*["koffer"] * 30)
    monkeypatch.setattr(roads, "FIRST_STEP", 10)
    monkeypatch.setattr(roads, "STEP_GROWTH", 1)
    monkeypatch.setattr(roads, "DENSE", 0)
    turns = iter([100, 100, 100, 100, 100])

    def left(clock):
        try:
            return next(turns)
        except StopIteration:
            raise roads.TooBroadError from None

    with monkeypatch.context() as patch:
        patch.setattr(roads.Clock, "left_ms", left)
        first = look(member, "koffer", limit=50)
    assert first.is_partial
    assert 0 < len(first.hits) < 30
    rest = look(member, "koffer", limit=50, after=first.following)
    assert [hit.post.pk for hit in [*first.hits, *rest.hits]] == ids
    assert rest.total == 30


def test_private_posts_are_for_who_may_read_them(member, say):
    (secret,) = say("koffer")
    Post.objects.update(is_public=False)  # even where the index does not know it yet
    outsider = make.MembershipFactory(workspace=member.workspace, role="analyst")
    assert ids_found(parse("koffer"), member=member) == [secret]
    assert ids_found(parse("koffer"), member=outsider) == []
    assert ids_found(parse("-nergens"), member=outsider) == []


def test_a_period_bounds_the_walk(member):
    found = bounds(parse("koffer after:2026-03-01 before:2026-03-02 -before:2020-01-01"), MOMENT)
    assert (found.start.isoformat(), found.end.isoformat()) == (
        "2026-02-28T23:00:00+00:00",
        "2026-03-01T23:00:00+00:00",
    )
    assert bounds(parse("koffer OR after:2026-03-01"), MOMENT).start is None


@pytest.mark.parametrize(
    "query", [" OR ".join(f"w{number}" for number in range(1_000)), "x" * 9_000, '"' + "a " * 900 + '"']
)
def test_the_largest_queries_are_searched(member, say, query):
    (post,) = say("w7 en " + "a " * 1_000)
    assert ids_found(parse(query), member=member) in ([post], [])
