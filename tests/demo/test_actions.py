"""The demo desk is filled through the roads that people use, once, always the same, and taken away without a trace."""

from datetime import UTC, datetime

import pytest

from luister.accounts.enums import Role
from luister.accounts.models import Membership, User, Workspace
from luister.demo import actions
from luister.demo.actions import NotADemoError
from luister.events.models import Event
from luister.inbox.models import Case, CasePost, Note, Reply
from tests.demo.helpers import everything
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


def test_load_is_a_demo_beside_others_that_can_be_removed_and_loaded_the_same():
    other = WorkspaceFactory(slug="waterland")
    CaseFactory(workspace=other)
    PostFactory(workspace=other)
    before = everything()

    workspace = actions.load(stage="quiet", now=NOW)
    first = rows(workspace)
    assert (workspace.is_demo, workspace.slug) == (True, "waterland-2")
    assert Workspace.objects.filter(is_demo=True).count() == 1

    noor = User.objects.get(email="noor@waterland.example")
    Membership.objects.create(workspace=other, user=noor, role=Role.AGENT)
    actions.remove(workspace)

    assert User.objects.filter(pk=noor.pk).exists()
    Membership.objects.filter(user=noor).delete()
    noor.delete()
    assert everything() == before

    assert rows(actions.load(stage="quiet", now=NOW)) == first


def test_remove_takes_demos_only():
    with pytest.raises(NotADemoError):
        actions.remove(WorkspaceFactory())
