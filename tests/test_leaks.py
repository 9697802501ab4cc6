"""Nothing leaves by a back door either: what is handed out as a file, what webhooks are told, what jobs write.

The same two workspaces as in tests/test_access_matrix.py, each thing with words of its own that are looked for.
"""

import inspect
import json
import sys
from collections import Counter
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import override_settings

from luister.accounts.models import Membership
from luister.delivery import locks
from luister.delivery.models import Outgoing, RawItem
from luister.events.models import Event
from luister.fence.ways import all_models, meta
from luister.imports.models import Import
from luister.inbox.models import Case
from luister.posts.models import Topic
from luister.query import as_value
from luister.webhooks.actions.following import follow
from luister.webhooks.enums import Source
from luister.webhooks.models import Delivery, Endpoint
from tests import access_world
from tests import factories as make
from tests.access_world import CASE_KINDS, EXPORTS, PRIVATE_KINDS, canary
from tests.test_access_matrix import GATED, addresses, ask, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    ours = override_settings(SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies")
    with django_db_blocker.unblock(), transaction.atomic(), ours:
        yield access_world.build()
        transaction.set_rollback(True)
    locks.close_idle()  # which jobs that send have left


# Files. That nobody is handed what they may not see is in the matrix: here, that there is something to be handed.


@pytest.mark.parametrize("name", EXPORTS)
def test_export_holds_the_words_that_are_looked_for(world, name):
    (route,) = [route for route in GATED if route.name == name]
    found = addresses(route, world, "eigen", kinds=EXPORTS[name] or {"own"})
    assert found.keys() == (EXPORTS[name] or {"own"})
    for kind, address in found.items():
        answer = ask(world, "administrator", "get", address)

        assert "Content-Disposition" in answer.headers
        said = words_of(answer) + answer.headers["Content-Disposition"]
        assert (canary(kind) in said) == bool(EXPORTS[name]), kind


# Webhooks

TOLD = {"case.opened": None, "case.post_received": "post", "reply.queued": "reply", "reply.sent": "reply"}


def all_told(world):
    """Have everything happen in both workspaces, and return what the endpoints of each are told, as text."""
    Delivery.objects.all().delete()
    for kind, case in world.cases.items():
        for name, about in TOLD.items():
            data = {about: world.things[about][kind].pk} if about else {}
            make.EventFactory(workspace=case.workspace, name=name, case_id=case.pk, data=data)
    for source in (Source.EVENT, Source.MENTION):
        while follow(source, now=make.NOW):
            pass
    found = {world.own.pk: "", world.other.pk: ""}
    for delivery in Delivery.objects.select_related("endpoint"):
        assert delivery.workspace_id == delivery.endpoint.workspace_id
        found[delivery.workspace_id] += delivery.payload + (delivery.withheld_payload or "")
    return found[world.own.pk], found[world.other.pk]


@pytest.mark.parametrize("has_private", [False, True], ids=["public", "private too"])
def test_endpoint_is_told_of_its_own_workspace_and_of_private_posts_only_on_somebodys_word(world, has_private):
    point = transaction.savepoint()
    if has_private:
        Endpoint.objects.filter(workspace=world.own).update(private_by=world.members["administrator"])
    ours, theirs = all_told(world)
    transaction.savepoint_rollback(point)

    assert canary("elsewhere") in theirs
    assert canary("elsewhere") not in ours
    assert [kind for kind in CASE_KINDS | {"own"} if canary(kind) in theirs] == []
    told = {kind for kind in CASE_KINDS if canary(kind) in ours}
    assert told == (CASE_KINDS if has_private else CASE_KINDS - PRIVATE_KINDS)


def test_event_keeps_numbers_and_words_of_ours_alone(world):
    assert [event for event in Event.objects.all() if "kanarie" in json.dumps(event.data)] == []


# Jobs

THINGS = {
    "post_id": "post", "post_ids": "post", "monitor_id": "monitor", "topic_id": "topic", "outgoing_id": "outgoing",
    "raw_ids": "raw", "import_id": "import", "token_id": "token", "endpoint_id": "webhook",
}  # fmt: skip
NUMBERS = {"run": 1, "version": 1}
MARK = "fluit"  # a word of every canary
PAST = make.NOW - timedelta(days=1)


def has_reply(world, where, **fields):
    """Have replies be somewhere on their way out."""
    Outgoing.objects.filter(workspace=at(world, where)).update(send_after=PAST, **fields)


def has_topic_with_rule(world, where):
    topic = world.things["topic"][where]
    Topic.objects.filter(pk=topic.pk).update(query=MARK)
    make.TopicRunFactory(topic=topic, version=NUMBERS["version"])


def has_monitor(world, where, query):
    return make.MonitorFactory(workspace=at(world, where), query=query)


def at(world, where):
    return world.own if where == "own" else world.other


# What a job has to find so that there is something for it to do; the others find it in the world as it is.
WORK = {
    "accounts.clean_up": lambda world, where: make.OneTimeLinkFactory(expires_at=PAST),
    "understanding.run_rule": has_topic_with_rule,
    "understanding.take_up_again": has_topic_with_rule,
    "delivery.send": lambda world, where: has_reply(world, where, state="queued"),
    "delivery.wake": lambda world, where: has_reply(world, where, state="queued"),
    "delivery.resolve": lambda world, where: has_reply(world, where, state="unknown", look_after=PAST),
    "delivery.process_raw": lambda world, where: RawItem.objects.update(state="new"),
    "inbox.wake_snoozed": lambda world, where: Case.objects.update(state="waiting", snoozed_until=PAST),
    "listening.listen_again": lambda world, where: has_monitor(world, where, MARK),
    "listening.look_back": lambda world, where: make.LookBackFactory(
        monitor=world.things["monitor"][where], run=NUMBERS["run"]
    ),
    "listening.look_back_for_topic": lambda world, where: make.LookBackFactory(
        monitor=has_monitor(world, where, f"topic:{as_value(world.things['topic'][where].name)}")
    ),
    "listening.take_up_again": lambda world, where: make.LookBackFactory(monitor=world.things["monitor"][where]),
    "webhooks.tell_stopped": lambda world, where: Endpoint.objects.update(state="stopped"),
    "imports.run": lambda world, where: Import.objects.update(state="reading"),
    "api.forget_answers": lambda world, where: make.KeptAnswerFactory(token=world.things["token"][where], at=PAST),
}
OF_THE_MACHINE = {"luister.config.jobs": "backups of the whole installation, which nobody reads on a screen"}


def jobs():
    # The job library has read them all when Django was set up.
    names = [f"{config.name}.jobs" for config in apps.get_app_configs() if config.name.startswith("luister.")]
    modules = [sys.modules[name] for name in names if name in sys.modules and name not in OF_THE_MACHINE]
    return [
        one
        for module in modules
        for one in vars(module).values()
        if inspect.isfunction(one) and one.__module__ == module.__name__ and not one.__name__.startswith("_")
    ]


JOBS = jobs()


def given(world, name, where):
    """Return what a job is given: of our own workspace, of every kind of case."""
    if name in NUMBERS:
        return [NUMBERS[name]]
    if name == "workspace_id":
        return [world.own.pk if where == "own" else world.other.pk]
    if name == "channel_id":
        return [world.channels[where].pk]
    assert name in THINGS, f"Add {name} to THINGS."
    found = world.things[THINGS[name]]
    rows = [found["elsewhere"]] if where == "elsewhere" else [row for kind, row in found.items() if kind != "elsewhere"]
    return [[row.pk for row in rows]] if name.endswith("_ids") else [row.pk for row in rows]


def rows():
    """Return every row of every table, as text."""
    tables = sorted({meta(model).db_table for model in all_models()})
    parts = [f"SELECT '{table}', to_jsonb(t)::text FROM {table} AS t" for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return Counter(cursor.fetchall())


def name_of(job):
    return f"{job.__module__.split('.')[1]}.{job.__name__}"


def written(job, arguments, *, world, where):
    """Run a job, and return the rows that were not there before, or are gone; then take everything back."""
    point = transaction.savepoint()
    try:
        WORK.get(name_of(job), lambda _world, _where: None)(world, where)
        before = rows()
        job(**arguments)
        after = rows()
        return [(table, json.loads(text)) for table, text in (after - before) + (before - after)]
    finally:
        transaction.savepoint_rollback(point)


@pytest.mark.parametrize("job", JOBS, ids=name_of)
def test_job_writes_in_the_workspace_of_what_it_was_given_and_nothing_of_another(world, mailoutbox, job):
    names = list(inspect.signature(job).parameters)
    for where, workspace in (("own", world.own), ("elsewhere", world.other)):
        first = given(world, names[0], where) if names else [None]
        did = False
        for one in first:
            arguments = {name: NUMBERS[name] for name in names[1:]} | ({names[0]: one} if names else {})
            for table, row in written(job, arguments, world=world, where=where):
                did = True
                of = row.get("workspace_id", row["id"] if table == "accounts_workspace" else None)
                if names:
                    assert of in {None, workspace.pk}, f"{table}: {row}"
                belongs_to = of or (workspace.pk if names else None)
                foreign = [canary("elsewhere")] if belongs_to == world.own.pk else []
                foreign += [canary(kind) for kind in CASE_KINDS | {"own"}] if belongs_to == world.other.pk else []
                assert not [words for words in foreign if words in json.dumps(row)], f"{table}: {row}"
        colleagues = set(Membership.objects.filter(workspace=workspace).values_list("user__email", flat=True))
        assert did or mailoutbox, f"{name_of(job)} found nothing to do: add what it needs to WORK."
        for mail in mailoutbox:
            assert set(mail.to) <= colleagues
            assert (canary("elsewhere") in mail.body) <= (where == "elsewhere")
        mailoutbox.clear()
