"""What an address gives: which kind of document it is, its newest items, and what is refused unread."""

import json
from datetime import timedelta

import pytest

from luister.base.errors import ConnectorError
from luister.connectors.feed.documents import read
from tests.connectors.feed.feeds import ATOM_COMMENTS, EXTERNAL, LAUGHS, NOW, PAGE, RDF, REMOTE_DTD, item, many, rss


def feed_of(document, **options):
    content = document if isinstance(document, bytes) else document.encode()
    return read(content, **{"headers": {}, "host": "nieuws.example", "is_cut": False, **options})


def refusal(document, **options):
    with pytest.raises(ConnectorError) as caught:
        feed_of(document, **options)
    return caught.value.reason.code


@pytest.mark.parametrize("document", [LAUGHS, EXTERNAL, REMOTE_DTD])
def test_definitions_of_its_own_are_refused(document):
    assert refusal(document) == "feed.unsafe"


def test_definitions_are_found_in_every_encoding():
    assert (
        refusal("\ufeff".encode("utf-16-le") + LAUGHS.replace('<?xml version="1.0"?>', "").encode("utf-16-le"))
        == "feed.unsafe"
    )
    utf7 = '<?xml version="1.0" encoding="utf-7"?>' + "<!DOCTYPE x>".replace("<", "+ADw-") + "<rss><channel/></rss>"
    assert feed_of(utf7).total == 0


def test_words_about_definitions_are_words():
    assert feed_of(rss(item(text="<![CDATA[<!DOCTYPE html><!ENTITY x>]]>"))).total == 1


def test_document_type_of_rss_091_is_harmless():
    kind = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">'

    assert feed_of(f"{kind}{rss(item())}").total == 1


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (PAGE, "feed.no_feed"),
        ("<html><body>Sign in</body></html>", "feed.no_feed"),
        ("", "feed.empty"),
        ("  \n", "feed.empty"),
        ("just words", "feed.not_a_feed"),
        ("<opml><body/></opml>", "feed.not_a_feed"),
        ("{", "feed.bad_json"),
        ("[" * 100_000, "feed.bad_json"),
        ('{"items": []}', "feed.not_a_feed"),
        ('{"version": "https://jsonfeed.org/version/1.1"}', "feed.not_a_feed"),
    ],
)
def test_what_is_no_feed_is_refused_with_the_reason(document, code):
    assert refusal(document) == code


def test_newest_thousand_are_taken_of_more():
    feed = feed_of(many(2500, gap=timedelta(minutes=1)))

    assert (feed.total, len(feed.items)) == (2500, 1000)
    assert {one.title for one in feed.items} == {f"Bericht {number}" for number in range(1000)}


def test_feed_that_was_cut_off_gives_its_whole_items():
    whole = many(20).encode()

    feed = feed_of(whole[: len(whole) - 150], is_cut=True)

    assert feed.is_cut
    assert feed.total == 19


@pytest.mark.parametrize("piece", ["<item>", "<item><a", '<item a="', "<![CDATA[", "<item><title>"])
def test_large_hostile_feed_is_read(piece):
    # What is not linear does not come to an end here.
    assert feed_of(f"<rss><channel>{piece * 100_000}") is not None


def test_ids_are_the_entry_s_own_else_its_link_else_its_words():
    def id_of(entry):
        return feed_of(rss(entry)).items[0].id

    assert id_of(item(guid="tag:1")) == "tag:1"
    assert id_of(item(7, guid=False)) == "https://nieuws.example/7"
    assert id_of("<item><title>Los</title></item>").startswith("sha256:")
    assert id_of("<item><title>Los</title></item>") == id_of("<item><title>Los</title></item>")
    assert feed_of(RDF).items[0].id == "https://nieuws.example/1"
    assert feed_of(ATOM_COMMENTS).items[0].id == "tag:blog.example,2026:c1"
    assert id_of(item(guid="x" * 500)) != id_of(item(guid="x" * 501))


def test_entries_that_share_an_id_are_told_apart():
    feed = feed_of(rss(item(1, guid="0"), item(2, guid="0"), item(2, guid="0")))

    assert len({one.id for one in feed.items}) == len(feed.items) == 2


def test_numbers_that_count_by_themselves_are_no_edit():
    def digest(extra):
        return feed_of(rss(item(extra=extra))).items[0].digest

    assert digest("<slash:comments>1</slash:comments>") == digest("<slash:comments>2</slash:comments>")
    assert digest("") != digest("<dc:creator>Jo</dc:creator>")


def test_broken_markup_still_gives_its_items():
    feed = feed_of(rss(item(1, text="<p>one<br>two & three"), item(2)).replace("</channel>", ""))

    assert [one.id for one in feed.items] == ["https://nieuws.example/1", "https://nieuws.example/2"]


def test_what_the_feed_asks_of_readers_is_read():
    hours = "<skipHours><hour>0</hour><hour>24</hour><hour>3</hour></skipHours>"
    about = f"<ttl>90</ttl>{hours}<skipDays><day>Sunday</day></skipDays>"

    feed = feed_of(rss(item(), about=about))

    assert (feed.ttl_minutes, feed.skip_hours, feed.skip_days) == (90, {0, 3}, {6})


def test_charset_is_the_declared_one():
    document = rss(item(title="Café één")).replace('version="1.0"?', 'version="1.0" encoding="iso-8859-1"?')

    assert feed_of(document.encode("iso-8859-1")).items[0].title == "Café één"
    assert (
        feed_of(rss(item(title="Café")).encode(), headers={"content-type": "text/xml; charset=utf-8"}).items[0].title
        == "Café"
    )
    assert feed_of(rss(item(title="Café")).encode("windows-1252")).items[0].title == "Café"


def test_json_feed_is_read():
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Blog",
        "items": [
            {
                "id": 7,
                "url": "https://blog.example/7",
                "title": "<b>Zeven</b>",
                "date_published": "2026-03-01T10:00:00Z",
            },
            {"id": "x", "content_text": "Zonder titel"},
            "no item",
        ],
    }

    feed = feed_of(json.dumps(document))

    assert [(one.id, one.title) for one in feed.items] == [("7", "Zeven"), ("x", "Zonder titel")]
    assert feed.items[0].at == NOW.replace(day=1, hour=10)
    assert refusal(json.dumps(document), is_cut=True) == "feed.json_too_large"


def test_feed_without_end_is_read_up_to_its_limit():
    feed = feed_of("<rss><channel>" + "<item><title>x</title></item>" * 20_000)

    assert (feed.total, feed.is_cut) == (10_000, True)
