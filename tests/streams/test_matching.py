"""`luister match --from`, with a real server and real processes."""

import itertools
import json
import socket
import urllib.request
from decimal import Decimal

import pytest

from luister.listening.actions import monitors
from luister.listening.actions.monitors import Wish
from luister.listening.models import Mention
from luister.listening.queries import mentions
from luister.posts.models import Post
from luister.streams.models import MatcherReport
from luister.understanding.models import Understanding
from tests.config.test_publish import run as run_publish
from tests.factories import NOW
from tests.streams.matchers import has_settled, line, listening_workspace, matching, monitor, until

pytestmark = [pytest.mark.nats, pytest.mark.django_db(transaction=True)]


def publish(server, *lines, stream="POSTS"):
    code, said = run_publish("-", "--to", server.address(stream), stdin=b"\n".join(lines).decode())
    assert code == 0, said


def found():
    """Return which monitors found which posts."""
    rows = Mention.objects.values_list("monitor__name", "post__external_id").order_by("monitor__name", "post_id")
    return sorted(rows)


def test_matches_of_a_stream_are_stored_as_any_other_mention(nats_server, database_url):
    member, channel = listening_workspace(nats_server)
    monitor(member, "koffer lang:nl")
    post = line(
        "t1", "Mijn koffer is weg op @schiphol 😡", network="x", author="@jan", author_name="Jan Jansen",
        url="https://x.example/t1", lang="nl", sentiment="negative", rating=1.5, reach=1200, followers=90,
        published_at="2026-01-31T09:30:00+01:00", says=["complaint"], links=["https://foto.example/1"], type="reply",
    )  # fmt: skip
    publish(nats_server, post, line("t2", "Lekker weer", lang="nl"), line("t3", "koffer", lang="en"))

    with matching("--from", nats_server.address("POSTS"), "--to", "database", database_url=database_url):
        until(lambda: has_settled(nats_server))

    assert found() == [("koffer lang:nl", "t1")]
    stored = Post.objects.select_related("channel", "author").get()
    assert (stored.channel.network, stored.channel.workspace_id, stored.channel.kind) == (
        "x",
        member.workspace_id,
        "stream",
    )
    assert stored.channel.settings == {"part_of": channel.pk}
    assert (stored.author.handle, stored.author.name, stored.url) == ("jan", "Jan Jansen", "https://x.example/t1")
    assert (stored.kind, stored.is_public, stored.is_addressed) == ("reply", True, False)
    assert (stored.rating, stored.reach, stored.followers) == (Decimal("1.50"), 1200, 90)
    assert (stored.language, stored.sentiment, stored.says) == ("nl", "negative", ["complaint"])
    assert stored.posted_at.isoformat() == "2026-01-31T08:30:00+00:00"
    assert Understanding.objects.filter(post=stored).exists()
    page = mentions.stream(member, monitor=None, filters=mentions.Filters())
    assert [row.mention.words for row in page.rows] == [["koffer"]]
    assert page.rows[0].is_unread


def test_each_workspace_gets_its_own(nats_server, database_url):
    one, channel = listening_workspace(nats_server)
    two, _ = listening_workspace(nats_server)
    paused, _ = listening_workspace(nats_server, state="paused")
    elsewhere, _ = listening_workspace(nats_server, stream="OTHER")
    for member, query in ((one, "koffer"), (two, "koffer OR trein"), (paused, "koffer weg"), (elsewhere, "de koffer")):
        monitor(member, query)
    publish(nats_server, line("1", "de koffer is weg"), line("2", "de trein"), line("3", "niets"))

    with matching("--from", nats_server.address("POSTS"), "--to", "database", database_url=database_url):
        until(lambda: has_settled(nats_server))

    assert found() == [("koffer", "1"), ("koffer OR trein", "1"), ("koffer OR trein", "2")]
    assert Post.objects.filter(channel=channel).count() == 1
    assert Post.objects.count() == 3


def test_own_posts_are_for_monitors_that_ask_for_them(nats_server, database_url):
    member, _ = listening_workspace(nats_server)
    monitor(member, "koffer")
    monitor(member, "koffer is:outbound")
    publish(nats_server, line("1", "koffer"), line("2", "uw koffer is terecht", inbound=False, author="klm"))

    with matching("--from", nats_server.address("POSTS"), "--to", "database", database_url=database_url):
        until(lambda: has_settled(nats_server))

    assert found() == [("koffer", "1"), ("koffer is:outbound", "2")]


def test_a_post_that_comes_again_changes_nothing(nats_server, database_url):
    member, _ = listening_workspace(nats_server)
    monitor(member, "koffer")
    publish(nats_server, line("1", "koffer", author="jan"))
    again = [line("1", "koffer", author="jan")] * 3  # without an id the server takes each for another one
    nats_server.publish("luister.posts.POSTS", again)

    with matching("--from", nats_server.address("POSTS"), "--to", "database", database_url=database_url):
        until(lambda: has_settled(nats_server))

    assert found() == [("koffer", "1")]


def test_a_change_of_monitors_takes_effect_at_once(nats_server, database_url):
    member, _ = listening_workspace(nats_server)
    first = monitor(member, "koffer", name="een")
    with matching("--from", nats_server.address("POSTS"), "--to", "database", database_url=database_url):
        publish(nats_server, line("1", "koffer"))
        until(lambda: found() == [("een", "1")])

        monitors.change(first.pk, Wish("een", "trein"), by=member, now=NOW)
        monitor(member, "tram", name="twee")

        def arrives(number):
            publish(nats_server, line(f"a{number}", "de trein en de tram"), line(f"b{number}", "koffer"))
            until(lambda: has_settled(nats_server))
            return {("een", f"a{number}"), ("twee", f"a{number}")} <= set(found())

        numbers = itertools.count()
        until(lambda: arrives(next(numbers)))
        last = next(numbers)
        monitors.delete(first.pk, by=member, now=NOW)
        until(lambda: not MatcherReport.objects.exclude(queries=1).exists())
        publish(nats_server, line(f"c{last}", "de trein"))
        until(lambda: has_settled(nats_server))
    assert {name for name, _ in found()} == {"twee"}
    assert not Post.objects.filter(external_id=f"c{last}").exists()


def test_nothing_is_read_before_anybody_listens(nats_server, database_url):
    publish(nats_server, line("1", "koffer"))
    with matching("--from", nats_server.address("POSTS"), "--to", "database", database_url=database_url) as process:
        until(lambda: any("Nobody listens" in said for said in process.said))
        member, _ = listening_workspace(nats_server)
        monitor(member, "koffer")
        until(lambda: found() == [("koffer", "1")])
    assert process.said[-2:] == [
        f"Reading {nats_server.address('POSTS')} with 1 query, as one of the group luister.\n",
        "Posts matched: 1; found by a query: 1.\n",
    ]


def test_a_stream_that_is_listened_to_by_another_address_is_named(nats_server, database_url):
    listening_workspace(nats_server)
    address = nats_server.address("POSTS").replace("127.0.0.1", "localhost")
    with matching("--from", address, "--to", "database", database_url=database_url) as process:
        said = until(lambda: [one for one in process.said if "Nobody listens" in one])
    assert f"Sources has {nats_server.address('POSTS')}. It has to be the same address" in said[0]


def test_a_matcher_goes_on_saying_how_it_is_doing_while_the_server_is_away(nats_server, database_url):
    member, channel = listening_workspace(nats_server)
    monitor(member, "koffer")
    with matching("--from", nats_server.address("POSTS"), "--to", "database", database_url=database_url):
        until(lambda: MatcherReport.objects.filter(lag=0))
        nats_server.stop()
        # It lost the connection, and soon after has no answer either: whichever it said last.
        lost = until(lambda: MatcherReport.objects.filter(lag=None).exclude(last_error="").first())
        channel.refresh_from_db()
        until(lambda: MatcherReport.objects.filter(seen_at__gt=lost.seen_at))
        read_at = channel.last_read_at
        channel.refresh_from_db()
        assert channel.last_read_at == read_at
        nats_server.start()


def test_matches_pass_through_a_second_stream_to_the_database(nats_server, database_url, tmp_path):
    member, _ = listening_workspace(nats_server, stream="MATCHED")
    monitor(member, "koffer")
    far = ("--from", nats_server.address("POSTS"), "--to", nats_server.address("MATCHED"))
    near = ("--from", nats_server.address("MATCHED"), "--to", "database")
    publish(nats_server, line("1", "koffer é👍", rating=1.10), line("2", "niets"))
    with matching(*far, home=str(tmp_path)), matching(*near, database_url=database_url):
        until(lambda: found() == [("koffer", "1")])
        monitor(member, "tram")

        def arrives(number):
            publish(nats_server, line(f"t{number}", "de tram"))
            until(lambda: has_settled(nats_server, group="luister-to-MATCHED"))
            return "tram" in dict(found())

        numbers = itertools.count()
        until(lambda: arrives(next(numbers)))
    payload, _ = nats_server.messages("MATCHED")[0]
    first = Mention.objects.order_by("pk").first()
    assert json.loads(payload) == {"id": "1", "text": "koffer é👍", "rating": 1.10, "queries": [str(first.monitor_id)]}


def test_queries_of_a_file_are_printed_as_of_files(nats_server, tmp_path):
    (tmp_path / "queries.jsonl").write_text('{"id": "a", "query": "koffer"}\n{"id": "b", "query": "trein OR koffer"}\n')
    publish(nats_server, line("1", "koffer"), line("2", "niets"), line("3", "trein"))
    with matching("--from", nats_server.address("POSTS"), str(tmp_path / "queries.jsonl")) as process:
        until(lambda: len(process.out) == 2)
    assert [json.loads(one) for one in process.out] == [
        {"id": "1", "queries": ["a", "b"]},
        {"id": "3", "queries": ["b"]},
    ]


def test_a_matcher_says_how_it_is_doing_and_serves_its_figures(nats_server, database_url, free_port):
    member, channel = listening_workspace(nats_server)
    monitor(member, "koffer")
    publish(nats_server, line("1", "koffer"), b'{"id": "2", "text": "niets"}')
    arguments = ("--from", nats_server.address("POSTS"), "--to", "database", "--metrics", f"127.0.0.1:{free_port}")
    with matching(*arguments, database_url=database_url) as process:
        report = until(lambda: MatcherReport.objects.filter(posts=2, lag=0).first())
        assert (report.pid, report.stream, report.matched, report.queries) == (process.pid, channel.handle, 1, 1)
        with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/metrics", timeout=10) as answer:
            said = answer.read().decode()
        assert f'luister_matcher_posts_total{{stream="{channel.handle}"}} 2.0' in said
        assert f'luister_matcher_lag_posts{{stream="{channel.handle}"}} 0.0' in said
        channel.refresh_from_db()
        assert channel.last_read_at is not None
    assert not MatcherReport.objects.exists()


@pytest.fixture
def free_port():

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
