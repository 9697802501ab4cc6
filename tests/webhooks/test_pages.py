"""The pages of webhooks: added with a secret that is shown once, refused with a reason, opened, told again."""

from datetime import timedelta

import pytest
from django.urls import reverse

from luister.accounts.models import AuditEntry
from luister.base.clock import utc_now
from luister.webhooks.enums import Kind
from luister.webhooks.models import Delivery, Endpoint
from luister.webhooks.secrets import unseal
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    member = make.MembershipFactory(role="administrator", user__language="en")
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return member


def address_of(member, name, *args):
    return reverse(f"webhooks:{name}", args=[member.workspace.slug, *args])


def text_of(response):
    return response.content.decode()


def filled(receiver, **fields):
    return {"address": receiver.address, "description": "CRM", "kinds": [Kind.CASE_OPENED], **fields}


def test_an_added_webhook_shows_its_secret_once_and_keeps_it_sealed(client, administrator, receiver):
    assert "No webhooks yet" in text_of(client.get(address_of(administrator, "webhooks")))

    shown = text_of(client.post(address_of(administrator, "add"), filled(receiver)))

    endpoint = Endpoint.objects.get()
    (secret,) = unseal(endpoint.sealed_secrets, endpoint_id=endpoint.pk)
    assert secret.startswith("whsec_")
    assert secret in shown
    for name, args in (("webhook", [endpoint.pk]), ("change", [endpoint.pk]), ("webhooks", [])):
        assert secret not in text_of(client.get(address_of(administrator, name, *args)))
    entry = AuditEntry.objects.get(verb="webhook.made")
    assert secret not in str(entry.detail)
    again = text_of(client.post(address_of(administrator, "rotate", endpoint.pk)))
    endpoint.refresh_from_db()
    newest, former = unseal(endpoint.sealed_secrets, endpoint_id=endpoint.pk)
    assert former == secret
    assert newest in again


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("https://10.0.0.1/", "leads to an address inside this network"),
        ("https://127.0.0.1:99999/", "is not allowed"),
        ("https://93.184.216.34:22/", "is no port of a web server"),
        ("https://2130706433/", "is not a valid host name"),
        ("https://user:pw@example.org/", "is no web address"),
        ("http://169.254.169.254/latest", "leads to an address inside this network"),
        ("http://93.184.216.34/", "begins with https://"),
        ("ftp://example.org/", "is no web address"),
        ("gewoon wat", "is no web address"),
    ],
)
def test_an_address_that_may_not_be_told_anything_is_refused_with_the_reason(client, administrator, address, sentence):
    response = client.post(address_of(administrator, "add"), {"address": address, "kinds": [Kind.CASE_OPENED]})

    assert response.status_code == 422
    assert sentence in text_of(response)
    assert not Endpoint.objects.exists()


def test_no_kinds_and_unknown_kinds_are_refused(client, administrator, receiver):
    for kinds in ([], ["case.exploded"]):
        response = client.post(address_of(administrator, "add"), filled(receiver, kinds=kinds))
        assert response.status_code == 422
    assert not Endpoint.objects.exists()


def test_a_webhook_is_changed_tested_switched_and_removed(client, administrator, receiver):
    endpoint = make.EndpointFactory(workspace=administrator.workspace, description="Oud")

    client.post(address_of(administrator, "change", endpoint.pk), filled(receiver, with_private="on"))
    endpoint.refresh_from_db()
    assert (endpoint.address, endpoint.description) == (receiver.address, "CRM")
    assert (endpoint.kinds, endpoint.private_by) == ([Kind.CASE_OPENED], administrator)
    client.post(address_of(administrator, "send_test", endpoint.pk))
    assert Delivery.objects.get().kind == "webhook.test"
    client.post(address_of(administrator, "switch_off", endpoint.pk))
    off = client.post(address_of(administrator, "send_test", endpoint.pk), follow=True)
    assert "Switch it on first" in text_of(off)
    make.EventFactory(workspace=administrator.workspace)
    client.post(address_of(administrator, "switch_on", endpoint.pk))
    endpoint.refresh_from_db()
    assert endpoint.state == "on"
    assert endpoint.after_event_id > 0
    client.post(address_of(administrator, "delete", endpoint.pk))
    assert not Endpoint.objects.exists()
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert verbs == {"webhook.changed", "webhook.switched_off", "webhook.switched_on", "webhook.deleted"}
    assert "webhook." not in text_of(client.get(reverse("accounts:audit", args=[administrator.workspace.slug])))


@pytest.mark.parametrize(
    ("field", "sentence"),
    [("sending_stopped_at", "Sending is stopped in this"), ("outbound_locked_at", "Sending is locked in this")],
)
def test_a_webhook_that_waits_says_what_it_waits_for(client, administrator, field, sentence):
    endpoint = make.EndpointFactory(workspace=administrator.workspace)
    setattr(administrator.workspace, field, utc_now())
    administrator.workspace.save()

    assert sentence in text_of(client.get(address_of(administrator, "webhook", endpoint.pk)))


def test_a_delivery_shows_what_was_sent_and_answered_and_is_told_again(client, administrator):
    endpoint = make.EndpointFactory(workspace=administrator.workspace)
    delivery = make.DeliveryFactory(
        workspace=endpoint.workspace, endpoint=endpoint, state="failed", settled_at=utc_now(),
        payload='{"data":{"naam":"Zoë <b>"}}',
    )  # fmt: skip
    make.WebhookAttemptFactory(
        workspace=endpoint.workspace, delivery=delivery, status=500, answer="<script>au</script>"
    )
    make.WebhookAttemptFactory(
        workspace=endpoint.workspace, delivery=delivery, status=None,
        reason_code="http.unreachable", reason_values={"host": "ontvanger.example"},
    )  # fmt: skip

    opened = text_of(client.get(address_of(administrator, "delivery", delivery.pk)))
    assert "Zoë &lt;b&gt;" in opened
    assert "&lt;script&gt;au" in opened
    assert "The receiver could not take it (500)." in opened
    assert "ontvanger.example does not accept connections" in opened
    since = (utc_now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    told = client.post(address_of(administrator, "replay_failed", endpoint.pk), {"since": since}, follow=True)
    assert "1 delivery is made again." in text_of(told)
    delivery.refresh_from_db()
    assert delivery.state == "waiting"
    bad = client.post(address_of(administrator, "replay_failed", endpoint.pk), {"since": "gisteren"}, follow=True)
    assert "Enter a date and a time." in text_of(bad)


def test_lists_ask_as_much_for_fifty_as_for_one(client, administrator, django_assert_max_num_queries):
    endpoint = make.EndpointFactory(workspace=administrator.workspace)
    pages = (address_of(administrator, "webhooks"), address_of(administrator, "webhook", endpoint.pk))

    def counts():
        found = []
        for page in pages:
            with django_assert_max_num_queries(14) as asked:
                client.get(page)
            found.append(len(asked))
        return found

    def one_more():
        delivery = make.DeliveryFactory(workspace=endpoint.workspace, endpoint=endpoint)
        make.WebhookAttemptFactory(workspace=endpoint.workspace, delivery=delivery)

    one_more()
    of_one = counts()
    for _ in range(49):
        one_more()
        make.EndpointFactory(workspace=administrator.workspace)

    assert counts() == of_one


def test_deliveries_are_filtered_and_paged(client, administrator):
    endpoint = make.EndpointFactory(workspace=administrator.workspace)
    page = address_of(administrator, "webhook", endpoint.pk)
    for number in range(51):
        make.DeliveryFactory(
            workspace=endpoint.workspace, endpoint=endpoint, message_id=f"msg_nummer_{number:03}",
            state="failed" if number == 7 else "delivered",
        )  # fmt: skip

    first = text_of(client.get(page))
    assert "msg_nummer_050" in first
    assert "msg_nummer_000" not in first
    oldest = Delivery.objects.get(message_id="msg_nummer_001")
    assert f"?before={oldest.pk}" in first
    assert "msg_nummer_000" in text_of(client.get(page, {"before": oldest.pk}))
    failed = text_of(client.get(page, {"state": "failed"}))
    assert ("msg_nummer_007" in failed, "msg_nummer_008" in failed) == (True, False)
    assert "No delivery is like that." in text_of(
        client.get(page, {"kind": "webhook.test", "state": "x", "before": "x"})
    )
