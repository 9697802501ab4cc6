"""Reading a feed politely: conditions, limits, moves, refusals, and when to come back."""

import json
from datetime import timedelta

import httpx
import pytest

from luister.base.connector import Account
from luister.base.errors import ConnectorError, NotSentError
from luister.connectors.feed import FeedConnector
from luister.http.client import BlockedAddressError
from tests.connectors.feed.feeds import ADDRESS, LAUGHS, NOW, PAGE, item, many, rss

ACCOUNT = Account(1, ADDRESS, {"address": ADDRESS}, {})


def said(content="", status=200, **headers):
    body = content if isinstance(content, bytes) else content.encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, stream=httpx.ByteStream(body))


class Site:
    """A site that answers from a table, and a connector that reads it at a time that can be set."""

    def __init__(self, answers):
        self.answers, self.asked, self.now, self.cursor = answers, [], NOW, {}
        self.connector = FeedConnector(transport=httpx.MockTransport(self._answer), clock=lambda: self.now)

    def _answer(self, request):
        self.asked.append(request)
        found = self.answers(request) if callable(self.answers) else self.answers[str(request.url)]
        return found() if callable(found) else found

    def read(self, *, account=ACCOUNT, **later):
        self.now += timedelta(**later)
        fetched = self.connector.fetch(account, self.cursor)
        self.cursor = json.loads(json.dumps(fetched.cursor))  # as the database keeps it
        return fetched

    def refusal(self, account=ACCOUNT):
        with pytest.raises(ConnectorError) as caught:
            self.connector.fetch(account, self.cursor)
        return caught.value


def test_second_reading_asks_whether_anything_changed():
    site = Site(
        lambda request: (
            said(status=304)
            if "If-None-Match" in request.headers
            else said(many(3), ETag='"a"', Last_Modified="Mon, 02 Mar 2026 11:00:00 GMT")
        )
    )

    assert len(site.read().items) == 3
    assert site.read(minutes=10).items == ()

    assert site.asked[1].headers["If-None-Match"] == '"a"'
    assert site.asked[1].headers["If-Modified-Since"] == "Mon, 02 Mar 2026 11:00:00 GMT"


def test_site_that_says_not_modified_for_ever_is_read_in_full_every_day():
    texts = iter((many(3), many(4)))
    site = Site(
        lambda request: said(status=304) if "If-None-Match" in request.headers else said(next(texts), ETag='"a"')
    )
    site.read()

    within_a_day = [site.read(hours=1).items for _ in range(23)]
    assert set(within_a_day) == {()}

    assert len(site.read(hours=1).items) == 1


def test_same_document_again_brings_nothing():
    site = Site(lambda request: said(many(3)))
    site.read()

    assert site.read(minutes=10).items == ()


def test_feed_larger_than_the_limit_is_cut_and_says_so():
    site = Site(lambda request: said("<rss><channel>" + item(text="x" * 1000) * 10_000))

    fetched = site.read()

    assert next(notice.code for notice in fetched.notices) == "feed.cut"
    assert len(fetched.items) == 1  # all of them are the same one


def test_more_items_than_are_taken_are_said():
    fetched = Site(lambda request: said(many(1200))).read()

    assert len(fetched.items) == 1000
    assert [(one.code, one.values["count"]) for one in fetched.notices] == [("feed.newest", "1200")]


def test_permanent_redirect_is_believed_the_third_time():
    new = "https://nieuw.example/feed"
    site = Site({ADDRESS: lambda: said(status=301, Location=new), new: lambda: said(many(2))})

    for _ in range(3):
        site.read(minutes=10)
        assert str(site.asked[-2].url) == ADDRESS
    fetched = site.read(minutes=10)

    assert [str(request.url) for request in site.asked[-2:]] == [new, new]
    assert [(one.code, one.values["address"]) for one in fetched.notices] == [("feed.moved", new)]


def test_temporary_redirect_is_never_kept():
    new = "https://nieuw.example/feed"
    site = Site({ADDRESS: lambda: said(status=302, Location=new), new: lambda: said(many(2))})

    for _ in range(5):
        site.read(minutes=10)

    assert str(site.asked[-2].url) == ADDRESS


@pytest.mark.parametrize(
    ("status", "code", "needs_person", "is_permanent"),
    [
        (410, "feed.gone", True, True),
        (404, "feed.not_found", False, False),
        (401, "feed.sign_in", True, False),
        (403, "feed.forbidden", False, False),
        (500, "feed.refused", False, False),
        (304, "feed.refused", False, False),
    ],
)
def test_refusals_say_what_is_to_be_done(status, code, needs_person, is_permanent):
    error = Site(lambda request: said(status=status)).refusal()

    assert (error.reason.code, error.needs_attention, error.permanent) == (code, needs_person, is_permanent)
    assert error.reason.values["host"] == "nieuws.example"


@pytest.mark.parametrize("status", [429, 503])
def test_site_that_asks_to_wait_is_obeyed(status):
    error = Site(lambda request: said(status=status, Retry_After="7200")).refusal()

    assert (error.reason.code, error.retry_after) == ("feed.wait", timedelta(hours=2))


def test_redirect_loop_ends():
    assert Site(lambda request: said(status=301, Location=ADDRESS)).refusal().reason.code == "http.redirects"


def test_feed_with_definitions_of_its_own_is_refused():
    assert Site(lambda request: said(LAUGHS)).refusal().reason.code == "feed.unsafe"


def test_page_in_place_of_a_feed_names_up_to_three_feeds():
    error = Site(lambda request: said(PAGE, Content_Type="text/html")).refusal()

    assert error.reason.code == "feed.no_feed"
    assert error.reason.values["candidates"].split("\n") == [
        "https://nieuws.example/rss?a=1&b=2",
        "https://nieuws.example/atom",
        "https://nieuws.example/feed.json",
    ]


def test_address_inside_this_network_is_never_read():
    with pytest.raises(BlockedAddressError):
        FeedConnector().fetch(Account(1, "x", {"address": "http://127.0.0.1:9/feed"}, {}), {})


def test_busy_feed_is_read_often_and_a_silent_one_seldom():
    def next_in(gap, **later):
        site = Site(lambda request: said(many(20, gap=gap)))
        site.now += timedelta(**later)
        return site.read().pace.next_in

    assert next_in(timedelta(seconds=20)) == timedelta(minutes=2)
    assert next_in(timedelta(minutes=20)) == timedelta(minutes=10)
    assert next_in(timedelta(days=3)) == timedelta(minutes=60)
    assert next_in(timedelta(seconds=20), days=3) == timedelta(minutes=60)


def test_site_that_asks_for_rest_gets_it():
    def next_in(document, **headers):
        return Site(lambda request: said(document, **headers)).read().pace.next_in

    often = many(20, gap=timedelta(minutes=1))
    assert next_in(often, Cache_Control="public, max-age=1800") == timedelta(minutes=30)
    assert next_in(often, Cache_Control="no-cache, max-age=1800") == timedelta(minutes=2)
    assert next_in(often, Cache_Control="max-age=99999999") == timedelta(hours=24)
    assert next_in(rss(item(), about="<ttl>180</ttl>")) == timedelta(hours=3)


def test_hours_and_days_that_a_feed_leaves_out_are_left_out():
    def next_in(about):
        return Site(lambda request: said(rss(item(), about=about))).read().pace.next_in

    hours = "".join(f"<hour>{hour}</hour>" for hour in (12, 13, 14))
    assert next_in(f"<skipHours>{hours}</skipHours>") == timedelta(hours=3)
    assert next_in("<skipDays><day>Monday</day></skipDays>") == timedelta(hours=12)
    assert next_in("<skipHours>" + "".join(f"<hour>{hour}</hour>" for hour in range(24)) + "</skipHours>") <= timedelta(
        hours=1
    )


def test_user_and_password_are_sent_to_their_site_alone():
    other = "https://elders.example/feed"
    site = Site({ADDRESS: lambda: said(status=302, Location=other), other: lambda: said(many(1))})

    site.read(account=Account(1, ADDRESS, {"address": ADDRESS, "user": "jan"}, {"password": "geheim"}))

    assert site.asked[0].headers["Authorization"].startswith("Basic ")
    assert "Authorization" not in site.asked[1].headers


def test_discover_shows_the_latest_items_of_a_feed():
    found = Site({ADDRESS: lambda: said(many(8))}).connector.discover("nieuws.example/feed")

    assert found.is_feed
    assert (found.address, found.title, found.total, len(found.items)) == (ADDRESS, "Luchtvaartnieuws", 8, 5)
    assert (found.items[0].title, found.items[0].link, found.items[0].at) == (
        "Bericht 0",
        "https://nieuws.example/0",
        NOW,
    )


def test_discover_names_the_feeds_of_a_page():
    found = Site({"https://nieuws.example/": lambda: said(PAGE)}).connector.discover(" https://nieuws.example/ ")

    assert not found.is_feed
    assert len(found.candidates) == 3


def test_discover_falls_back_on_links_of_a_page_and_on_plain_http():
    def answer(request):
        if request.url.scheme == "https":
            raise httpx.ConnectError("refused")
        return said(
            '<html><base href="http://nieuws.example/nl/"><a href="feed/">RSS</a> <a href="/over">Over</a></html>'
        )

    found = Site(answer).connector.discover("nieuws.example")

    assert found.candidates == ("http://nieuws.example/nl/feed/",)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "http://", "   "])
def test_discover_refuses_what_is_no_address(address):
    with pytest.raises(ConnectorError):
        Site(lambda request: said()).connector.discover(address)


def test_nothing_is_ever_sent():
    connector = FeedConnector()

    assert not connector.limits(ACCOUNT, public=True).can_send
    with pytest.raises(NotSentError):
        connector.send(ACCOUNT, None, deadline_seconds=1)


def test_a_feed_that_is_kept_with_its_channel_is_read_without_a_network():
    account = Account(1, "nieuws.example/feed", {"address": ADDRESS, "network": "news", "document": many(3)}, {})
    connector = FeedConnector(transport=httpx.MockTransport(lambda request: pytest.fail("asked the network")))

    connector.check(account)
    first = connector.fetch(account, {})
    again = connector.fetch(account, first.cursor)

    assert [connector.parse(account, item)[0].subject for item in first.items] == [
        "Bericht 2",
        "Bericht 1",
        "Bericht 0",
    ]
    assert again.items == ()
