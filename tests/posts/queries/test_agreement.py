"""The archive and the matcher agree on every post, by whichever road the archive goes."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from luister.posts.index import lexemes
from luister.posts.queries import roads
from luister.query import parse
from luister.query.tree import Not, Phrase, Word
from tests import factories as make
from tests.posts.queries.helpers import (
    ids_found,
    ids_matched,
    make_documents,
    make_posts,
    prepared_posts,
    reader,
    trees,
)
from tests.query.strategies import queries

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

POSTS = 200
EXAMPLES = 55  # queries of each test; each is put to all posts, so that a run compares 22,000 pairs
RUN = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def member():
    """Who reads everything in a workspace that is not the only one."""
    make_posts(make.WorkspaceFactory(), count=40, seed=2)
    return reader(make.WorkspaceFactory())


@pytest.fixture
def go(monkeypatch):
    """Have the archive walk only (with 0) or seek wherever it can (with 31), in short steps."""

    def choose(dense, limit):
        monkeypatch.setattr(roads, "FIRST_STEP", 30)
        monkeypatch.setattr(roads, "AT_ONCE", 20 if limit < 50 else 200)
        for name in ("DENSE", "DENSE_BY_PARTS", "DENSE_BY_PLACES"):
            monkeypatch.setattr(roads, name, dense)

    return choose


ROADS = st.sampled_from([0, 31])
LIMITS = st.sampled_from([7, 60, 300])


def test_archive_finds_what_the_matcher_finds(member, go):
    posts = prepared_posts(make_documents(member.workspace, count=POSTS), member=member)

    @RUN
    @given(queries(), ROADS, LIMITS)
    def agree(text, dense, limit):
        go(dense, limit)
        node = parse(text)
        assert ids_found(node, member=member, limit=limit) == ids_matched(node, posts)

    agree()


def test_they_agree_on_posts_of_which_the_index_keeps_little(member, go, monkeypatch):
    for name, most in (("MOST_CHARACTERS", 9), ("MOST_HANDLE", 4), ("LAST_POSITION", 10), ("MOST_POSITIONS", 1)):
        monkeypatch.setattr(lexemes, name, most)
    monkeypatch.setattr(lexemes, "MOST_BYTES", 600)
    posts = prepared_posts(make_posts(member.workspace, count=POSTS), member=member)

    @RUN
    @given(trees, ROADS, LIMITS)
    @example(Not(Phrase((Word("koffer"), Word("op")))), 0.0, 60)
    def agree(node, dense, limit):
        go(dense, limit)
        assert ids_found(node, member=member, limit=limit) == ids_matched(node, posts)

    agree()
