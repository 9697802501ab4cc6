"""Feeds written for the tests, after the shape of real ones."""
# ruff: noqa: E501 - markup reads best unbroken

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ADDRESS = "https://nieuws.example/feed"


def rss(*items, about="<title>Luchtvaartnieuws</title><link>https://nieuws.example/</link><language>nl-nl</language>"):
    return f'<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>{about}{"".join(items)}</channel></rss>'


def item(number=1, *, title="Vertraging op Schiphol", text="Reizigers wachten uren.", at=NOW, guid=True, extra=""):
    address = f"https://nieuws.example/{number}"
    return (
        f"<item><title>{title}</title><link>{address}</link>"
        + (f"<guid>{guid if isinstance(guid, str) else address}</guid>" if guid else "")
        + (f"<pubDate>{format_datetime(at)}</pubDate>" if at else "")
        + f"<description>{text}</description>{extra}</item>"
    )


def many(count, *, gap=timedelta(hours=1)):
    return rss(*(item(number, title=f"Bericht {number}", at=NOW - number * gap) for number in range(count)))


ATOM_COMMENTS = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0" xml:lang="en">
<title>Comments</title><link href="https://blog.example/post"/><id>tag:blog.example,2026:comments</id>
<entry><id>tag:blog.example,2026:c1</id><title>Re: Bags</title><updated>2026-03-01T10:00:00Z</updated>
<author><name>Ana</name><uri>https://people.example/ana</uri></author>
<thr:in-reply-to ref="tag:blog.example,2026:p1" href="https://blog.example/post"/>
<link href="https://blog.example/post#c1"/><content type="html">&lt;p&gt;Where is &lt;b&gt;my&lt;/b&gt; bag?&lt;/p&gt;</content></entry></feed>"""

RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://nieuws.example/"><title>Oud</title><link>https://nieuws.example/</link>
<items><rdf:Seq><rdf:li resource="https://nieuws.example/1"/></rdf:Seq></items></channel>
<item rdf:about="https://nieuws.example/1"><title>Eerste</title><link>https://nieuws.example/1</link><dc:creator>Jo</dc:creator>
<dc:date>2026-03-01T10:00:00+01:00</dc:date><description>Tekst</description></item></rdf:RDF>"""

LAUGHS = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]><rss version="2.0"><channel><title>&lol3;</title><item><title>&lol3;</title></item></channel></rss>"""
EXTERNAL = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><title>x</title><item><title>&secret;</title></item></channel></rss>"""
REMOTE_DTD = """<?xml version="1.0"?><!DOCTYPE rss SYSTEM "https://evil.example/x.dtd"><rss version="2.0"><channel><item><title>x</title></item></channel></rss>"""
PAGE = """<!DOCTYPE html><html><head><title>Nieuws</title><link rel="alternate" type="application/rss+xml" href="/rss?a=1&amp;b=2" title="RSS">
<link rel="alternate" type="application/atom+xml" href="https://nieuws.example/atom"><link rel="stylesheet" href="/x.css">
<link rel="alternate" type="application/feed+json" href="feed.json"><link rel="alternate" type="application/rss+xml" href="/vierde"></head>
<body><a href="/over/feed">Feed</a></body></html>"""
