"""The sources on screen: found, previewed, added, read, mended, removed; who sees and who changes them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from luister.accounts.errors import RefusedError
from luister.base.clock import utc_now
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.channels.secrets import unseal
from luister.delivery import actions as delivery
from luister.delivery.models import RawItem, Reading
from luister.listening.actions import sources as actions
from luister.listening.actions.sources import NewSource, handle_of
from luister.listening.queries import sources as queries
from luister.posts.models import Post, PostVersion
from tests import factories as make
from tests.connectors.feed.feeds import NOW, item, many, rss
from tests.site import running_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(monkeypatch):
    with running_site(many(3)) as found:
        monkeypatch.setenv("LUISTER_ALLOW_HOSTS", found.address.removeprefix("http://"))
        yield found


@pytest.fixture
def lead():
    return make.MembershipFactory(role="lead")


def sign_in(client, member, language="en"):
    member.user.language = language
    member.user.save()
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")


def address_of(member, name, *args):
    return reverse(f"listening:{name}", args=[member.workspace.slug, *args])


def text_of(response):
    return response.content.decode()


def new_source(member, **fields):
    return make.ChannelFactory(
        **{"workspace": member.workspace, "kind": "feed", "network": "news", "name": "Luchtvaartnieuws", **fields}
    )


def read(now=NOW):
    """Read what is due and make posts of it, as a worker does."""
    delivery.enroll(now=now)
    for lease in delivery.claim(most=8, now=now):
        delivery.read_polled(lease, clock=utc_now)
    delivery.process_raw(list(RawItem.objects.filter(state="new").order_by("id").values_list("pk", flat=True)), now=now)


def test_sources_are_those_of_the_own_workspace(client, lead):
    new_source(lead)
    make.ChannelFactory(workspace=lead.workspace, kind="practice", name="Oefenkanaal")
    make.ChannelFactory(kind="feed", name="Van een ander")
    new_source(lead, name="Weggehaald", state=ChannelState.REMOVED)
    sign_in(client, lead)

    shown = text_of(client.get(address_of(lead, "sources")))

    assert "Luchtvaartnieuws" in shown
    for absent in ("Oefenkanaal", "Van een ander", "Weggehaald"):
        assert absent not in shown


def test_sources_teach_when_there_are_none(client, lead):
    sign_in(client, lead, language="nl")

    shown = text_of(client.get(address_of(lead, "sources")))

    assert "Er wordt nog nergens naar geluisterd" in shown
    assert "Bron toevoegen" in shown


@pytest.mark.parametrize("count", [1, 50])
def test_list_takes_as_many_queries_for_one_source_as_for_fifty(client, lead, django_assert_num_queries, count):
    for number in range(count):
        make.ReadingFactory(channel=new_source(lead, handle=f"{number}.example", name=f"Bron {number}"))

    with django_assert_num_queries(2):
        assert len(queries.sources(lead, now=NOW)) == count


def test_agents_and_analysts_read_and_do_not_change(client):
    for role in ("agent", "analyst"):
        member = make.MembershipFactory(role=role)
        source = new_source(member, settings={"address": "https://nieuws.example/feed?token=geheim"})
        sign_in(client, member)

        shown = text_of(client.get(address_of(member, "source", source.pk)))

        assert "Luchtvaartnieuws" in shown
        assert "geheim" not in shown
        assert address_of(member, "remove_source", source.pk) not in shown
        assert client.get(address_of(member, "add_source")).status_code == 404
        with pytest.raises(RefusedError):
            actions.pause_source(source, by=member, now=NOW)


def test_page_offers_its_feeds_and_a_feed_its_latest_items(client, lead, site):
    sign_in(client, lead)

    offered = client.post(address_of(lead, "add_source"), {"address": f"{site.address}/"})
    assert f'value="{site.address}/feed"' in text_of(offered)

    shown = text_of(client.post(address_of(lead, "add_source"), {"address": f"{site.address}/feed"}))
    assert "Bericht 0" in shown
    assert 'value="Luchtvaartnieuws"' in shown
    assert Channel.objects.count() == 0


def test_feed_is_added_and_what_it_brings_becomes_posts(client, lead, site):
    sign_in(client, lead)
    filled_in = {"address": f"{site.address}/feed", "name": "Nieuws", "network": "news", "purpose": "news"}

    answer = client.post(address_of(lead, "add_source"), filled_in)

    channel = Channel.objects.get()
    assert answer.url == address_of(lead, "source", channel.pk)
    assert (channel.name, channel.network, channel.owner, channel.publicness) == ("Nieuws", "news", "public", "public")
    read(utc_now())
    posts = Post.objects.select_related("author").order_by("-posted_at")
    assert [post.subject for post in posts] == ["Bericht 0", "Bericht 1", "Bericht 2"]
    assert all(post.is_public and not post.is_addressed for post in posts)
    assert posts[0].author.kind == "news"
    assert "Bericht 0" in text_of(client.get(address_of(lead, "source", channel.pk)))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://10.0.0.1/", "is not allowed"),
        ("javascript:alert(1)", "is no web address"),
        ("", "This field is required"),
    ],
)
def test_address_that_cannot_be_read_says_why(client, lead, address, said):
    sign_in(client, lead)

    answer = client.post(address_of(lead, "add_source"), {"address": address})

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert Channel.objects.count() == 0


def test_hostile_feed_is_refused_on_screen(client, lead, site):
    site.answers["/feed"] = (200, b'<!DOCTYPE x [<!ENTITY a "b">]><rss><channel/></rss>')
    sign_in(client, lead, language="nl")

    answer = client.post(address_of(lead, "add_source"), {"address": f"{site.address}/feed"})

    assert "eigen definities" in text_of(answer)


def test_same_feed_is_read_once(client, lead, site):
    new = NewSource(f"{site.address}/feed", "Nieuws", "news")
    actions.add_source(new, by=lead, now=NOW)

    with pytest.raises(RefusedError):
        actions.add_source(NewSource(f"{site.address}/feed/", "Ook", "blog"), by=lead, now=NOW)


def test_removed_source_keeps_its_posts_and_comes_back_with_them(client, lead, site):
    channel = actions.add_source(NewSource(f"{site.address}/feed", "Nieuws", "news"), by=lead, now=NOW)
    read(utc_now())
    sign_in(client, lead)

    client.post(address_of(lead, "remove_source", channel.pk))

    assert Post.objects.count() == 3
    assert client.get(address_of(lead, "source", channel.pk)).status_code == 404
    again = actions.add_source(NewSource(f"{site.address}/feed", "Weer", "news"), by=lead, now=NOW)
    assert (again.pk, Channel.objects.get().state, Channel.objects.get().name) == (channel.pk, "active", "Weer")


def test_password_is_sealed(lead):
    new = NewSource("https://nieuws.example/feed", "Nieuws", "news", user="jan", password="geheim")

    channel = actions.add_source(new, by=lead, now=NOW)

    assert "geheim" not in str(channel.settings)
    assert unseal(channel.sealed_secrets, channel_id=channel.pk) == {"password": "geheim"}


def test_changed_item_is_one_post_with_what_it_said_before(lead, site):
    site.serve(rss(item(text="Het sneeuwt.")))
    channel = actions.add_source(NewSource(f"{site.address}/feed", "Nieuws", "news"), by=lead, now=NOW)
    read(utc_now())
    site.serve(rss(item(text="Het dooit.")))
    delivery.read_soon(channel, now=utc_now())
    Reading.objects.update(tried_at=None)
    read(utc_now())

    post = Post.objects.get()
    assert (post.text, PostVersion.objects.get().text) == ("Het dooit.", "Het sneeuwt.")
    assert post.edited_at is not None


def test_item_with_a_changing_id_is_one_post(lead, site):
    channel = None
    for number in range(4):
        site.serve(rss(item(guid=f"tag:{number}", text=f"Stand {number}")))
        if channel is None:
            channel = actions.add_source(NewSource(f"{site.address}/feed", "Nieuws", "news"), by=lead, now=NOW)
        delivery.read_soon(channel, now=utc_now())
        Reading.objects.update(tried_at=None)
        read(utc_now())

    post = Post.objects.get()
    assert (post.external_id, post.text) == ("tag:0", "Stand 3")
    assert PostVersion.objects.count() == 3


def test_older_payload_that_is_processed_late_changes_nothing(lead, site):
    site.serve(rss(item(text="Het sneeuwt.")))
    actions.add_source(NewSource(f"{site.address}/feed", "Nieuws", "news"), by=lead, now=NOW)
    read(utc_now())
    older = RawItem.objects.get()
    later = RawItem.objects.create(
        workspace=older.workspace,
        channel=older.channel,
        external_key=older.external_key.replace(" 0:", " 1:"),
        content=bytes(older.content).replace(b"Het sneeuwt.", b"Het dooit."),
        received_at=older.received_at + timedelta(minutes=5),
    )
    delivery.process_raw([later.pk], now=NOW)
    RawItem.objects.filter(pk=older.pk).update(state="new")

    delivery.process_raw([older.pk], now=NOW)

    assert Post.objects.get().text == "Het dooit."


def test_broken_source_offers_the_feeds_of_the_page_that_stands_there_now(client, lead):
    channel = new_source(lead, state=ChannelState.ATTENTION, reason_code="poll.broken", reason_values={"days": "3"})
    values = {"host": "nieuws.example", "candidates": "https://nieuws.example/rss?a=1&b=2\nhttps://nieuws.example/atom"}
    make.ReadingFactory(
        channel=channel, failures=7, failing_since=NOW, reason_code="feed.no_feed", reason_values=values
    )
    sign_in(client, lead)

    shown = text_of(client.get(address_of(lead, "source", channel.pk)))

    assert "nothing readable here for 3 days" in shown
    assert "No feed here: nieuws.example answers with a page instead." in shown
    assert "?address=https%3A%2F%2Fnieuws.example%2Frss%3Fa%3D1%26b%3D2" in shown


def test_health_says_what_matters_most(lead):
    def health(*, channel=None, **reading):
        fields = {"last_read_at": NOW, **(channel or {})}
        source = new_source(lead, handle=f"{Channel.objects.count()}.example", **fields)
        make.ReadingFactory(channel=source, **reading)
        return queries.find_source(lead, source_id=source.pk, now=NOW).health

    assert health(channel={"last_read_at": None}) == "waiting"
    assert health() == "working"
    assert health(failures=1) == "failing"
    assert health(failures=9, channel={"state": "attention"}) == "attention"
    assert health(channel={"state": "paused"}) == "paused"
    assert health(newest_at=NOW - timedelta(days=6), usual_gap_seconds=86_400) == "silent"
    assert health(newest_at=NOW - timedelta(days=4), usual_gap_seconds=86_400) == "working"
    assert health(newest_at=NOW - timedelta(hours=40), usual_gap_seconds=60) == "working"


def test_buttons_do_what_they_say(client, lead):
    channel = new_source(lead)
    make.ReadingFactory(channel=channel, next_read_at=None)
    sign_in(client, lead)

    client.post(address_of(lead, "read_source", channel.pk))
    assert Reading.objects.get().next_read_at is not None
    client.post(address_of(lead, "pause_source", channel.pk))
    assert Channel.objects.get().state == ChannelState.PAUSED
    assert "paused" in text_of(client.post(address_of(lead, "read_source", channel.pk), follow=True))
    client.post(address_of(lead, "resume_source", channel.pk))
    assert Channel.objects.get().state == ChannelState.ACTIVE
    client.post(address_of(lead, "rename_source", channel.pk), {"name": "Anders"})
    assert Channel.objects.get().name == "Anders"


def test_sources_are_not_among_the_channels(client):
    member = make.MembershipFactory(role="administrator")
    new_source(member)
    sign_in(client, member)

    assert "Luchtvaartnieuws" not in text_of(client.get(reverse("delivery:channels", args=[member.workspace.slug])))


def test_long_addresses_are_told_apart():
    long = "https://nieuws.example/" + "x" * 300

    assert len(handle_of(long)) == 200
    assert handle_of(long + "a") != handle_of(long + "b")
    assert handle_of("https://nieuws.example/feed/") == handle_of("http://nieuws.example/feed")
