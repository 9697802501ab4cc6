"""From raw mail to post: real shapes of mail, and the bad inputs of mail that are not about one part alone."""

from datetime import UTC, datetime, timedelta

import pytest

from luister.base.errors import Reason, UnprocessableError
from luister.base.posts import Author, Kind
from luister.connectors.email import CONNECTOR
from luister.connectors.email.parse import content_digest
from tests.connectors.email.accounts import NOW, account, codes, fixture, mail, parse, raw


def test_parse_gmail_reply() -> None:
    post = parse(fixture("gmail_reply_nl"), authserv_id="mail.luister.example")

    assert (post.kind, post.public, post.automatic) == (Kind.MAIL, False, None)
    assert post.author == Author("fatima@customer.example", "Fatima El Amrani ✈", "fatima@customer.example")
    assert post.subject == "Re: Ultra kleine vraag – dé koffer"
    assert post.text == "Het is de rode koffer, met een deuk. Zie mét naam de wielen."
    assert post.quoted_text.startswith("Op ma 2 nov 2026")
    assert post.external_id == "<CAF+reply1@mail.customer.example>"
    assert post.references == ("<0f9d8c7b@luister.example>", "<middle@customer.example>", "<oldest@luister.example>")
    assert [person.external_id for person in post.recipients] == ["piet@customer.example", "kees@other.example"]
    assert post.recipients[1].name == "de Boer, Kees"
    assert post.posted_at == datetime(2026, 11, 3, 10, 11, 55, tzinfo=UTC)
    assert "<b>rode</b>" in post.html
    assert codes(post) == []


def test_parse_outlook_html_only_reply() -> None:
    post = parse(fixture("outlook_html_reply_nl"))

    assert post.automatic is None  # X-Auto-Response-Suppress alone hides nobody
    assert post.text.split("\n")[:3] == ["Goedemorgen,", "", "Hierbij de foto van de schäde – zie onder."]
    assert post.text.endswith("Met vriendelijke groet,\nSanne")
    assert post.quoted_text.startswith("Van: Klantenservice <service@luister.example>")
    assert [(file.name, file.content_id) for file in post.attachments] == [("image001.jpg", "image001.jpg@01DC")]
    assert 'data-cid="image001.jpg@01DC"' in post.html
    assert 'data-remote-src="https://img.example/logo.png"' in post.html
    assert "track.example" not in post.html
    assert "style.example" not in post.html


def test_parse_attachments_of_every_kind() -> None:
    post = parse(fixture("attachments"))

    assert post.text == "Zie bijlagen."
    assert [(file.name, file.content_type) for file in post.attachments] == [
        ("message.eml", "message/rfc822"),
        ("invitation.ics", "text/calendar"),
        ("winmail.dat", "application/ms-tnef"),
        ("boarding pàs.pdf", "application/pdf"),
        ("attachment-5.png", "image/png"),
    ]
    assert post.attachments[0].content.startswith(b"From: Winkel")
    assert post.attachments[3].content == b"%PDF-"
    assert codes(post) == ["mail.calendar", "mail.winmail"]


@pytest.mark.parametrize(("content", "code"), [(b"", "mail.empty"), (b" \r\n\n", "mail.empty")])
def test_parse_empty(content: bytes, code: str) -> None:
    with pytest.raises(UnprocessableError) as caught:
        CONNECTOR.parse(account(), raw(content))

    assert caught.value.reason == Reason(code)


@pytest.mark.parametrize(
    "content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"Gewoon een zin.\n\nEn nog een."]
)
def test_parse_no_mail(content: bytes) -> None:
    with pytest.raises(UnprocessableError) as caught:
        CONNECTOR.parse(account(), raw(content))

    assert caught.value.reason == Reason("mail.not_a_mail")


def test_parse_without_message_id_makes_the_same_one_each_time() -> None:
    first = parse("Received: by a.example\n" + mail(Message_ID=""))
    again = parse("Received: by another.example\nX-Spam: no\n" + mail(Message_ID=""))
    other = parse(mail("Iets anders", Message_ID=""))

    assert first.external_id == again.external_id
    assert first.external_id.endswith("@synthetic.invalid>")
    assert first.external_id != other.external_id


def test_content_digest_ignores_how_a_mail_travelled_but_not_what_it_says() -> None:
    one = mail().encode()

    assert content_digest(one) == content_digest(b"Received: by x\r\n" + one.replace(b"\n", b"\r\n"))
    assert content_digest(one) != content_digest(mail("Anders").encode())
    assert content_digest(one) != content_digest(mail(Subject="Anders").encode())


@pytest.mark.parametrize("date", ["Thu, 01 Jan 1970 00:00:00 +0000", "Wed, 02 Jan 2099 03:04:00 +0100"])
def test_parse_impossible_date_takes_the_arrival(date: str) -> None:
    post = parse(mail(Date=date))

    assert post.posted_at == NOW
    assert codes(post) == ["mail.date_in_mail"]
    assert post.notices[0].values["date"][:4] in ("1970", "2099")


@pytest.mark.parametrize("date", ["", "gisteren", "Tue, 99 Nov 2026 99:99:99 +9999", "=?utf-8?q?nee?="])
def test_parse_no_date_takes_the_arrival(date: str) -> None:
    post = parse(mail(Date=date))

    assert (post.posted_at, codes(post)) == (NOW, [])


def test_parse_date_a_little_ahead_is_never_later_than_the_arrival() -> None:
    assert parse(mail(Date="Tue, 03 Nov 2026 20:00:00 +0000")).posted_at == NOW


def test_parse_delayed_mail_keeps_its_date() -> None:
    assert parse(mail(Date="Sun, 01 Nov 2026 08:00:00 +0000")).posted_at == NOW - timedelta(days=2, hours=2, minutes=12)


def test_parse_ten_thousand_recipients() -> None:
    everyone = ",\n ".join(f'"Naam, {number}" <klant{number}@customer.example>' for number in range(10_000))

    post = parse(mail(Cc=everyone))

    assert len(post.recipients) == 50
    assert post.recipients[0] == Author("klant0@customer.example", "Naam, 0", "klant0@customer.example")
    assert post.notices == (Reason("mail.many_recipients", {"count": "10000", "kept": "50"}),)


@pytest.mark.parametrize(
    "body",
    [
        "> Is alles naar wens?\n",
        "\nVerstuurd vanaf mijn iPhone\n",
        "-- \nJan\n",
        "Op 3 nov 2026 om 10:12 schreef Pim:\n\n> Ja",
    ],
)
def test_parse_reply_without_new_text(body: str) -> None:
    post = parse(mail(body, Subject="Re: Vraag", In_Reply_To="<0f9d8c7b@luister.example>"))

    assert post.text == ""
    assert post.quoted_text == body.strip("\n").replace("-- \n", "--\n")
    assert codes(post) == ["mail.no_new_text"]


def test_parse_mail_with_only_a_file() -> None:
    content = mail("AAAA", Content_Type='image/png; name="foto.png"', Content_Transfer_Encoding="base64")

    post = parse(content)

    assert (post.text, [file.name for file in post.attachments], codes(post)) == ("", ["foto.png"], ["mail.no_text"])


def test_parse_interleaved_answers() -> None:
    post = parse(mail("> Naam?\n\nJan\n\n> Vlucht?\n\nKL1234\n\n> Groet", Subject="Re: x"))

    assert post.text == "Jan\n\nKL1234"
    assert "> Vlucht?" in post.quoted_text
    assert codes(post) == ["mail.interleaved"]


def test_parse_forward_is_read_whole() -> None:
    headers = "Van: Winkel <info@shop.example>\nVerzonden: maandag 2 november 2026 08:00\nOnderwerp: Nee"
    body = f"Zie onder.\n\n{headers}\n\nNee."

    assert parse(mail(body, Subject="Fwd: Nee")).text == body
    assert parse(mail(body, Subject="Re: Nee")).text == "Zie onder."


def test_parse_oversized_mail() -> None:
    head = mail("").encode()

    (post,) = CONNECTOR.parse(account(), raw(head, oversized_bytes=60_400_000))

    assert (post.author.external_id, post.subject, post.text) == ("jan@customer.example", "Vraag", "")
    assert post.notices == (Reason("mail.oversized", {"size": "60.4"}),)


@pytest.mark.parametrize(
    ("content_type", "notice"),
    [
        ("application/pkcs7-mime; smime-type=enveloped-data", "mail.encrypted"),
        ("multipart/encrypted; protocol=application/pgp-encrypted; boundary=X", "mail.encrypted"),
    ],
)
def test_parse_encrypted_mail_says_so(content_type: str, notice: str) -> None:
    body = "--X\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--X--" if "X" in content_type else "MIIB"

    assert notice in codes(parse(mail(body, Content_Type=content_type)))


def test_parse_in_reply_to_with_rubbish() -> None:
    post = parse(
        mail(In_Reply_To='Mail van "Pim" <a@b> van gisteren', References="c@d <<e@f>> <a@b>, <1@customer.example>")
    )

    assert post.references == ("<a@b>", "<e@f>")


def test_parse_mail_of_an_old_mac() -> None:
    assert parse(mail("Regel een\nRegel twee").replace("\n", "\r")).text == "Regel een\nRegel twee"


def test_parse_mbox_line_and_empty_lines_before_the_headers() -> None:
    assert parse("\ufeff\n\nFrom jan@customer.example Tue Nov  3 10:00:00 2026\n" + mail()).subject == "Vraag"


def test_parse_null_characters_and_lone_surrogates() -> None:
    post = parse(mail("a\x00b\x1b\x07c").encode() + b"\xed\xa0\x80")

    assert "\x00" not in post.text
    assert post.text.encode("utf-8").startswith(b"abc")


def test_parse_very_long_text_is_cut() -> None:
    post = parse(mail("woord " * 100_000))

    assert len(post.text) <= 400_000
    assert "mail.text_cut" in codes(post)


def test_parse_hides_characters_that_turn_a_subject_around() -> None:
    assert parse(mail(Subject="Factuur \u202egpj.exe\u200b")).subject == "Factuur gpj.exe"
