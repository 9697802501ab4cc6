"""What goes out: threaded, safe from injected headers, the same in every attempt."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest

from luister.base.connector import OutboundAttachment
from luister.base.errors import NotSentError
from luister.base.posts import Author
from luister.connectors.email.compose import Mail, compose, envelope_sender
from luister.connectors.email.settings import identity
from tests.connectors.email.accounts import ADDRESS, account, outbound

US = identity(account())


def written(**changes: Any) -> tuple[Mail, EmailMessage]:
    mail = compose(outbound(**changes), US, from_name="Klantenservice", reply_to="")
    return mail, cast("EmailMessage", message_from_bytes(mail.content, policy=default))


def test_compose_reply() -> None:
    mail, message = written(cc=(Author("kees@customer.example", "Kees"),))

    assert mail.message_id == "<0f9d8c7b-1111-4222-8333-444455556666@luister.example>"
    assert mail.recipients == ("jan@customer.example", "kees@customer.example")
    assert message["Message-ID"] == mail.message_id
    assert message["From"] == f"Klantenservice <{ADDRESS}>"
    assert message["To"] == "Jan Jansen <jan@customer.example>"
    assert message["Cc"] == "Kees <kees@customer.example>"
    assert message["Date"] == "Tue, 03 Nov 2026 10:12:00 +0000"
    assert message["Auto-Submitted"] is None
    assert "<p>Beste Jan,</p>" in message.get_body(("html",)).get_content()


def test_compose_is_the_same_in_every_attempt() -> None:
    file = OutboundAttachment("a.pdf", "application/pdf", b"%PDF-")

    assert written(attachments=(file,))[0] == written(attachments=(file,))[0]


def test_compose_threading_of_long_ids_is_not_encoded() -> None:
    ids = tuple(f"<{'x' * 100}{number}@mail.customer.example>" for number in range(30))

    mail, message = written(parent_external_id=ids[-1], references=ids)

    assert message["In-Reply-To"] == ids[-1]
    assert str(message["References"]).split() == [ids[0], *ids[-19:]]
    assert b"=?" not in mail.content
    assert max(map(len, mail.content.split(b"\r\n"))) < 998


def test_compose_without_parent_has_no_references() -> None:
    message = written()[1]

    assert (message["In-Reply-To"], message["References"]) == (None, None)


@pytest.mark.parametrize("reference", ["not an id", "<a\r\nBcc: x@y.example>", "<a b>", "<é@x>", "<>"])
def test_compose_leaves_out_references_that_are_none(reference: str) -> None:
    message = written(parent_external_id=reference, references=(reference, "<a@b>"))[1]

    assert (message["References"], message["Bcc"]) == ("<a@b>", None)


@pytest.mark.parametrize(
    "subject", ["Hoi\r\nBcc: evil@x.example", "Hoi\nBcc: evil@x.example", "Hoi\u2028Bcc: x", "Hoi\x85Bcc: x"]
)
def test_compose_subject_begins_no_header(subject: str) -> None:
    mail, message = written(subject=subject)

    assert message["Bcc"] is None
    assert str(message["Subject"]).startswith("Hoi Bcc:")
    assert mail.recipients == ("jan@customer.example",)


@pytest.mark.parametrize(
    "name", ["Jan\r\nBcc: evil@x.example", 'Jan "de\\" Vries', "Jan, Kees <x@y.example>", "J" * 900, "Jän ✈"]
)
def test_compose_name_stays_a_name(name: str) -> None:
    message = written(recipient=Author("jan@customer.example", name))[1]

    (address,) = message["To"].addresses
    assert address.addr_spec == "jan@customer.example"
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "jan",
        "jan@",
        "jan@x.example\r\nBcc: evil@x.example",
        "a@x.example, b@x.example",
        "<jan@x.example>",
        "jän@x.example",
        "unknown.0123456789ab@sender.invalid",
        "jan@x..example",
    ],
)
def test_compose_bad_address(address: str) -> None:
    with pytest.raises(NotSentError) as caught:
        written(recipient=Author(address))

    assert caught.value.permanent
    assert caught.value.reason.code in ("mail.bad_address", "mail.address_unsupported")


def test_compose_international_domains() -> None:
    us = identity(account(address="service@käse.example"))

    mail = compose(outbound(recipient=Author("jan@Käse.example")), us, from_name="", reply_to="")

    assert mail.recipients == ("jan@xn--kse-qla.example",)
    assert mail.message_id.endswith("@xn--kse-qla.example>")
    assert mail.content.isascii()
    assert us.is_ours("Service@xn--kse-qla.example")


@pytest.mark.parametrize("key", ["", "a b", "a\r\nX: y", "a@b", "x" * 65])
def test_compose_key_that_cannot_be_an_id(key: str) -> None:
    with pytest.raises(NotSentError):
        written(key=key)


def test_compose_attachments() -> None:
    files = (
        OutboundAttachment("boardingpas é.pdf", "application/pdf", b"%PDF-"),
        OutboundAttachment("a\r\nX-Evil: 1.eml", "message/rfc822", b"From: x"),
        OutboundAttachment("", "onzin", b"\x00"),
    )

    message = written(attachments=files)[1]

    assert [(part.get_filename(), part.get_content_type()) for part in message.iter_attachments()] == [
        ("boardingpas é.pdf", "application/pdf"),
        ("a X-Evil: 1.eml", "application/octet-stream"),
        ("file", "application/octet-stream"),
    ]
    assert message["X-Evil"] is None
    assert b"%PDF-" in [part.get_payload(decode=True) for part in message.iter_attachments()]


def test_compose_html_is_escaped() -> None:
    html = written(text="<script>x</script>\nregel & twee")[1].get_body(("html",)).get_content()

    assert "&lt;script&gt;x&lt;/script&gt;<br>" in html


def test_compose_reply_to() -> None:
    mail = compose(outbound(), US, from_name="", reply_to="antwoord@luister.example")

    assert message_from_bytes(mail.content, policy=default)["Reply-To"] == "antwoord@luister.example"


@pytest.mark.parametrize(
    ("key", "plus_addressing", "sender"),
    [
        ("abc", False, ADDRESS),
        ("abc", True, "service+b.abc@luister.example"),
        ("x" * 64, True, ADDRESS),  # longer than an address may be
    ],
)
def test_envelope_sender(key: str, plus_addressing: bool, sender: str) -> None:
    assert envelope_sender(f"<{key}@luister.example>", US, plus_addressing=plus_addressing) == sender
