"""The best reading of bytes, whatever their label says."""

import pytest

from luister.connectors.email.charsets import Decoded, decode
from luister.connectors.email.headers import decode_words
from tests.connectors.email.accounts import codes, mail, parse


@pytest.mark.parametrize(
    ("data", "charset", "expected"),
    [
        ("één €".encode(), "utf-8", Decoded("één €")),
        ("één €".encode(), "iso-8859-1", Decoded("één €")),  # the label is wrong
        ("één".encode("latin-1"), "utf-8", Decoded("één")),
        ("één €".encode("cp1252"), "iso-8859-1", Decoded("één €")),
        ("één €".encode("cp1252"), "", Decoded("één €")),
        ("één €".encode("iso-8859-15"), "ISO-8859-15", Decoded("één €")),
        ("Привет".encode("koi8-r"), "koi8-r", Decoded("Привет")),
        ("テスト".encode("iso2022_jp"), "ISO-2022-JP", Decoded("テスト")),
        ("テスト".encode("cp932"), "shift_jis", Decoded("テスト")),
        ("한국".encode("cp949"), "ks_c_5601-1987", Decoded("한국")),
        ("简体".encode("gb18030"), '"gb2312"', Decoded("简体")),
        ("één".encode("utf-16"), "utf-16", Decoded("één")),
        (b"plain", "utf-16", Decoded("plain")),
        ("één".encode("cp1252"), "x-unknown", Decoded("één", lossy=True)),
        (b"plain", "x-unknown", Decoded("plain")),
        (b"a\x81b", "us-ascii", Decoded("a\ufffdb", lossy=True)),
        ("Дорога \u2014 да".encode() + b"\xd0", "utf-8", Decoded("Дорога — да\ufffd", lossy=True)),
        (b"+ADw-script+AD4-", "utf-7", Decoded("+ADw-script+AD4-")),
        (b"\\x3cb\\x3e", "unicode_escape", Decoded("\\x3cb\\x3e")),
        (b"uryyb", "rot13", Decoded("uryyb")),
        (b"abc", "punycode", Decoded("abc")),
        (b"a\x00b\r\nc\rd\x0ce\x1b", "utf-8", Decoded("ab\nc\nd\ne")),
        (b"\xef\xbb\xbfbom", "utf-8", Decoded("bom")),
        (b"abc", "\x00" * 100, Decoded("abc")),
    ],
)
def test_decode(data: bytes, charset: str, expected: Decoded) -> None:
    assert decode(data, charset=charset) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?Fatima_=E2=9C=88?= thuis", "Fatima ✈ thuis"),
        ("=?UTF-8?B?w6k=?= =?UTF-8?B?w6k=?=", "éé"),
        ("=?UTF-8?B?w6nD?=\n =?UTF-8?B?qQ==?=", "éé"),  # a character split over two words
        ("=?iso-8859-1*nl?q?=E9?=", "é"),
        ("=?utf-8?b?w6k?=", "é"),  # padding is missing
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=?utf-8?q?met spatie?=", "met spatie"),
        ("50% =? korting", "50% =? korting"),
    ],
)
def test_decode_words(value: str, text: str) -> None:
    assert decode_words(value).text == text


def test_parse_marks_a_guess() -> None:
    content = mail("", Content_Type="text/plain; charset=x-unknown").encode() + "één".encode("cp1252")

    post = parse(content)

    assert post.text == "één"
    assert [(notice.code, notice.values) for notice in post.notices] == [("mail.lossy", {"charset": "x-unknown"})]


def test_parse_raw_header_takes_the_charset_of_the_body() -> None:
    content = mail("x", Subject="@@", Content_Type="text/plain; charset=koi8-r").encode()

    post = parse(content.replace(b"@@", "Привет".encode("koi8-r")))

    assert (post.subject, codes(post)) == ("Привет", [])
