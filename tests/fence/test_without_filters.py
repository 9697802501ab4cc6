"""With the application's own filters by workspace taken out, PostgreSQL still shows nothing of another workspace."""

from contextlib import contextmanager

import pytest
from django.db import transaction
from django.db.models import Q, QuerySet
from django.test import override_settings

from luister.accounts import access
from luister.fence.scope import within
from luister.posts.index.store import index_post
from luister.posts.models import Post
from luister.posts.queries import roads
from tests import access_world
from tests.access_world import INSIDERS, World, canary

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

BY_WORKSPACE = {"workspace", "workspace_id"}
# Pages behind ten queries, each by itself enough to tell what another workspace holds. `{name}` is the id of a thing
# of theirs.
PAGES = {
    "list of cases": "inbox/all/",
    "one case": "inbox/all/{number}/",
    "saved views": "saved-views/",
    "a file": "files/{attachment}/",
    "archive": "archive/?q=koffer",
    "monitors": "monitors/",
    "mentions": "mentions/",
    "topics": "topics/",
    "sources": "sources/",
    "channels": "settings/channels/",
}


@pytest.fixture(scope="module")
def world(fence, django_db_setup, django_db_blocker):
    ours = override_settings(SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies")
    with django_db_blocker.unblock(), transaction.atomic(), ours:
        world = access_world.build()
        for post in Post.objects.all():
            index_post(post)
        yield world
        transaction.set_rollback(True)


def without_workspace(condition: Q) -> Q:
    """Return a condition without what it says of workspaces."""
    kept = [
        without_workspace(part) if isinstance(part, Q) else part
        for part in condition.children
        if isinstance(part, Q) or not (isinstance(part, tuple) and part[0].split("__")[-1] in BY_WORKSPACE)
    ]
    return Q(*kept, _connector=condition.connector, _negated=condition.negated)


@pytest.fixture
def no_filters(monkeypatch):
    """Take every filter by workspace out of the application, the gate's own apart."""
    filtered, placed = QuerySet._filter_or_exclude_inplace, roads._place

    def unfiltered(self, negate, args, kwargs):
        args = [without_workspace(arg) if isinstance(arg, Q) else arg for arg in args]
        kwargs = {name: value for name, value in kwargs.items() if name.split("__")[-1] not in BY_WORKSPACE}
        return filtered(self, negate, args, kwargs)

    def everywhere(scope, after):
        condition, parameters = placed(scope, after)
        return condition.replace("workspace_id = %s", "%s > 0"), parameters

    monkeypatch.setattr(QuerySet, "_filter_or_exclude_inplace", unfiltered)
    monkeypatch.setattr(roads, "_place", everywhere)
    monkeypatch.setattr(roads.lexemes, "workspace", lambda _workspace_id: "")


def page(world: World, name: str, person: str) -> str:
    """Return what a page says that asks for what is elsewhere."""
    theirs = {
        "number": world.cases["elsewhere"].number,
        "attachment": world.things["attachment"]["elsewhere"].pk,
    }
    answer = world.browser(person).get(f"/w/eigen/{PAGES[name].format(**theirs)}")
    said = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{answer.status_code} {said.decode(errors='replace')}"


@contextmanager
def no_fence(monkeypatch):
    """Let the gate enter no workspace, so that the tests' own role, the owner, reads everything."""
    with monkeypatch.context() as patched:
        patched.setattr(access, "in_workspace", lambda _workspace_id: within(None))
        yield


@pytest.mark.parametrize("name", PAGES)
def test_query_without_its_filter_shows_nothing_of_another_workspace(world, no_filters, monkeypatch, name):
    with no_fence(monkeypatch):
        said = page(world, name, "administrator")
        assert said.startswith("200 "), "the page has moved: name it anew in PAGES"
        assert canary("elsewhere") in said, "this query shows nothing even without the fence: it proves nothing"

    for person in INSIDERS:
        assert canary("elsewhere") not in page(world, name, person), person
