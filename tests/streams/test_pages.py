"""The pages of streams: added, looked at, changed, paused, removed; who sees and who changes them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from luister.accounts.errors import RefusedError
from luister.base.clock import utc_now
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.channels.secrets import unseal
from luister.delivery.queries import StreamAddress, channels_of_stream
from luister.listening.actions import sources
from luister.listening.actions.streams import StreamSource, add_stream, change_stream
from luister.listening.queries.sources import find_source
from luister.streams.actions.reporting import report
from luister.streams.queries.streams import find_stream
from tests import factories as make
from tests.factories import NOW
from tests.raw_server import closed_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return make.MembershipFactory(role="lead")


@pytest.fixture
def dead(monkeypatch):
    """The address of a server that is not there."""
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1")
    with closed_port() as port:
        yield f"127.0.0.1:{port}"


def sign_in(client, member, language="en"):
    member.user.language = language
    member.user.save()
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")


def address_of(member, name, *args):
    return reverse(name, args=[member.workspace.slug, *args])


def text_of(response):
    return response.content.decode()


def new_stream(member, text="nats://nats.example:4222/POSTS", *, name="Vuurslang", now=NOW):
    return add_stream(StreamSource(StreamAddress.parse(text), name), by=member, now=now)


def secrets_of(channel):
    channel.refresh_from_db()
    return unseal(channel.sealed_secrets, channel_id=channel.pk)


def test_stream_is_added_though_its_server_is_not_there(client, lead, dead):
    sign_in(client, lead)

    filled_in = {"address": f" NATS://pim:geheim@{dead}/POSTS ", "name": "Vuurslang"}
    shown = client.post(address_of(lead, "streams:add"), filled_in, follow=True)

    channel = Channel.objects.get()
    assert shown.redirect_chain[-1][0] == address_of(lead, "streams:stream", channel.pk)
    assert (channel.kind, channel.handle, channel.owner) == ("stream", f"{dead}/POSTS", "public")
    assert channel.settings == {"address": f"nats://{dead}/POSTS", "user": "pim"}
    assert secrets_of(channel) == {"password": "geheim"}
    text = text_of(shown)
    assert "Vuurslang is added." in text
    assert "See that a NATS server is running there." in text
    assert "No matcher is running" in text
    assert f">luister match --from nats://pim:PASSWORD@{dead}/POSTS --to database</textarea>" in text
    assert "geheim" not in text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"address": "nats.example/POSTS"}, "begins with nats:// or tls://"),
        ({"address": "nats://nats.example"}, "names no stream"),
        ({"name": ""}, "This field is required."),
    ],
)
def test_mistakes_are_said_and_nothing_is_stored(client, lead, typed, said):
    sign_in(client, lead)

    answer = client.post(
        address_of(lead, "streams:add"), {"address": "nats://nats.example/POSTS", "name": "Vuurslang", **typed}
    )

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not Channel.objects.exists()


def test_stream_is_listened_to_once_a_workspace(client, lead):
    new_stream(lead)
    elsewhere = make.MembershipFactory(role="lead")

    with pytest.raises(RefusedError, match="Vuurslang"):
        new_stream(lead, "tls://nats.example/POSTS", name="Nog eens")
    assert new_stream(elsewhere).workspace == elsewhere.workspace
    assert len(channels_of_stream(StreamAddress.parse("nats://nats.example/POSTS"))) == 2

    sign_in(client, lead, language="nl")
    again = {"address": "nats://nats.example/POSTS", "name": "Nog eens"}
    assert "Naar deze stream wordt al geluisterd" in text_of(client.post(address_of(lead, "streams:add"), again))


def test_stream_that_was_removed_is_the_same_one_again(lead):
    before = new_stream(lead, "nats://pim:oud@nats.example/posts")
    sources.remove_source(before, by=lead, now=NOW)

    after = new_stream(lead, "tls://ans:nieuw@nats.example/POSTS", name="Terug")

    after.refresh_from_db()
    assert (after.pk, after.name, after.state) == (before.pk, "Terug", ChannelState.ACTIVE)
    assert after.settings == {"address": "tls://nats.example:4222/POSTS", "user": "ans"}
    assert secrets_of(after) == {"password": "nieuw"}
    assert channels_of_stream(StreamAddress.parse("nats://nats.example/POSTS")) == [after]


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("nats://pim@x@nats.example/POSTS", None),  # a token, not that user
        ("nats://nats.example/POSTS", {}),
        ("tls://pim:@nats.example/POSTS", {"password": "geheim"}),
        ("nats://pim:@nats.example/POSTS", {"password": "geheim"}),
        ("nats://ans:@nats.example/POSTS", {}),
        ("nats://ans:nieuw@nats.example/POSTS", {"password": "nieuw"}),
    ],
)
def test_password_that_is_not_typed_stays_with_its_user(lead, text, secrets):
    channel = new_stream(lead, "nats://pim:geheim@nats.example/POSTS")

    change_stream(channel, StreamSource(StreamAddress.parse(text), "Anders"), by=lead, now=NOW)

    assert secrets_of(channel) == ({"password": "pim@x"} if secrets is None else secrets)
    assert channel.name == "Anders"


def test_password_does_not_stay_where_tls_goes(lead):
    channel = new_stream(lead, "tls://pim:geheim@nats.example/POSTS")

    plain = StreamAddress.parse("nats://pim:@nats.example/POSTS")
    change_stream(channel, StreamSource(plain, "Open"), by=lead, now=NOW)

    assert secrets_of(channel) == {}


def test_another_stream_is_another_source(client, lead, dead):
    channel = new_stream(lead, f"nats://{dead}/POSTS")
    sign_in(client, lead)
    page = address_of(lead, "streams:change", channel.pk)

    refused = client.post(page, {"address": f"nats://{dead}/OTHERS", "name": "Anders"})
    changed = client.post(page, {"address": f"nats://{dead}/POSTS", "name": "Anders"}, follow=True)

    assert "This is another stream." in text_of(refused)
    assert "Anders is changed." in text_of(changed)
    assert f'value="nats://{dead}/POSTS"' in text_of(client.get(page))


def test_page_shows_who_reads_and_how_far_they_are(client, lead):
    channel, now = new_stream(lead), utc_now()
    make.MatcherReportFactory(
        stream=channel.handle, host="een.example", pid=1, seen_at=now, started_at=now - timedelta(hours=1),
        lag=12345, in_hand=100, rate=8000.4, matched_rate=1.5, redeliveries=3, dead_letters=7, queries=40,
        dead_by_code={"query.line_json": 3, "query.line_object": 1, "query.line_missing": 2, "line.too_big": 1},
    )  # fmt: skip
    make.MatcherReportFactory(
        stream=channel.handle, host="twee.example", pid=2, seen_at=now - timedelta(seconds=5), lag=20000, rate=2000.0,
        started_at=now, last_error="The database is away.", last_error_at=now,
    )  # fmt: skip
    make.MatcherReportFactory(stream=channel.handle, host="dood.example", seen_at=now - timedelta(minutes=5))
    make.MatcherReportFactory(stream="nats.example:4222/OTHERS", host="elders.example", seen_at=now)
    sign_in(client, lead)

    shown = text_of(client.get(address_of(lead, "streams:stream", channel.pk)))

    for present in ("een.example", "twee.example", "12,345", "10,000", "The database is away.", "on twee.example"):
        assert present in shown
    for reason, count in (("Not JSON", 4), ("A field is missing or wrong", 2), ("Too big", 1)):
        assert f"<dt>{reason}</dt><dd>{count}</dd>" in shown
    for absent in ("dood.example", "elders.example", "20,000", "No matcher is running"):
        assert absent not in shown


def test_report_of_a_matcher_says_that_the_channels_are_read(lead):
    channel, other = new_stream(lead), new_stream(lead, "nats://nats.example/OTHERS", name="Anders")

    def health(now, stream=channel):
        return find_source(lead, source_id=stream.pk, now=now).health

    assert health(NOW) == "unread"
    for seconds in (0, 5, 25):
        at = NOW + timedelta(seconds=seconds)
        report(channel.handle, host="een.example", pid=1, now=at, said={}, channels=[channel.pk])
    assert health(NOW + timedelta(seconds=80)) == "working"
    assert health(NOW + timedelta(seconds=90)) == "unread"
    assert health(NOW, other) == "unread"


def test_streams_stand_among_the_sources(client, lead):
    channel = new_stream(lead)
    sign_in(client, lead)

    shown = text_of(client.get(address_of(lead, "listening:sources")))

    assert address_of(lead, "streams:stream", channel.pk) in shown
    assert "nats://nats.example:4222/POSTS" in shown
    assert "Nobody reads it" in shown
    assert client.get(address_of(lead, "listening:source", channel.pk)).url == address_of(
        lead, "streams:stream", channel.pk
    )


def test_networks_of_a_stream_are_part_of_it(client, lead):
    channel = new_stream(lead)
    part = make.ChannelFactory(
        workspace=lead.workspace, kind="stream", network="x", name="Vuurslang", settings={"part_of": channel.pk}
    )
    make.PostFactory(workspace=lead.workspace, channel=part, text="Gevonden op X")
    make.PostFactory(workspace=lead.workspace, text="Van elders")
    sign_in(client, lead)

    shown = text_of(client.get(address_of(lead, "streams:stream", channel.pk)))
    change_stream(channel, StreamSource(StreamAddress.parse("nats://nats.example/POSTS"), "Anders"), by=lead, now=NOW)

    assert "Gevonden op X" in shown
    assert "Van elders" not in shown
    assert client.get(address_of(lead, "streams:stream", part.pk)).status_code == 404
    assert text_of(client.get(address_of(lead, "listening:sources"))).count("Anders") == 1
    part.refresh_from_db()
    assert part.name == "Anders"


def test_stream_is_paused_and_removed_as_every_source(client, lead):
    channel = new_stream(lead)
    sign_in(client, lead)
    page = address_of(lead, "streams:stream", channel.pk)

    assert client.post(address_of(lead, "listening:pause_source", channel.pk)).url == page
    assert "Matchers leave it alone" in text_of(client.get(page))
    assert channels_of_stream(StreamAddress.parse("nats://nats.example/POSTS")) == []
    assert client.post(address_of(lead, "listening:resume_source", channel.pk)).url == page
    assert "see its page" in text_of(client.post(address_of(lead, "listening:read_source", channel.pk), follow=True))
    client.post(address_of(lead, "listening:remove_source", channel.pk))
    assert client.get(page).status_code == 404


def test_agents_and_analysts_see_and_do_not_change(client):
    for role in ("agent", "analyst"):
        member = make.MembershipFactory(role=role)
        channel = make.ChannelFactory(
            workspace=member.workspace, kind="stream", settings={"address": "nats://nats.example/POSTS"}
        )
        sign_in(client, member)

        shown = text_of(client.get(address_of(member, "streams:stream", channel.pk)))

        assert "No matcher is running" in shown
        assert address_of(member, "streams:change", channel.pk) not in shown
        for page in ("streams:change", "streams:look"):
            assert client.post(address_of(member, page, channel.pk)).status_code == 404
        with pytest.raises(RefusedError):
            change_stream(channel, StreamSource(StreamAddress.parse("nats://x.nl/P"), "x"), by=member, now=NOW)
        with pytest.raises(RefusedError):
            new_stream(member)


def test_feed_has_no_page_of_a_stream(lead):
    feed = make.ChannelFactory(workspace=lead.workspace, kind="feed")

    assert find_stream(lead, stream_id=feed.pk, now=NOW) is None


@pytest.mark.parametrize("count", [1, 50])
def test_page_takes_as_many_queries_for_one_matcher_as_for_fifty(lead, django_assert_num_queries, count):
    channel = new_stream(lead)
    make.MatcherReportFactory.create_batch(count, stream=channel.handle, seen_at=NOW)

    with django_assert_num_queries(3):
        assert len(find_stream(lead, stream_id=channel.pk, now=NOW).matchers) == count
