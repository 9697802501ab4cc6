"""PostgreSQL itself keeps workspaces apart: what no code asked for, and what code forgot to ask for, is not there."""

import threading

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from luister.accounts.access import membership, memberships_of
from luister.accounts.models import Membership, Workspace
from luister.config import vitals_fence
from luister.config.checks import Check, State
from luister.config.children import wait_until
from luister.fence import policies
from luister.fence.base import DatabaseWrapper
from luister.fence.scope import NOTHING, across_workspaces, as_person, in_workspace, of_workspace, within
from luister.fence.ways import SEARCHED, ways
from luister.inbox.models import Case, CaseLabel, Seen
from luister.posts.models import Post
from tests import access_world
from tests.factories import (
    CaseFactory,
    CaseLabelFactory,
    ContactFactory,
    MembershipFactory,
    PostFactory,
    SeenFactory,
    UserFactory,
    WorkspaceFactory,
)

pytestmark = [pytest.mark.usefixtures("fence"), pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def two():
    """Two workspaces with a case, a label and a reader each."""
    cases = [CaseFactory(workspace=WorkspaceFactory()) for _ in range(2)]
    for case in cases:
        CaseLabelFactory(case=case)
        SeenFactory(case=case)
    return cases


def test_every_row_of_every_table_is_reached_from_its_own_workspace_only():
    world = access_world.build()
    tables = [way.table for way in ways()]
    mine, theirs = world.own.pk, world.other.pk

    def counted():
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f"(SELECT '{table}', count(*) FROM {table})" for table in tables))
            return dict(cursor.fetchall())

    everything = counted()
    with within(NOTHING):
        assert {table: count for table, count in counted().items() if count} == {}
    with in_workspace(mine):
        own = counted()
    with in_workspace(theirs):
        other = counted()
    with across_workspaces("count everything"):
        assert counted() == everything
    assert {table: own[table] + other[table] for table in tables} == everything
    assert sum(1 for table in tables if own[table] and other[table]) > 20


@pytest.mark.parametrize("model", [Case, CaseLabel, Seen], ids=lambda model: model.__name__)
def test_rows_of_another_workspace_can_be_neither_read_nor_changed(two, model):
    own, other = two

    with in_workspace(own.workspace_id):
        assert {getattr(row, "case", row).pk for row in model.objects.all()} == {own.pk}
        assert model.objects.exclude(pk=model.objects.get().pk).delete()[0] == 0
    assert model.objects.count() == 2
    assert other.pk


def test_row_cannot_be_put_into_another_workspace(two):
    own, other = two

    with in_workspace(own.workspace_id):
        for write in (
            lambda: ContactFactory(workspace=other.workspace),
            lambda: Seen.objects.create(case=other, user_id=other.assignee_id or UserFactory().pk, version=1),
            lambda: Case.objects.filter(pk=own.pk).update(workspace=other.workspace),
        ):
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                write()


@pytest.mark.parametrize("table", SEARCHED)
def test_searched_table_is_reached_through_its_view_alone(two, table):
    with in_workspace(two[0].workspace_id), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            cursor.execute(f"SELECT count(*) FROM public.{table}")


def test_what_is_reached_changes_within_a_transaction_and_comes_back_after_a_rollback(two):
    own, other = two

    def seen():
        return set(Case.objects.values_list("pk", flat=True))

    with transaction.atomic(), in_workspace(own.workspace_id):
        assert seen() == {own.pk}
        point = transaction.savepoint()
        with in_workspace(other.workspace_id):
            assert seen() == {other.pk}
        transaction.savepoint_rollback(point)
        assert seen() == {own.pk}
        with across_workspaces("look at both"):
            assert seen() == {own.pk, other.pk}
        assert seen() == {own.pk}
    assert seen() == {own.pk, other.pk}


def test_person_sees_their_own_memberships_and_workspaces_before_any_was_entered():
    person = UserFactory()
    own = [MembershipFactory(user=person), MembershipFactory(user=person)]
    stranger = MembershipFactory(workspace=own[0].workspace)

    with within(NOTHING):
        assert {member.pk for member in memberships_of(person)} == {member.pk for member in own}
        assert membership(person, slug=own[1].workspace.slug) == own[1]
        assert membership(stranger.user, slug=own[1].workspace.slug) is None
        assert not Membership.objects.exists()
        with as_person(person.pk):
            assert set(Workspace.objects.all()) == {member.workspace for member in own}


def test_job_reaches_the_workspaces_of_its_rows_one_after_the_other(two):
    own, other = two
    reached = []

    @of_workspace(Case)
    def job(case_ids, at=None):
        reached.append({case.pk for case in Case.objects.all()})
        assert Case.objects.filter(pk__in=case_ids).count() == 1

    job(at=5, case_ids=[own.pk, other.pk])  # as the library hands them in, in an order of its own
    job([0])

    assert reached == [{own.pk}, {other.pk}]


def test_putting_up_what_stands_changes_nothing():
    def state():
        with connection.cursor() as cursor:
            cursor.execute("SELECT polrelid, polname, oid FROM pg_policy ORDER BY 1, 2")
            return cursor.fetchall()

    before = state()

    assert policies.put_up().is_up
    assert state() == before
    assert policies.standing().is_up


def test_table_without_policy_is_named():
    with connection.cursor() as cursor:
        cursor.execute(f"DROP POLICY {policies.POLICY} ON inbox_case")

    found = policies.standing()

    assert not found.is_up
    assert found.lacking == ("inbox_case",)
    assert vitals_fence.fence() == Check(
        "row security", State.FAIL, "PostgreSQL houdt werkplekken niet uit elkaar: de regel voor inbox_case ontbreekt",
        "Voer “luister migrate” uit.",
    )  # fmt: skip
    assert policies.put_up().is_up


@pytest.fixture
def limited():
    """A user of the database who may not make roles: name and password."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE luister_limited LOGIN PASSWORD 'tram7'")
    yield "luister_limited", "tram7"
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE luister_limited")


@pytest.mark.django_db(transaction=True)
def test_without_the_role_everything_goes_on_and_says_what_is_missing(limited, caplog):
    name, password = limited
    options = connection.settings_dict["OPTIONS"] | {"fence": "always"}
    theirs = DatabaseWrapper(connection.settings_dict | {"USER": name, "PASSWORD": password, "OPTIONS": options})
    try:
        with theirs.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (name,)
    finally:
        theirs.close()
        DatabaseWrapper.warned.clear()
    assert "fence.missing" in caplog.text

    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION AUTHORIZATION {name}")
        try:
            found = policies.put_up()
            assert vitals_fence.fence().state is State.WARN
            assert vitals_fence.advice() == (
                "PostgreSQL does not keep workspaces apart, only Luister itself does: the database user"
                " luister_limited may not make the role or schema that this needs."
                ' As an administrator of the database: CREATE ROLE "luister_limited_fenced" NOLOGIN;'
                ' GRANT "luister_limited_fenced" TO "luister_limited";'
                ' CREATE SCHEMA "luister_limited_fenced" AUTHORIZATION "luister_limited";'
                " Then run “luister migrate”, and restart."
            )
        finally:
            cursor.execute("RESET SESSION AUTHORIZATION")
    assert not found.is_up


@pytest.mark.django_db(transaction=True)
def test_views_are_there_while_their_tables_are_migrated(two, database_url):
    """Who searches amid a migration waits for it, and finds what there is then."""
    found = []

    def search():
        with psycopg.connect(database_url, autocommit=True) as searching:
            searching.execute("SELECT set_config('role', session_user || '_fenced', false)")
            searching.execute("SELECT set_config('luister.workspace', %s, false)", [str(two[0].workspace_id)])
            begun.set()
            found.append(searching.execute("SELECT count(*), count(later) FROM posts_search").fetchone())

    begun, thread = threading.Event(), threading.Thread(target=search)
    try:
        with policies.views_apart(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE posts_search ADD later integer")
            thread.start()
            assert begun.wait(10)
            assert wait_until(lambda: someone_waits(database_url), seconds=60)
            assert found == []
        thread.join(10)
        assert found == [(0, 0)]
    finally:
        with policies.views_apart(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE posts_search DROP later")


def someone_waits(database_url):
    with psycopg.connect(database_url) as looking:
        return looking.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0] > 0


def test_role_owns_nothing_and_passes_no_policy():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), bool_or(rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole) FROM pg_roles"
            " WHERE rolname = session_user || '_fenced'"
        )
        assert cursor.fetchone() == (1, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = session_user || '_fenced'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_web_and_worker_reach_nothing_but_what_they_entered():
    own, other = PostFactory(), PostFactory()
    options = connection.settings_dict["OPTIONS"] | {"fence": "always"}
    serving = DatabaseWrapper(connection.settings_dict | {"OPTIONS": options})
    try:
        with serving.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM posts_post")
            assert cursor.fetchone() == (0,)
            with in_workspace(own.workspace_id):
                cursor.execute("SELECT id FROM posts_post")
                assert cursor.fetchall() == [(own.pk,)]
            cursor.execute("SELECT count(*), current_setting('luister.workspace', true) FROM posts_post")
            assert cursor.fetchone() in {(0, ""), (0, None)}
        # Past Django's cursors too.
        with psycopg.Cursor(serving.connection) as raw:
            assert raw.execute("SELECT count(*) FROM posts_post").fetchone() == (0,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                raw.execute("ALTER TABLE posts_post DISABLE ROW LEVEL SECURITY")
    finally:
        serving.close()
    assert Post.objects.filter(pk__in=[own.pk, other.pk]).count() == 2
