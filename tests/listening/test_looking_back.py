"""Looking back: in chunks that count once, whatever happens to the worker."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection

from luister.listening.actions import looking_back
from luister.listening.actions import monitors as actions
from luister.listening.models import LookBack, Mention
from luister.queue import collecting
from tests import factories as make
from tests.factories import NOW
from tests.listening.helpers import Screens

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make.MembershipFactory(user__language="en")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(looking_back, "CHUNK", 10)


def stored(owner, number, *, text="koffer", step=timedelta(hours=1)):
    channel = make.ChannelFactory(workspace=owner.workspace)
    author = make.IdentityFactory(workspace=owner.workspace)
    return [
        make.PostFactory(
            workspace=owner.workspace, channel=channel, author=author, text=text,
            posted_at=NOW - step * hours, received_at=NOW - step * (hours // 3),
        )
        for hours in range(number)
    ]  # fmt: skip


def begun(owner, *, query="koffer", days=None):
    with collecting() as jobs:
        monitor = actions.make(actions.Wish("Koffers", query, days=days), by=owner, now=NOW)
    return monitor, jobs


@pytest.mark.sql
def test_every_stored_post_is_looked_at_once_newest_first(owner):
    posts = stored(owner, 35)
    stored(owner, 5, text="fiets")
    monitor, _ = begun(owner)
    back = LookBack.objects.get()
    assert (back.total, back.examined) == (40, 0)

    assert looking_back.look_at_some(monitor.pk, run=1, now=NOW)
    assert set(Mention.objects.values_list("post", flat=True)) <= {post.pk for post in posts[:20]}
    while looking_back.look_at_some(monitor.pk, run=1, now=NOW):
        pass

    back.refresh_from_db()
    assert (back.state, back.examined, back.found) == ("done", 40, 35)
    assert set(Mention.objects.values_list("post", flat=True)) == {post.pk for post in posts}
    assert not Mention.objects.filter(is_live=True).exists()


def test_days_bound_how_far_back(owner):
    posts = stored(owner, 30)
    monitor, _ = begun(owner, days=1)
    while looking_back.look_at_some(monitor.pk, run=1, now=NOW):
        pass

    assert set(Mention.objects.values_list("post", flat=True)) == {post.pk for post in posts[:25]}


def test_worker_that_dies_within_a_chunk_costs_that_chunk_alone(owner, monkeypatch):
    stored(owner, 25)
    monitor, _ = begun(owner)
    looking_back.look_at_some(monitor.pk, run=1, now=NOW)

    def die(*_arguments, **_values):
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(looking_back, "_announce", die)
        with pytest.raises(SystemExit):
            looking_back.look_at_some(monitor.pk, run=1, now=NOW)
    assert (LookBack.objects.get().examined, Mention.objects.count()) == (10, 10)

    looking_back.look_back(monitor.pk, run=1, clock=lambda: NOW)
    back = LookBack.objects.get()
    assert (back.state, back.examined, back.found) == ("done", 25, 25)


def test_long_work_is_handed_on_so_that_other_jobs_get_their_turn(owner):
    stored(owner, 25)
    monitor, _ = begun(owner)
    seconds = count(step=4)

    with collecting() as jobs:
        looking_back.look_back(monitor.pk, run=1, clock=lambda: NOW + timedelta(seconds=next(seconds)))

    assert [(job.name, dict(job.arguments)) for job in jobs] == [
        ("listening.look_back", {"monitor_id": monitor.pk, "run": 1})
    ]
    assert LookBack.objects.get().state == "running"


def test_stopped_on_screen_finds_no_more_and_keeps_what_it_found(owner, client):
    stored(owner, 25)
    monitor, _ = begun(owner)
    looking_back.look_at_some(monitor.pk, run=1, now=NOW)
    screens = Screens(client, owner)
    assert "10 of 25" in screens.get("progress", monitor.pk)

    screens.post("stop", {}, monitor.pk, follow=True)

    assert not looking_back.look_at_some(monitor.pk, run=1, now=NOW)
    assert Mention.objects.count() == 10
    assert "stopped after 10 of 25 posts" in screens.get("progress", monitor.pk)


def test_look_back_whose_job_was_lost_is_taken_up_again(owner):
    by_status = {}
    for status in ("todo", "doing", "failed", "succeeded"):
        by_status[status] = actions.make(actions.Wish(status, "koffer", days=None), by=owner, now=NOW)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE args->>'monitor_id' = %s",
                [status, str(by_status[status].pk)],
            )
    LookBack.objects.filter(pk=by_status["succeeded"].pk).update(state="done")

    with collecting() as jobs:
        assert looking_back.take_up_again() == 1

    assert [dict(job.arguments) for job in jobs] == [{"monitor_id": by_status["failed"].pk, "run": 1}]


def test_job_of_an_earlier_query_does_nothing(owner):
    stored(owner, 5)
    monitor, _ = begun(owner)
    with collecting():
        actions.change(monitor.pk, actions.Wish("Tassen", "tas"), by=owner, now=NOW)

    assert not looking_back.look_at_some(monitor.pk, run=1, now=NOW)
    assert LookBack.objects.get().run == 2


def test_monitors_look_back_again_when_the_posts_of_their_topic_are_others(owner):
    topic = make.TopicFactory(workspace=owner.workspace, name="Bagage")
    make.PostTopicFactory(post=stored(owner, 1)[0], topic=topic)
    monitor, _ = begun(owner, query="fiets OR topic:bagage", days=7)
    begun(owner, query="topic:anders")
    since = LookBack.objects.get(monitor=monitor).since

    with collecting() as jobs:
        assert looking_back.look_back_for_topic(topic.pk, now=NOW) == 1

    assert [(job.name, job.arguments["monitor_id"]) for job in jobs] == [("listening.look_back", monitor.pk)]
    assert LookBack.objects.get(monitor=monitor).since == since
    looking_back.look_at_some(monitor.pk, run=2, now=NOW)
    assert Mention.objects.get().monitor == monitor
    assert looking_back.look_back_for_topic(0, now=NOW) == 0
