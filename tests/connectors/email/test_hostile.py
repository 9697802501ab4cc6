"""Whatever arrives, reading a mail gives a post or says why not; never anything else, and never more than it was."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from luister.base.errors import UnprocessableError
from luister.connectors.email import CONNECTOR
from luister.connectors.email.reasons import NOTICES
from tests.connectors.email.accounts import FIXTURES, account, mail, raw

MAILS = [path.read_bytes() for path in sorted(Path(FIXTURES).glob("*.eml"))]
HEADER_NAMES = [
    "From", "To", "Cc", "Reply-To", "Return-Path", "Subject", "Date", "Message-ID", "References", "In-Reply-To",
    "Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "Authentication-Results", "List-Id", "Sender",
    "X-Failed-Recipients", "Auto-Submitted", "Received",
]  # fmt: skip
WORDS = b"""=?utf-8?q? ?= =?x?b?====?= < > " \\ , @ boundary= --B --B-- charset=utf-7 message/delivery-status base64
multipart/mixed;boundary=B text/html;charset=iso-2022-jp filename*0*=utf-8''%zz &#99999999999; <!--
data:image/png;base64, \xff\xfe \xf0\x9f\x98\x80 \xe2\x80\xae""".split()
LINES = [b"\r", b"\n\t", b"\x00", b"\x1b$B", b"(" * 2_000, b";" * 500, b"<div " * 300, b"> " * 200, b"begin 644 x\n"]
PHRASES = [b"Op 3 nov 10:12 schreef a:\n", b"Van: a@b 10:12\n", b"charset=\x00"]
NASTY = st.sampled_from([*WORDS, *LINES, *PHRASES])


@st.composite
def mutated_mails(draw: st.DrawFn) -> bytes:
    """A real mail with pieces removed, repeated, moved and replaced."""
    data = draw(st.sampled_from(MAILS))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 80))
        piece = draw(st.one_of(NASTY, st.binary(max_size=20), st.just(data[at : at + length]), st.just(b"")))
        data = data[:at] + piece + data[at + draw(st.integers(0, length)) :]
    return data


@st.composite
def assembled_mails(draw: st.DrawFn) -> bytes:
    """Headers of any content above any body."""
    value = st.lists(st.one_of(NASTY, st.binary(max_size=15)), max_size=6).map(b"".join)
    headers = draw(st.lists(st.tuples(st.sampled_from(HEADER_NAMES), value), min_size=1, max_size=12))
    body = draw(st.lists(st.one_of(NASTY, st.binary(max_size=60)), max_size=12).map(b"\n".join))
    return b"".join(name.encode() + b": " + text + b"\n" for name, text in headers) + b"\n" + body


def check(data: bytes) -> None:
    try:
        (post,) = CONNECTOR.parse(account(authserv_id="mail.luister.example"), raw(data))
    except UnprocessableError:
        return
    texts = [post.text, post.quoted_text, post.html, post.subject, post.author.name, post.author.external_id]
    for text in (*texts, *post.references, *(file.name for file in post.attachments)):
        assert "\x00" not in text
        text.encode("utf-8")  # no lone surrogates
    assert len(post.text) + len(post.quoted_text) <= 2 * len(data) + 1_000
    assert sum(len(file.content) for file in post.attachments) <= len(data)
    assert post.author.external_id.count("@") >= 1
    assert 0 < len(post.external_id) <= 1_000
    assert len(post.subject) <= 500
    assert len(post.recipients) <= 50
    assert {notice.code for notice in post.notices} <= NOTICES.keys()
    assert all(isinstance(value, str) for notice in post.notices for value in notice.values.values())


@settings(max_examples=30)
@given(mutated_mails())
def test_parse_mutated_mail(data: bytes) -> None:
    check(data)


@settings(max_examples=30)
@given(assembled_mails())
def test_parse_assembled_mail(data: bytes) -> None:
    check(data)


@settings(max_examples=40)
@given(st.binary(max_size=2_000))
def test_parse_any_bytes(data: bytes) -> None:
    check(data)


def test_parse_mails_that_would_be_slow_elsewhere() -> None:
    for content in (
        mail(From="(" * 25_000 + "a@b.example"),
        mail(To='"' * 25_000),
        mail(To="<" * 25_000),
        mail(Subject="=?utf-8?q?" * 8_000),
        mail(Content_Type="multipart/mixed; " + "a=b;" * 15_000),
        mail(Content_Type='multipart/mixed; boundary="' + ";" * 15_000),
        mail("--B\n" * 15_000, Content_Type="multipart/mixed; boundary=B"),
        mail(References="<a@b> " * 15_000),
        mail("\n\n\n" * 25_000),
        mail("Op 3 nov 2026 om 10:12 schreef\n" * 10_000),
        mail("-- \n" * 15_000),
        mail("a" * 500_000),
        mail(Subject="x" * 215_000),
    ):
        check(content.encode())
