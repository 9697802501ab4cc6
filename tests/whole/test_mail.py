"""A customer's mail, answered: through real mail servers, a worker, a web process and a browser."""

import email
from email.message import EmailMessage
from email.policy import default

import pytest
from playwright.sync_api import expect

from luister.accounts.enums import Role
from luister.channels.actions import NewChannel, connect
from luister.channels.enums import Publicness
from luister.inbox.models import Case, CasePost
from tests import factories
from tests.factories import NOW, MembershipFactory, UserFactory
from tests.mail_servers import HOST, PASSWORD
from tests.whole.product import screen_of, until

pytestmark = [pytest.mark.mail, pytest.mark.browser]

DESK, ANNA = "klantenservice@luister.example", "anna@customer.example"


@pytest.fixture
def pim(transactional_db):
    user = UserFactory(name="Pim de Vries", password=factories.PASSWORD)
    return MembershipFactory(role=Role.ADMINISTRATOR, user=user)


@pytest.fixture
def mailbox(pim, mail_servers):
    for user in (DESK, ANNA):
        mail_servers.empty(user)
    settings = {
        "address": DESK,
        "imap_host": HOST,
        "imap_port": mail_servers.imap_port,
        "imap_security": "plain",
        "user": DESK,
        "folder": "INBOX",
        "smtp_host": HOST,
        "smtp_port": mail_servers.smtp_port,
        "smtp_security": "plain",
    }
    new = NewChannel(
        kind="email",
        name="Klantenservice",
        handle=DESK,
        publicness=Publicness.PRIVATE,
        settings=settings,
        secrets={"password": PASSWORD},
        undo_seconds=1,
    )
    return connect(new, workspace=pim.workspace, by=pim, now=NOW)


def mail(text, *, subject, message_id, answers=None):
    message = EmailMessage()
    message["From"], message["To"] = f"Anna de Wit <{ANNA}>", DESK
    message["Subject"], message["Message-ID"] = subject, message_id
    if answers is not None:
        message["In-Reply-To"] = answers["Message-ID"]
        message["References"] = f"{answers['References']} {answers['Message-ID']}"
    message.set_content(text)
    return message


def test_a_customer_mails_is_answered_and_answers_back(product, mailbox, mail_servers, pim, browser):
    address = product.start_web()
    product.start_worker()
    until(lambda: mail_servers.is_idling(DESK), "the mailbox is listened to")

    with screen_of(pim, address=address, browser=browser) as colleague:
        page = colleague.new_page()
        page.goto(f"{address}/w/{pim.workspace.slug}/")
        expect(page.locator(".case-row")).to_have_count(0)

        # A mail is a case on an open screen within five seconds; a machine that is busy gets three tries.
        for number in range(1, 4):
            first = mail(
                "Mijn koffer is kwijt.", subject=f"Koffer {number} kwijt", message_id=f"<{number}@customer.example>"
            )
            mail_servers.deliver(first, sender=ANNA, recipient=DESK)
            if _is_shown(page, f"Koffer {number} kwijt", seconds=5):
                break
        else:
            pytest.fail("None of three mails was on the screen within five seconds.")

        # The answer arrives in the customer's mailbox, threaded under their mail.
        subject, message_id = first["Subject"], first["Message-ID"]
        page.locator(".case-row", has_text=subject).get_by_role("link").first.click()
        expect(page.locator("#thread")).to_contain_text("Mijn koffer is kwijt.")
        page.keyboard.press("r")
        page.keyboard.type("We zoeken hem voor je op, Anna.")
        page.keyboard.press("Control+Enter")
        answer = email.message_from_bytes(
            until(lambda: mail_servers.messages(ANNA), "the answer arrives")[0], policy=default
        )
        assert "We zoeken hem voor je op, Anna." in answer.get_body(("plain",)).get_content()
        assert (answer["In-Reply-To"], answer["Subject"]) == (message_id, f"Re: {subject}")
        assert answer["References"].split() == [message_id]

        # The customer's answer joins the same case, on the same open screen.
        again = mail(
            "Gevonden, dank je wel!", subject=answer["Subject"], message_id="<9@customer.example>", answers=answer
        )
        mail_servers.deliver(again, sender=ANNA, recipient=DESK)
        expect(page.locator("#thread")).to_contain_text("Gevonden, dank je wel!")

    case = Case.objects.get(subject=subject)
    assert CasePost.objects.filter(case=case, is_context=False).count() == 3


def _is_shown(page, text, *, seconds):
    """Whether a text comes up on a screen in time, without reloading it."""
    try:
        expect(page.get_by_text(text).first).to_be_visible(timeout=seconds * 1000)
    except AssertionError:
        return False
    return True
