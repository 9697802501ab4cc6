"""The archive and the matcher agree on every post, by whichever road the archive goes."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from luister.posts.index import lexemes
from luister.posts.queries import roads
from luister.query.tree import Not, Phrase, Word
from tests import factories as make
from tests.posts.queries.helpers import ids_found, ids_matched, make_posts, prepared_posts, queries, reader

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

POSTS = 200
EXAMPLES = 55  # queries; each is put to all posts, twice over, so that a run compares 22,000 pairs


@pytest.fixture(params=["whole", "cut"])
def world(request, monkeypatch):
    """A workspace with posts, its reader, and more posts of somebody else; the index keeps all or next to nothing."""
    if request.param == "cut":
        monkeypatch.setattr(lexemes, "MOST_CHARACTERS", 9)
        monkeypatch.setattr(lexemes, "MOST_HANDLE", 4)
        monkeypatch.setattr(lexemes, "MOST_BYTES", 300)
        monkeypatch.setattr(lexemes, "LAST_POSITION", 10)
        monkeypatch.setattr(lexemes, "MOST_POSITIONS", 1)
    workspace, other = make.WorkspaceFactory(), make.WorkspaceFactory()
    make_posts(other, count=40, seed=2)
    return reader(workspace), prepared_posts(make_posts(workspace, count=POSTS))


def test_archive_finds_what_the_matcher_finds(world, monkeypatch):
    member, posts = world

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(queries, st.sampled_from([0.0, 2.0]), st.sampled_from([7, 60, 300]))
    @example(Not(Phrase((Word("koffer"), Word("op")))), 0.0, 60)
    def agree(node, dense, limit):
        monkeypatch.setattr(roads, "FIRST_STEP", 30)
        monkeypatch.setattr(roads, "AT_ONCE", 20 if limit < 50 else 200)
        monkeypatch.setattr(roads, "DENSE", dense)  # with 0 the archive walks only, with 2 it seeks where it can
        assert ids_found(node, member=member, limit=limit) == ids_matched(node, posts)

    agree()
