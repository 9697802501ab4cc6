"""A customer's mail, answered: through real mail servers, a worker, a web process and a browser."""

import email
import time
from email.message import EmailMessage
from email.policy import default

import pytest
from playwright.sync_api import expect

from luister.accounts.enums import Role
from luister.channels.actions import NewChannel, connect
from luister.channels.enums import Publicness
from luister.inbox.models import Case, CasePost
from tests.factories import NOW, MembershipFactory, UserFactory
from tests.mail_servers import HOST, PASSWORD
from tests.whole.product import screen_of, until

pytestmark = [pytest.mark.mail, pytest.mark.browser]

DESK, ANNA = "klantenservice@luister.example", "anna@customer.example"


@pytest.fixture
def pim(transactional_db):
    user = UserFactory(name="Pim de Vries")
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
        expect(page.get_by_text("Koffer kwijt")).to_have_count(0)

        # A mail is a case on an open screen within five seconds.
        first = mail("Goedemiddag, mijn koffer is kwijt.", subject="Koffer kwijt", message_id="<1@customer.example>")
        began = time.monotonic()
        mail_servers.deliver(first, sender=ANNA, recipient=DESK)
        expect(page.get_by_text("Koffer kwijt").first).to_be_visible(timeout=5000)
        assert time.monotonic() - began < 5.5

        # The answer arrives in the customer's mailbox, threaded under their mail.
        page.get_by_role("link", name="Anna de Wit").first.click()
        expect(page.locator("#thread")).to_contain_text("Goedemiddag, mijn koffer is kwijt.")
        page.keyboard.press("r")
        page.keyboard.type("We zoeken hem voor je op, Anna.")
        page.keyboard.press("Control+Enter")
        answer = email.message_from_bytes(mail_servers.wait_for_messages(ANNA, 1)[0], policy=default)
        assert "We zoeken hem voor je op, Anna." in answer.get_body(("plain",)).get_content()
        assert (answer["In-Reply-To"], answer["Subject"]) == ("<1@customer.example>", "Re: Koffer kwijt")
        assert answer["References"].split() == ["<1@customer.example>"]

        # The customer's answer joins the same case, on the same open screen.
        again = mail(
            "Gevonden, dank je wel!", subject="Re: Koffer kwijt", message_id="<2@customer.example>", answers=answer
        )
        mail_servers.deliver(again, sender=ANNA, recipient=DESK)
        expect(page.get_by_text("Gevonden, dank je wel!").first).to_be_visible(timeout=5000)

    case = Case.objects.get()
    assert case.subject == "Koffer kwijt"
    assert CasePost.objects.filter(case=case, is_context=False).count() == 3
