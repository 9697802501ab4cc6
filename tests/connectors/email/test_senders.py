"""One identity for every mail, and warnings for each way of pretending."""

import pytest

from luister.base.posts import Author, Automatic
from tests.connectors.email.accounts import ADDRESS, codes, mail, parse

VERDICT = "mail.luister.example; dkim=pass header.d=real.example; spf=pass smtp.mailfrom=b@real.example; dmarc="


def test_sender_plain() -> None:
    post = parse(mail(From='"Jan (thuis)" <Jan.Jansen@Customer.EXAMPLE>'))

    assert post.author == Author("Jan.Jansen@customer.example", "Jan (thuis)", "Jan.Jansen@customer.example")
    assert codes(post) == []


def test_sender_two_headers_takes_the_envelope() -> None:
    content = "Return-Path: <evil@x.example>\nFrom: Anna <anna@us.example>\n" + mail(From="evil@x.example")

    post = parse(content)

    assert post.author.external_id == "evil@x.example"
    assert codes(post) == ["mail.spoof"]
    assert post.notices[0].values == {"addresses": "anna@us.example, evil@x.example", "address": "evil@x.example"}


def test_sender_two_addresses_takes_the_one_that_is_vouched_for() -> None:
    content = mail(From="Anna <anna@us.example>, b@real.example", Authentication_Results=VERDICT + "pass")

    post = parse(content, authserv_id="mail.luister.example")

    assert post.author.external_id == "b@real.example"
    assert codes(post) == ["mail.spoof"]


@pytest.mark.parametrize(
    "sender", ["", "<>", "undisclosed", "Anna anna(at)us.example", "=?utf-8?q?=3Canna=40us.example=3E?="]
)
def test_sender_empty_takes_the_envelope(sender: str) -> None:
    post = parse("Return-Path: <bounce@x.example>\n" + mail(From=sender))

    assert post.author.external_id == "bounce@x.example"


def test_sender_nobody_is_an_identity_of_its_own() -> None:
    one, other = parse(mail("een", From="")), parse(mail("twee", From=""))

    assert one.author.external_id.endswith("@sender.invalid")
    assert one.author != other.author
    assert codes(one) == ["mail.no_sender"]


def test_sender_name_that_shows_another_address() -> None:
    post = parse(mail(From='"Anna <anna@us.example>" <evil@x.example>'))

    assert post.author == Author("evil@x.example", "Anna <anna@us.example>", "evil@x.example")
    assert codes(post) == ["mail.spoof_name"]


def test_sender_name_that_repeats_the_address_is_no_warning() -> None:
    assert codes(parse(mail(From='"jan@customer.example" <jan@customer.example>'))) == []
    assert codes(parse(mail(From='"Jan, jan@customer.example" <jan@customer.example>'))) == []


@pytest.mark.parametrize(
    ("results", "verified"),
    [
        ("mail.luister.example; dmarc=pass header.from=customer.example", True),
        ("mail.luister.example; dkim=pass header.d=customer.example", True),
        ("mail.luister.example 1; spf=pass (good) smtp.mailfrom=bounce@mail.customer.example", True),
        ("mail.luister.example; dkim=pass header.d=other.example; dmarc=fail header.from=customer.example", False),
        ("mail.luister.example; dkim=pass header.d=other.example", False),
        ("mail.luister.example; none", False),
        ("attacker.example; dmarc=pass header.from=customer.example", False),
        ("", False),
    ],
)
def test_sender_verified_by_our_own_server_only(results: str, verified: bool) -> None:
    post = parse(mail(Authentication_Results=results), authserv_id="Mail.Luister.example")

    assert ("mail.unverified" in codes(post)) is not verified


def test_sender_verdict_below_that_of_our_server_is_ignored() -> None:
    forged = "Authentication-Results: mail.luister.example; dmarc=pass header.from=customer.example\n"
    ours = "Authentication-Results: mail.luister.example; dmarc=fail header.from=customer.example\n"

    assert codes(parse(ours + forged + mail(), authserv_id="mail.luister.example")) == ["mail.unverified"]


def test_sender_without_a_trusted_server_says_nothing() -> None:
    assert codes(parse(mail(Authentication_Results="x; dmarc=fail"))) == []


def test_reply_to_another_domain_is_a_warning() -> None:
    post = parse(mail(Reply_To="Jan <jan@elsewhere.example>"))

    assert post.reply_to == Author("jan@elsewhere.example", "Jan", "jan@elsewhere.example")
    assert codes(post) == ["mail.reply_to"]


@pytest.mark.parametrize("reply_to", ["jan@mail.customer.example", "info@customer.example"])
def test_reply_to_same_organization_is_none(reply_to: str) -> None:
    post = parse(mail(Reply_To=reply_to))

    assert post.reply_to is not None
    assert codes(post) == []


def test_reply_to_ourselves_or_the_sender_is_nothing() -> None:
    assert parse(mail(Reply_To=ADDRESS)).reply_to is None
    assert parse(mail(Reply_To="jan@customer.example")).reply_to is None


def test_form_that_sends_as_us_is_its_users_mail() -> None:
    post = parse(mail(From=f"Website <{ADDRESS}>", Reply_To="Bram <bram@customer.example>"))

    assert post.author == Author("bram@customer.example", "Bram", "bram@customer.example")
    assert (post.automatic, post.reply_to) == (None, None)
    assert codes(post) == ["mail.via_own_address"]


@pytest.mark.parametrize("sender", [ADDRESS, "Service+tag@luister.example", "info@luister.example"])
def test_our_own_address_is_a_loop(sender: str) -> None:
    post = parse(mail(From=sender), aliases="info@luister.example; pers@luister.example")

    assert post.automatic is Automatic.LOOP
    assert not post.ours
    assert codes(post) == ["mail.spoof_own"]


def test_our_own_address_vouched_for_is_a_colleagues_mail() -> None:
    results = "mail.luister.example; dmarc=pass header.from=luister.example"

    post = parse(mail(From=ADDRESS, Authentication_Results=results), authserv_id="mail.luister.example")

    assert (post.ours, post.automatic) == (True, None)


def test_recipients_leave_out_ourselves_and_the_sender() -> None:
    post = parse(
        mail(To=f"{ADDRESS}, Service@Luister.example, kees@x.example", Cc="jan@customer.example, Kees <kees@x.example>")
    )

    assert [person.external_id for person in post.recipients] == ["kees@x.example"]


def test_addresses_as_people_write_them() -> None:
    to = 'groep: a@x.example, "B, C" <b@x.example>;, <c@x.example>, d@x.example (Dirk), kapot, @, x@, <e @x.example>'
    to += ", f@ä.example"

    post = parse(mail(To=to))

    found = [(person.external_id, person.name) for person in post.recipients]
    assert found == [
        ("a@x.example", ""),
        ("b@x.example", "B, C"),
        ("c@x.example", ""),
        ("d@x.example", "Dirk"),
        ("e@x.example", ""),
        ("f@xn--4ca.example", ""),
    ]
