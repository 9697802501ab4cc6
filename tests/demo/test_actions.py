"""The demo desk is filled through the roads that people use, once, always the same, and taken away without a trace."""

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps

from luister.accounts.enums import Role
from luister.accounts.models import Membership, User, Workspace
from luister.channels.models import Channel
from luister.delivery.models import Cursor
from luister.demo import actions
from luister.demo.actions import NotADemoError
from luister.events.models import Event
from luister.inbox.models import Case, CasePost, Note, Reply
from luister.posts.files import path_of, store
from luister.posts.models import Attachment, Post
from luister.practice.models import Event as PracticeEvent
from luister.practice.models import Post as PracticePost
from tests.factories import CaseFactory, PostFactory, WorkspaceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def rows(workspace):
    """Return everything that a person could see, without the random parts of ids."""
    cases = Case.objects.filter(workspace=workspace).order_by("number")
    shown = [
        (
            case.number,
            case.subject,
            case.state,
            case.team and case.team.name,
            case.assignee and case.assignee.name,
            case.contact.name,
            case.opened_at,
            case.last_post_at,
            case.snoozed_until,
            case.waiting_since,
            case.version,
            sorted(case.labels.values_list("name", flat=True)),
            list(Note.objects.filter(case=case).order_by("id").values_list("text", "author__name", "created_at")),
            list(Reply.objects.filter(case=case).order_by("id").values_list("text", "effect", "created_at")),
        )
        for case in cases.select_related("team", "assignee", "contact")
    ]
    links = CasePost.objects.filter(case__workspace=workspace).order_by("case__number", "post__posted_at", "post__id")
    posts = list(links.values_list("case__number", "is_context", "post__text", "post__posted_at", "post__is_public"))
    events = list(Event.objects.filter(workspace=workspace).order_by("id").values_list("name", "at"))
    return shown, posts, events


def everything():
    """Count the rows of every table of ours."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("luister.")]
    return {model.__name__: model.objects.count() for model in ours if model.objects.exists()}


def test_load_answers_on_the_practice_network_with_caret_signatures():
    workspace = actions.load(stage="quiet", now=NOW)

    sent = Post.objects.filter(workspace=workspace, direction="out", is_public=True).order_by("id")
    on_network = PracticePost.objects.filter(author__handle="waterland", to=None).order_by("id")
    assert list(sent.values_list("text", "external_id")) == [(row.text, str(row.pk)) for row in on_network]
    assert all(text.endswith(("^Pim", "^Sam", "^Marit")) for text in sent.values_list("text", flat=True))
    assert sent.first().url == f"http://127.0.0.1:8000/practice/post/{sent.first().external_id}/"
    assert sent.first().sent_by is not None


def test_load_goes_on_where_the_listener_will_read():
    workspace = actions.load(stage="quiet", now=NOW)

    square = Channel.objects.get(workspace=workspace, kind="practice")
    last = PracticeEvent.objects.order_by("-id").first()
    assert Cursor.objects.get(channel=square).value == {"after": str(last.pk)}


def test_load_is_the_same_for_the_same_moment_and_seed():
    first = rows(workspace := actions.load(stage="quiet", now=NOW))
    actions.remove(workspace)

    assert rows(actions.load(stage="quiet", now=NOW)) == first


def test_load_again_keeps_what_is_there():
    workspace = actions.load(stage="quiet", now=NOW)
    before = everything()

    again = actions.load(stage="crisis", now=NOW + timedelta(hours=1))

    assert again == workspace
    assert everything() == before


def test_load_again_follows_luister_to_another_port():
    workspace = actions.load(stage="quiet", now=NOW)

    actions.load(stage="quiet", now=NOW, site_url="http://127.0.0.1:9000")

    square = Channel.objects.get(workspace=workspace, kind="practice")
    assert square.settings["base_url"] == "http://127.0.0.1:9000/practice/api"
    assert square.settings["demo_stage"] == "quiet"


def test_load_tells_how_far_it_is():
    told = []

    actions.load(stage="quiet", now=NOW, progress=lambda done, total: told.append((done, total)))

    assert told[0] == (0, len(told) - 1)
    assert told[-1] == (len(told) - 1, len(told) - 1)
    assert told == sorted(told)


def test_load_that_is_cut_off_leaves_nothing():
    def stop(done, total):
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        actions.load(stage="quiet", now=NOW, progress=stop)

    assert everything() == {}


def test_load_of_a_storm(monkeypatch):
    """A small one: test_plan counts the posts of a whole storm."""
    monkeypatch.setattr("luister.demo.storm.POSTS", 20)
    monkeypatch.setattr("luister.demo.plan.told_at", lambda stage: ())

    workspace = actions.load(stage="crisis", now=NOW)

    cases = Case.objects.filter(workspace=workspace)
    assert cases.count() == 20
    answered = cases.filter(labels__name="Storm")
    assert 0 < answered.count() < 20
    assert answered.filter(assignee=None).count() == 0


def test_remove_leaves_nothing():
    workspace = actions.load(stage="quiet", now=NOW)

    actions.remove(workspace)

    assert everything() == {}


def test_remove_deletes_the_files(django_capture_on_commit_callbacks):
    workspace = actions.load(stage="quiet", now=NOW)
    post = PostFactory(workspace=workspace)
    kept_as = store(b"bon")
    Attachment.objects.create(
        workspace=workspace, post=post, name="bon.txt", content_type="text/plain", size_bytes=3, stored_as=kept_as
    )

    with django_capture_on_commit_callbacks(execute=True):
        actions.remove(workspace)

    assert not path_of(kept_as).exists()


def test_remove_touches_nothing_else():
    other = WorkspaceFactory(slug="waterland")
    CaseFactory(workspace=other)
    PostFactory(workspace=other)
    before = everything()

    workspace = actions.load(stage="quiet", now=NOW)
    noor = User.objects.get(email="noor@waterland.example")
    Membership.objects.create(workspace=other, user=noor, role=Role.AGENT)
    actions.remove(workspace)

    assert User.objects.filter(pk=noor.pk).exists()
    Membership.objects.filter(user=noor).delete()
    noor.delete()
    assert everything() == before


def test_remove_takes_demos_only():
    with pytest.raises(NotADemoError):
        actions.remove(WorkspaceFactory())


def test_load_marks_the_workspace_as_a_demo_beside_others():
    WorkspaceFactory(slug="waterland")

    workspace = actions.load(stage="quiet", now=NOW)

    assert workspace.is_demo
    assert workspace.slug == "waterland-2"
    assert Workspace.objects.filter(is_demo=True).count() == 1
