"""A post of an entry: plain titles, safe links, honest dates, its author, and what it comments on."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from luister.base.connector import Account, RawItem
from luister.base.errors import UnprocessableError
from luister.base.posts import Kind
from luister.connectors.feed import CONNECTOR, state
from luister.connectors.feed.documents import read
from tests.connectors.feed.feeds import ADDRESS, ATOM_COMMENTS, EXTERNAL, NOW, RDF, item, rss

ACCOUNT = Account(1, ADDRESS, {"address": ADDRESS}, {})


def posts_of(document, *, account=ACCOUNT, received_at=NOW):
    feed = read(document.encode(), headers={}, host="nieuws.example", is_cut=False)
    new, _ = state.compare(feed.items, known={}, now=received_at)
    return [
        post for key, one in new for post in CONNECTOR.parse(account, RawItem(key, one.payload.encode(), received_at))
    ]


def post_of(document, **options):
    (post,) = posts_of(document, **options)
    return post


def codes(post):
    return [notice.code for notice in post.notices]


def test_item_becomes_an_article_that_addresses_nobody():
    post = post_of(rss(item(3, text="<![CDATA[<p>Eerste <b>alinea</b>.</p><p>Tweede &amp; laatste.</p>]]>")))

    assert (post.external_id, post.kind, post.public, post.addressed) == (
        "https://nieuws.example/3", Kind.ARTICLE, True, False,
    )  # fmt: skip
    assert (post.subject, post.text) == ("Vertraging op Schiphol", "Eerste alinea.\n\nTweede & laatste.")
    assert (post.url, post.posted_at, post.language) == ("https://nieuws.example/3", NOW, "nl")
    assert post.replaces
    assert codes(post) == []


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<![CDATA[<b>Vet</b> <script>alert(1)</script>nieuws]]>", "Vet nieuws"),
        ("&lt;img src=x onerror=alert(1)&gt;Nieuws", "Nieuws"),
        ('&lt;a href="javascript:alert(1)"&gt;Klik&lt;/a&gt;', "Klik"),
        ("1 &lt; 2 &amp;amp; 3", "1 < 2 & 3"),
        ("Twee\n   regels", "Twee regels"),
    ],
)
def test_title_is_plain_text(written, shown):
    assert post_of(rss(item(title=written))).subject == shown


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,<script>1</script>",
        "vbscript:x",
        "file:///etc/passwd",
        " java\nscript:alert(1)",
    ],
)
def test_link_that_is_no_web_address_is_dropped(link):
    written = item(guid="tag:1").replace("https://nieuws.example/1", link.replace("<", "&lt;"))

    post = post_of(rss(written))

    assert post.url == ""
    assert codes(post) == ["feed.link_dropped"]


def test_links_and_scripts_in_the_text_are_made_safe():
    text = (
        "&lt;p&gt;Lees &lt;a href='javascript:alert(1)' onclick='x()'&gt;dit&lt;/a&gt;&lt;script&gt;x()&lt;/script&gt; "
        "&lt;img src='https://t.example/p.gif'&gt;&lt;iframe src='https://x.example'&gt;&lt;/iframe&gt;&lt;/p&gt;"
    )

    post = post_of(rss(item(text=text)))

    assert post.text == "Lees dit"
    for bad in ("script", "onclick", "iframe", "<img src"):
        assert bad not in post.html


def test_undated_item_is_from_when_it_came_in():
    post = post_of(rss(item(at=None)))

    assert (post.posted_at, codes(post)) == (NOW, ["feed.undated"])


def test_item_from_the_future_is_from_when_it_came_in():
    post = post_of(rss(item(at=NOW + timedelta(days=2))))

    assert (post.posted_at, codes(post)) == (NOW, ["feed.future"])
    assert post.notices[0].values["date"].startswith("2026-03-04")


def test_fast_clock_is_no_future_and_nonsense_is_no_date():
    assert codes(post_of(rss(item(at=NOW + timedelta(minutes=3))))) == []
    assert codes(post_of(rss(item(at=datetime(1970, 1, 1, tzinfo=UTC))))) == ["feed.undated"]
    assert codes(post_of(rss(item(at=None, extra="<pubDate>gisteren</pubDate>")))) == ["feed.undated"]


def test_comment_says_what_it_answers():
    post = post_of(ATOM_COMMENTS)

    assert (post.kind, post.text, post.language) == (Kind.COMMENT, "Where is my bag?", "en")
    assert post.references == ("tag:blog.example,2026:p1", "https://blog.example/post")
    assert post.thread_external_id == "tag:blog.example,2026:p1"
    assert (post.author.name, post.author.url) == ("Ana", "https://people.example/ana")


def test_comment_of_a_plain_feed_is_known_by_its_link():
    post = post_of(rss(item(guid="c1").replace("https://nieuws.example/1", "https://nieuws.example/stuk#comment-12")))

    assert (post.kind, post.thread_external_id) == (Kind.COMMENT, "https://nieuws.example/stuk")


def test_authors_of_two_sites_are_never_one_person():
    here = post_of(rss(item(extra="<dc:creator>Jan</dc:creator>")))
    there = post_of(rss(item(extra="<dc:creator>Jan</dc:creator>")).replace("nieuws.example", "blog.example"))

    assert here.author.name == there.author.name == "Jan"
    assert here.author.external_id != there.author.external_id
    assert post_of(rss(item())).author.name == "Luchtvaartnieuws"


def test_network_says_what_an_item_is():
    def kind_on(network):
        return post_of(rss(item()), account=Account(1, "x", {"address": ADDRESS, "network": network}, {})).kind

    assert (kind_on("review"), kind_on("forum"), kind_on("news")) == (Kind.REVIEW, Kind.POST, Kind.ARTICLE)


def test_rss_1_is_read():
    post = post_of(RDF)

    assert (post.subject, post.text, post.author.name) == ("Eerste", "Tekst", "Jo")
    assert post.posted_at == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_forum_posts_lose_their_session_and_statistics():
    figures = "Statistics: Posted by &lt;a href='x'&gt;jan&lt;/a&gt; — Replies 3"
    text = f"&lt;p&gt;Hallo&lt;/p&gt;&lt;p&gt;{figures}&lt;/p&gt;&lt;hr /&gt;"
    address = "https://forum.example/viewtopic.php?p=3&amp;sid=0123456789abcdef0123456789abcdef#p3"
    written = item(guid=address, text=text).replace("https://nieuws.example/1", address)

    post = post_of(rss(written))

    assert post.text == "Hallo"
    assert post.external_id == post.url == "https://forum.example/viewtopic.php?p=3#p3"


def test_relative_links_belong_to_the_feed_s_address():
    written = item(guid="1").replace("https://nieuws.example/1", "/artikel/1")

    assert post_of(rss(written)).url == "https://nieuws.example/artikel/1"


def test_enclosures_are_links():
    post = post_of(rss(item(extra='<enclosure url="https://nieuws.example/a.mp3" type="audio/mpeg" length="1"/>')))

    assert post.links == ("https://nieuws.example/a.mp3",)


def test_json_item_is_read():
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Blog",
        "language": "nl-NL",
        "authors": [{"name": "Redactie"}],
        "items": [{
            "id": 7, "url": "https://blog.example/7", "external_url": "https://elders.example/", "title": "Zeven",
            "content_html": "<p>Zeven <i>dingen</i></p>", "date_published": "2026-03-01T10:00:00+01:00",
            "attachments": [{"url": "https://blog.example/7.pdf"}, {"url": "javascript:x"}],
        }],
    }  # fmt: skip

    post = post_of(json.dumps(document))

    assert (post.external_id, post.subject, post.text, post.language) == ("7", "Zeven", "Zeven dingen", "nl")
    assert post.author.name == "Redactie"
    assert post.links == ("https://elders.example/", "https://blog.example/7.pdf")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (rss("<item><guid>1</guid></item>"), "feed.nothing_said"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [{"title": "x"}]}', "feed.no_id"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1"}]}', "feed.nothing_said"),
    ],
)
def test_item_that_says_nothing_is_refused_with_the_reason(document, code):
    with pytest.raises(UnprocessableError) as caught:
        posts_of(document)

    assert caught.value.reason.code == code


def test_payload_with_definitions_of_its_own_is_refused():
    with pytest.raises(UnprocessableError) as caught:
        CONNECTOR.parse(ACCOUNT, RawItem("x 0:1", EXTERNAL.encode(), NOW))

    assert caught.value.reason.code == "feed.unsafe"
