"""Webhooks by token: made with a secret that is given once, changed, switched, and what they were told, again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from luister.accounts.models import AuditEntry
from luister.api.models import KeptAnswer
from luister.base.clock import utc_now
from luister.webhooks.models import Delivery, Endpoint
from luister.webhooks.secrets import unseal
from tests import factories as make
from tests.api.test_gate import problem

pytestmark = pytest.mark.django_db
WISH = {"address": "http://127.0.0.1:9000/luister", "kinds": ["case.opened", "case.opened"], "description": "CRM"}


@pytest.fixture(autouse=True)
def _may_reach_this_machine(monkeypatch):
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1")


def secrets_of(endpoint):
    return unseal(endpoint.sealed_secrets, endpoint_id=endpoint.pk)


def test_secret_is_given_once_and_kept_nowhere(app):
    made = app.post("/webhooks", WISH, Idempotency_Key="w-1")
    again = app.post("/webhooks", WISH, Idempotency_Key="w-1")

    assert made.status_code == 201, made.content
    endpoint = Endpoint.objects.get()
    secret = made.json()["secret"]
    assert [secret] == secrets_of(endpoint)
    assert again.json() == made.json() | {"secret": None}
    place = f"/webhooks/{endpoint.pk}"
    assert made.headers["Location"] == f"/api/v1{place}"
    assert app.get(place).json() == {name: told for name, told in made.json().items() if name != "secret"}
    assert made.json()["kinds"] == ["case.opened"]
    renewed = app.post(f"{place}/secret", Idempotency_Key="w-2").json()["secret"]
    endpoint.refresh_from_db()
    assert secrets_of(endpoint) == [renewed, secret]
    assert not [one for one in KeptAnswer.objects.all() if "whsec_" in one.content]
    assert AuditEntry.objects.get(verb="webhook.made").user_id == app.member.user_id


def test_webhook_is_changed_switched_and_deleted_as_of_a_version(app):
    made = app.post("/webhooks", WISH)
    place, version = f"/webhooks/{made.json()['id']}", made.headers["ETag"]

    changed = app.ask("PUT", place, WISH | {"description": "Chat", "with_private": True}, If_Match=version)

    assert (changed.json()["description"], changed.json()["sends_private"]) == ("Chat", True)
    assert changed.json()["private_by"]["id"] == app.member.user_id
    problem(app.ask("PUT", place, WISH, If_Match=version), 409, "version_conflict")
    off = app.post(f"{place}/off")
    assert off.json()["state"] == "off"
    refused = problem(app.post(f"{place}/test", Accept_Language="en"), 422, "refused")
    assert refused["detail"] == "This webhook is off. Switch it on first."
    on = app.post(f"{place}/on")
    assert on.json()["state"] == "on"
    assert app.post(f"{place}/test").json()["kind"] == "webhook.test"
    problem(app.ask("DELETE", place, If_Match=off.headers["ETag"]), 409, "version_conflict")
    assert app.ask("DELETE", place, If_Match=on.headers["ETag"]).status_code == 204
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "code", "at"),
    [
        ({"address": "https://10.0.0.1/"}, "refused", ""),
        ({"address": "gewoon wat"}, "refused", ""),
        ({"kinds": []}, "invalid", "body.kinds"),
        ({"kinds": ["case.exploded"]}, "invalid", "body.kinds.0"),
        ({"secret": "whsec_x"}, "unknown_field", "body.secret"),
    ],
)
def test_wish_that_cannot_be_is_refused_with_the_reason(app, wrong, code, at):
    told = problem(app.post("/webhooks", WISH | wrong), 422, code)

    assert told["detail"]
    assert [one["at"] for one in told.get("errors", [])] == ([at] if at else [])
    assert not Endpoint.objects.exists()


def test_deliveries_are_read_and_made_again(app, lead):
    endpoint = make.EndpointFactory(workspace=lead.workspace)
    delivery = make.DeliveryFactory(
        workspace=lead.workspace, endpoint=endpoint, state="failed", settled_at=utc_now(), payload='{"naam":"Zoë"}'
    )
    make.WebhookAttemptFactory(workspace=lead.workspace, delivery=delivery, status=500, answer="au")
    place = f"/webhooks/{endpoint.pk}/deliveries"

    told = app.get(f"{place}/{delivery.pk}", Accept_Language="en").json()
    assert (told["payload"], told["state"], told["due_at"]) == ({"naam": "Zoë"}, "failed", None)
    assert [(one["status"], one["answer"], one["says"]) for one in told["tried"]] == [
        (500, "au", "The receiver could not take it (500).")
    ]
    [row] = app.get(f"{place}?state=failed&kind=case.opened").json()["rows"]
    assert (row["id"], row["attempts"], row["last"]["status"]) == (delivery.pk, 1, 500)
    assert app.get(f"{place}?state=delivered").json()["rows"] == []
    other = make.EndpointFactory(workspace=lead.workspace)
    problem(app.post(f"/webhooks/{other.pk}/deliveries/{delivery.pk}/replay"), 404, "not_found")
    assert app.post(f"{place}/{delivery.pk}/replay").json()["state"] == "waiting"
    Delivery.objects.update(leased_until=utc_now().replace(year=9000))
    problem(app.post(f"{place}/{delivery.pk}/replay"), 409, "conflict")
    Delivery.objects.update(state="failed", settled_at=utc_now(), leased_until=None)
    since = utc_now().replace(year=2020).isoformat()
    assert app.post(f"/webhooks/{endpoint.pk}/replay", {"since": since}).json() == {"count": 1}


def test_lists_ask_as_often_for_fifty_rows_as_for_one_and_page_without_gaps(app, lead):
    endpoint = make.EndpointFactory(workspace=lead.workspace)
    counts = []
    for many in (1, 49):
        for _ in range(many):
            make.EndpointFactory(workspace=lead.workspace)
            delivery = make.DeliveryFactory(workspace=lead.workspace, endpoint=endpoint)
            make.WebhookAttemptFactory(workspace=lead.workspace, delivery=delivery)
        for path in ("/webhooks", f"/webhooks/{endpoint.pk}/deliveries"):
            with CaptureQueriesContext(connection) as asked:
                assert app.get(f"{path}?limit=200").status_code == 200
            counts.append(len(asked))
    assert counts[:2] == counts[2:]

    for path in ("/webhooks", f"/webhooks/{endpoint.pk}/deliveries"):
        every = [row["id"] for row in app.get(f"{path}?limit=200").json()["rows"]]
        seen, cursor = [], ""
        while cursor is not None:
            page = app.get(f"{path}?limit=20{f'&cursor={cursor}' if cursor else ''}").json()
            seen += [row["id"] for row in page["rows"]]
            cursor = page["next_cursor"]
        assert len(every) >= 50
        assert seen == every, path
