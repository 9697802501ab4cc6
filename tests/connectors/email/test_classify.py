"""Which mails are a machine's: bounces, receipts, complaints, loops, auto-replies, lists, and what stays a person's."""

import pytest

from luister.base.posts import Automatic, Bounce
from tests.connectors.email.accounts import ADDRESS, codes, fixture, mail, parse

OURS = "<0f9d8c7b@luister.example>"


@pytest.mark.parametrize(
    ("name", "kind", "bounce"),
    [
        (
            "bounce_dsn",
            Automatic.BOUNCE,
            Bounce(OURS, "jan@customer.example", "5.2.2", "552 5.2.2 <jan@customer.example> mailbox is full", True),
        ),
        (
            "bounce_delayed",
            Automatic.DELAY,
            Bounce(OURS, "piet@customer.example", "4.2.2", "", False),
        ),
        (
            "bounce_gmail_text",
            Automatic.BOUNCE,
            Bounce(
                OURS,
                "jan@customer.example",
                "5.1.1",
                "550 5.1.1 The account that you tried to reach does not exist.",
                True,
            ),
        ),
        (
            "bounce_qmail_text",
            Automatic.BOUNCE,
            Bounce(OURS, "jan@customer.example", "5.1.1", "Sorry, no mailbox here by that name. (#5.1.1)", True),
        ),
        (
            "bounce_exchange_nl",
            Automatic.BOUNCE,
            Bounce(OURS, "jan@office.example", "5.7.1", "550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized", True),
        ),
        ("receipt_mdn", Automatic.RECEIPT, None),
        ("complaint_arf", Automatic.COMPLAINT, None),
    ],
)
def test_reports(name: str, kind: Automatic, bounce: Bounce | None) -> None:
    post = parse(fixture(name))

    assert post.automatic is kind
    assert post.bounce == bounce
    assert codes(post) == []
    assert post.text


def test_bounce_to_the_address_that_names_the_mail() -> None:
    content = mail(
        "Kon niet worden afgeleverd.",
        From="MAILER-DAEMON@x.example",
        To="service+b.0f9d8c7b@luister.example",
        Subject="Foutmelding",
        Return_Path="<>",
    )

    post = parse(content)

    assert post.automatic is Automatic.BOUNCE
    assert post.bounce is not None
    assert post.bounce.message_id == OURS


def test_bounce_address_alone_is_no_bounce() -> None:
    assert parse(mail(To="service+b.0f9d8c7b@luister.example")).automatic is None


def test_bounce_of_a_mail_that_expired_is_not_permanent() -> None:
    content = fixture("bounce_dsn").replace(b"Status: 5.2.2", b"Status: 4.0.0")

    post = parse(content)

    assert post.automatic is Automatic.BOUNCE
    assert post.bounce is not None
    assert not post.bounce.permanent


def test_delivery_report_that_says_delivered_is_a_receipt() -> None:
    content = fixture("bounce_dsn").replace(b"Action: failed", b"Action: relayed").replace(b"delayed", b"delivered")

    assert parse(content).automatic is Automatic.RECEIPT


def test_bounce_prefers_our_own_message_id() -> None:
    content = mail(
        "Message-ID: <not-ours@x.example>\n\nMessage-ID: <0f9d8c7b@luister.example>",
        From="postmaster@x.example",
        Subject="Undeliverable: Re: Vraag",
    )

    post = parse(content)

    assert post.bounce is not None
    assert post.bounce.message_id == OURS


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; owner-email=x"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "Re"},
        {"Precedence": "auto_reply"},
        {"X_Loop": "true"},
        {"Return_Path": "<>"},
        {"X_Auto_Response_Suppress": "All", "Subject": "Automatisch antwoord: Vraag"},
        {"X_Auto_Response_Suppress": "All", "Subject": "Automatic reply: Vraag"},
    ],
)
def test_auto_reply(headers: dict[str, str]) -> None:
    assert parse(mail("Ik ben er niet.", **headers)).automatic is Automatic.AUTO_REPLY


@pytest.mark.parametrize(
    "headers",
    [
        {"List_Id": "Nieuws <nieuws.shop.example>"},
        {"Precedence": "bulk"},
        {"Precedence": "list"},
        {"List_Unsubscribe": "<mailto:uit@shop.example>"},
        {"Feedback_ID": "1:2:3"},
        {"Auto_Submitted": "auto-generated", "Precedence": "bulk"},
    ],
)
def test_bulk(headers: dict[str, str]) -> None:
    assert parse(mail(**headers)).automatic is Automatic.BULK


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Auto_Response_Suppress": "All"},
        {"Auto_Submitted": "no"},
        {"Auto_Submitted": "No (typed by hand)"},
        {"Subject": "Out of Office: wie neemt waar?"},
        {"Subject": "Undeliverable: mijn pakket"},
        {"Subject": "Afwezig"},
        {"Return_Path": "<jan@customer.example>"},
        {"List_Id": "<service.luister.example>", "List_Unsubscribe": "<https://g.example>", "Precedence": "list"},
        {"List_Post": "<mailto:service@luister.example>", "Precedence": "list"},
        {"List_Unsubscribe": "<https://x>", "In_Reply_To": OURS},
        {"From": "Post Master <postmaster@customer.example>"},
    ],
)
def test_people_are_not_hidden(headers: dict[str, str]) -> None:
    assert parse(mail(**headers)).automatic is None


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Luister_Mailbox": ADDRESS},
        {"X_Loop": f"<{ADDRESS}>"},
        {"Received": "by a\nReceived: " + "by a\nReceived: ".join("by b" for _ in range(70))},
    ],
)
def test_loop(headers: dict[str, str]) -> None:
    assert parse(mail(**headers)).automatic is Automatic.LOOP


def test_mail_from_another_luister_is_no_loop() -> None:
    assert parse(mail(X_Luister_Mailbox="help@other.example")).automatic is None


def test_colleague_in_our_domain_is_no_loop() -> None:
    assert parse(mail(From="pim@luister.example", Message_ID="<x@luister.example>")).automatic is None
