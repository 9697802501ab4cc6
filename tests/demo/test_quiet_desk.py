"""A quiet demo desk, filled once: what is in it, what a second filling does, and how it is taken away."""

from datetime import timedelta

import pytest

from luister.accounts.models import Workspace
from luister.channels.models import Channel
from luister.delivery.models import Cursor
from luister.demo import actions
from luister.posts.files import path_of, store
from luister.posts.models import Attachment, Post
from luister.practice.models import Event as PracticeEvent
from luister.practice.models import Post as PracticePost
from tests.demo.conftest import NOW
from tests.demo.helpers import everything
from tests.factories import PostFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told():
    """How far filling the desk said it was, again and again."""
    return []


@pytest.fixture(scope="module")
def _desk(told, filled):
    with filled(stage="quiet", progress=lambda done, total: told.append((done, total))) as workspace:
        yield workspace.pk


@pytest.fixture
def quiet_desk(_desk, db):
    """The desk; each test runs in a transaction within the one that is undone at the end of the module."""
    return Workspace.objects.get(pk=_desk)


def test_load_answers_on_the_practice_network_with_caret_signatures(quiet_desk):
    sent = Post.objects.filter(workspace=quiet_desk, direction="out", is_public=True).order_by("id")
    on_network = PracticePost.objects.filter(author__handle="waterland", to=None).order_by("id")
    assert list(sent.values_list("text", "external_id")) == [(row.text, str(row.pk)) for row in on_network]
    assert all(text.endswith(("^Pim", "^Sam", "^Marit")) for text in sent.values_list("text", flat=True))
    assert sent.first().url == f"http://127.0.0.1:8000/practice/post/{sent.first().external_id}/"
    assert sent.first().sent_by is not None


def test_load_goes_on_where_the_listener_will_read(quiet_desk):
    square = Channel.objects.get(workspace=quiet_desk, kind="practice")
    last = PracticeEvent.objects.order_by("-id").first()
    assert Cursor.objects.get(channel=square).value == {"after": str(last.pk)}


def test_load_again_keeps_what_is_there(quiet_desk):
    before = everything()

    again = actions.load(stage="crisis", now=NOW + timedelta(hours=1))

    assert again == quiet_desk
    assert everything() == before


def test_load_again_follows_luister_to_another_port(quiet_desk):
    actions.load(stage="quiet", now=NOW, site_url="http://127.0.0.1:9000")

    square = Channel.objects.get(workspace=quiet_desk, kind="practice")
    assert square.settings["base_url"] == "http://127.0.0.1:9000/practice/api"
    assert square.settings["demo_stage"] == "quiet"


def test_load_tells_how_far_it_is(quiet_desk, told):
    assert told[0] == (0, len(told) - 1)
    assert told[-1] == (len(told) - 1, len(told) - 1)
    assert told == sorted(told)


def test_remove_leaves_nothing(quiet_desk):
    actions.remove(quiet_desk)

    assert everything() == {}


def test_remove_deletes_the_files(quiet_desk, django_capture_on_commit_callbacks):
    post = PostFactory(workspace=quiet_desk)
    kept_as = store(b"bon")
    Attachment.objects.create(
        workspace=quiet_desk, post=post, name="bon.txt", content_type="text/plain", size_bytes=3, stored_as=kept_as
    )

    with django_capture_on_commit_callbacks(execute=True):
        actions.remove(quiet_desk)

    assert not path_of(kept_as).exists()
