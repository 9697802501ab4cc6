"""The demo's sources are read as any feed is, without a network, and go on bringing news."""

from datetime import timedelta

import pytest

from luister.accounts.models import Membership
from luister.base.clock import utc_now
from luister.channels import actions as channels
from luister.channels.models import Channel
from luister.delivery import actions as delivery
from luister.delivery.models import RawItem
from luister.demo.feeds import GAP, feeds, publish
from luister.demo.script import desk
from luister.listening.models import Mention
from luister.listening.queries import sources
from luister.posts.models import Post
from tests.demo.conftest import NOW

pytestmark = pytest.mark.django_db


def read(now):
    """Read what is due, as a worker does, and make posts of it."""
    for lease in delivery.claim(most=8, now=now):
        delivery.read_polled(lease, clock=lambda: now)
    waiting = RawItem.objects.filter(state="new").order_by("id").values_list("pk", flat=True)
    delivery.process_raw(list(waiting), now=now)


def brought(workspace):
    return set(Post.objects.filter(workspace=workspace, channel__kind="feed").values_list("subject", flat=True))


def test_day_begins_with_what_the_sources_brought_before(workspace):
    written = {item.title for feed in feeds() for item in feed.items if item.ago is not None}

    assert brought(workspace) == written
    articles = Post.objects.filter(workspace=workspace, channel__network="news")
    assert set(articles.values_list("kind", flat=True)) == {"article"}
    assert articles.filter(posted_at=NOW - timedelta(hours=7)).exists()
    reviews = Post.objects.filter(workspace=workspace, channel__network="review")
    assert set(reviews.values_list("kind", flat=True)) == {"review"}


def test_every_monitor_of_the_demo_has_found_something_and_one_in_a_source(workspace):
    found = Mention.objects.filter(workspace=workspace)

    assert set(found.values_list("monitor__name", flat=True)) == {monitor.name for monitor in desk().monitors}
    assert found.filter(post__channel__kind="feed", state="new").exists()


def test_sources_are_well_without_a_network(workspace):
    chief = Membership.objects.get(workspace=workspace, role="administrator")

    shown = sources.sources(chief, now=NOW)

    assert [source.health for source in shown] == ["working", "working"]
    assert all(source.next_read_at is not None for source in shown)


def test_news_appears_while_the_demo_runs_until_all_was_told(workspace):
    every = {item.title for feed in feeds() for item in feed.items}
    now = NOW
    for _ in range(4):
        before = brought(workspace)
        now += GAP
        publish(workspace, now=now)
        publish(workspace, now=now)  # nothing twice, and no two at once
        read(now + timedelta(seconds=2))
        assert len(brought(workspace) - before) <= len(feeds())

    assert brought(workspace) == every


def test_a_source_that_people_paused_is_left_alone(workspace):
    chief = Membership.objects.get(workspace=workspace, role="administrator")
    paused = Channel.objects.filter(workspace=workspace, kind="feed").order_by("pk").first()
    channels.pause(paused, by=chief, now=NOW)
    before = dict(paused.settings)

    publish(workspace, now=utc_now() + GAP)

    paused.refresh_from_db()
    assert paused.settings == before
