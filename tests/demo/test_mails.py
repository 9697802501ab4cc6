"""Mails of the demo are made as mail programs make them, and always the same."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

from luister.demo.mails import Answered, Letter, raw_bounce, raw_letter
from luister.demo.script import File, customers

ZONE = ZoneInfo("Europe/Amsterdam")
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
US = "service@waterland.example"
OURS = Answered("<ours@waterland.example>", ("<first@post.example>",), "Dag Corrie,\n\nKom gerust.", AT)


def letter(**fields):
    given = {
        "sender": customers()["corrie_73"],
        "subject": "Vliegen",
        "text": "Hoe vroeg moet ik er zijn? 😀",
        "at": AT,
    }
    return Letter(**(given | fields))


def parsed(raw):
    return message_from_bytes(raw, policy=policy.default)


def test_letter_is_a_plain_mail():
    mail = parsed(raw_letter(letter(), to=US, zone=ZONE))

    assert mail["From"] == "Corrie Veldhuis <corrie.veldhuis@post.example>"
    assert mail["To"] == US
    assert mail["Subject"] == "Vliegen"
    assert mail["Date"].datetime == AT
    assert mail.get_content().strip() == "Hoe vroeg moet ik er zijn? 😀"


def test_letter_is_the_same_every_time():
    one = letter(html="<p>Hoi</p>")

    assert raw_letter(one, to=US, zone=ZONE) == raw_letter(one, to=US, zone=ZONE)


def test_letter_that_answers_is_threaded_and_quotes_us():
    mail = parsed(raw_letter(letter(text="Dank u!", answers=OURS), to=US, zone=ZONE))

    assert mail["Subject"] == "Re: Vliegen"
    assert mail["In-Reply-To"] == "<ours@waterland.example>"
    assert mail["References"] == "<first@post.example> <ours@waterland.example>"
    assert mail.get_content().strip().splitlines() == [
        "Dank u!",
        "",
        "Op 2 mrt. 2026 om 10:00 schreef service@waterland.example:",
        "",
        "> Dag Corrie,",
        ">",
        "> Kom gerust.",
    ]


def test_letter_in_english_quotes_in_english():
    mail = parsed(raw_letter(letter(text="Thanks!", answers=OURS, language="en"), to=US, zone=ZONE))

    assert "On 02/03/2026 at 10:00, service@waterland.example wrote:" in mail.get_content()


def test_letter_with_html_has_both_bodies():
    mail = parsed(raw_letter(letter(html="<p>Hoi <b>daar</b></p>"), to=US, zone=ZONE))

    assert mail.get_content_type() == "multipart/alternative"
    assert "<b>daar</b>" in mail.get_body(("html",)).get_content()


def test_letter_with_files_brings_them_along_the_same_every_time():
    one = letter(html="<p>Hoi</p>", files=(File("lijst.csv", "text/csv", "a;b\n"),))
    mail = parsed(raw_letter(one, to=US, zone=ZONE))

    assert [(part.get_filename(), part.get_content()) for part in mail.iter_attachments()] == [("lijst.csv", "a;b\n")]
    assert raw_letter(one, to=US, zone=ZONE) == raw_letter(one, to=US, zone=ZONE)


def test_letter_of_a_machine_says_so():
    assert parsed(raw_letter(letter(is_automatic=True), to=US, zone=ZONE))["Auto-Submitted"] == "auto-replied"


def test_bounce_names_our_mail_and_the_reason():
    raw = raw_bounce("<ours@x.example>", recipient="a@b.example", said="5.2.2 Mailbox full.", to=US, at=AT, zone=ZONE)
    mail = parsed(raw)

    assert mail.get_content_type() == "multipart/report"
    words, status, original = mail.iter_parts()
    assert "Mailbox full." in words.get_content()
    assert status.get_payload()[1]["Status"] == "5.2.2"
    assert "<ours@x.example>" in original.get_payload()
