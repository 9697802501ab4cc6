"""The index says what the posts say, whenever they were stored and however they change."""

from datetime import timedelta

import pytest

from luister.base.posts import Kind
from luister.posts.actions import record, record_sent, revise
from luister.posts.index import backlog, lexemes, store
from luister.posts.index.backlog import index_existing, progress
from luister.posts.index.store import index_post
from luister.posts.models import Indexing, Post, SearchText
from luister.query import Document, prepare
from tests.factories import NOW, ChannelFactory, IdentityFactory, PostFactory
from tests.inbox.helpers import ANNA, said

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def never():
    return False


def finds(lexeme):
    """Return the ids of the posts that have a lexeme."""
    return set(SearchText.objects.extra(where=["tokens @@ %s::tsquery"], params=[lexeme]).values_list("pk", flat=True))


@pytest.fixture
def channel():
    return ChannelFactory(network="x", handle="@klm")


def test_a_post_is_indexed_when_it_comes_in(channel):
    post, _ = record(said("p1", text="Waar is mijn #koffer, @klm?", subject="Kwijt"), channel=channel, now=NOW)
    for lexeme in ("waar", "koffer", "'#koffer'", "'@klm'", "kwijt:A", "'=has:question'", f"'=c{channel.pk}'"):
        assert finds(lexeme) == {post.pk}, lexeme
    assert finds("waar:A") == set()
    assert finds("is <-> mijn <-> koffer") == {post.pk}
    assert finds("mijn <-> kwijt") == set()


def test_a_post_is_indexed_anew_when_it_is_edited(channel):
    post, _ = record(said("p1", text="Waar is mijn koffer?"), channel=channel, now=NOW)
    revise(said("p1", text="Gevonden!"), post=post, now=NOW)
    assert finds("koffer") == set()
    assert finds("gevonden & '=is:edited'") == {post.pk}


def test_what_we_sent_is_indexed_as_ours(channel):
    post = record_sent(
        channel=channel, external_id="r1", url="https://x.example/r1", text="Wij zoeken mee.", subject="",
        is_public=True, kind=Kind.REPLY, parent=None, thread_external_id="p1", sent_by=None, at=NOW,
    )  # fmt: skip
    assert finds("'=ours' & '=type:reply' & '=is:outbound'") == {post.pk}


def test_a_new_name_of_an_author_holds_for_all_their_posts(channel):
    record(said("p1", author=ANNA), channel=channel, now=NOW)
    record(said("p2", author=type(ANNA)(ANNA.external_id, "Änna  Nieuw", ANNA.handle)), channel=channel, now=NOW)
    (name,) = store.AuthorName.objects.all()
    assert name.name == "anna nieuw"


def test_posts_of_before_the_index_are_indexed_in_batches(channel, monkeypatch):
    monkeypatch.setattr(backlog, "CHUNK", 3)
    posts = PostFactory.create_batch(8, channel=channel, workspace=channel.workspace, received_at=NOW)
    later = NOW + timedelta(hours=1)
    assert progress() == 0.0
    calls = iter([False, True])
    index_existing(now=later, is_time_up=lambda: next(calls))
    assert SearchText.objects.count() == 3
    assert progress() == posts[2].pk / posts[-1].pk
    index_existing(now=later, is_time_up=never)
    assert finds("koffer") == {post.pk for post in posts}
    assert progress() is None


def test_what_an_older_process_stores_after_the_upgrade_is_indexed_too(channel):
    index_existing(now=NOW, is_time_up=never)
    post = PostFactory(channel=channel)
    index_existing(now=NOW + backlog.FOLLOW, is_time_up=never)
    assert finds("koffer") == {post.pk}
    assert Indexing.objects.get().finished_at == NOW + backlog.FOLLOW


def test_a_new_form_of_the_index_reaches_posts_of_the_form_before(channel, monkeypatch):
    post = PostFactory(channel=channel)
    index_post(post)
    SearchText.objects.update(tokens="oud")
    monkeypatch.setattr(store, "FORM", 2)
    monkeypatch.setattr(backlog, "FORM", 2)
    index_existing(now=NOW, is_time_up=never)
    assert finds("oud") == set()
    assert finds("koffer") == {post.pk}


def test_deleting_a_post_leaves_nothing_in_the_index(channel):
    post = PostFactory(channel=channel)
    index_post(post)
    Post.objects.filter(pk=post.pk).delete()
    assert not SearchText.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "x" * 199_000,
        "@" + "a." * 90_000 + "b",
        " ".join(f"#{number:x}" for number in range(33_000)),
        " ".join(f"{number:x}ﷺ" for number in range(28_000)),
        "' \\ : * & | ! ( ) <-> '' \\'",
        "a " * 99_000,
        "",
    ],
)
def test_no_text_is_too_much_for_the_index(channel, text):
    index_post(PostFactory(channel=channel, text=text, author=IdentityFactory(name="ﷺ" * 200, handle="ﷺ" * 320)))
    assert SearchText.objects.count() == 1


def test_a_vector_is_quoted():
    vector = lexemes.tsvector(prepare(Document(id="1", text="a", lang="n'l\\")), closed=["=w1"])
    assert vector == r"'=w1' '=lang:n''l\\' 'a':102"
