"""Webhooks in a browser: accessible in every state, at every width; an event arrives signed and is seen there."""

import pytest
from playwright.sync_api import expect
from standardwebhooks import Webhook

from luister.accounts.enums import Role
from luister.base.clock import utc_now
from tests.factories import (
    PASSWORD,
    DeliveryFactory,
    EndpointFactory,
    MembershipFactory,
    UserFactory,
    WebhookAttemptFactory,
)
from tests.webhooks.receiver import running_receiver
from tests.whole.looks import faults_of_all, listened_to
from tests.whole.product import screen_of, until

pytestmark = pytest.mark.browser


@pytest.fixture
def pim(transactional_db):
    user = UserFactory(name="Pim de Vries", password=PASSWORD, language="en")
    return MembershipFactory(role=Role.ADMINISTRATOR, user=user, workspace__name="Luchthaven Waterland")


def test_screens_of_webhooks_are_accessible_and_a_test_event_arrives_by_keyboard(product, pim, browser):
    address, now = product.start_web(), utc_now()
    product.start_worker()
    workspace, base = pim.workspace, f"/w/{pim.workspace.slug}/settings/webhooks"
    with running_receiver() as receiver, screen_of(pim, address=address, browser=browser) as context:
        page = context.new_page()
        complaints = listened_to(page)
        page.goto(f"{address}{base}/add/")
        page.get_by_label("Address of the receiver").fill(receiver.address)
        page.get_by_label("A case was opened").focus()
        page.keyboard.press("Space")
        page.get_by_label("What it is for").focus()
        page.keyboard.press("Enter")
        secret = page.get_by_label("Secret", exact=True).input_value()
        page.get_by_role("link", name="I have kept it").click()
        page.get_by_role("button", name="Send a test event").focus()
        page.keyboard.press("Enter")
        (got,) = until(lambda: receiver.got, "the test event arrives")
        expect(page.get_by_text("It arrived (204).")).to_be_visible(timeout=30_000)

        assert Webhook(secret).verify(got.body, got.headers)["type"] == "webhook.test"
        stopped = EndpointFactory(
            workspace=workspace, description="Lang" * 30, state="stopped", stopped_because="failing",
            address=f"https://{'lang' * 12}.example/{'pad' * 60}",
        )  # fmt: skip
        failed = DeliveryFactory(
            workspace=workspace, endpoint=stopped, state="failed", settled_at=now, created_at=now,
            payload='{"data":{"text":"' + "lang" * 60 + '"}}',
        )  # fmt: skip
        WebhookAttemptFactory(workspace=workspace, delivery=failed, status=500, answer="lang" * 100)
        screens = {
            "list": f"{base}/",
            "add": f"{base}/add/",
            "stopped": f"{base}/{stopped.pk}/",
            "delivery": f"{base}/deliveries/{failed.pk}/",
        }
        found = faults_of_all(page, screens, address=address, user_id=pim.user_id)

    assert not found, "\n".join(found)
    assert complaints == []
