"""What is sent, and what follows from each outcome."""

import json
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.conf import settings as product
from django.core import mail
from standardwebhooks import Webhook, WebhookVerificationError

from luister.accounts.models import AuditEntry, Workspace
from luister.base import metrics
from luister.base.clock import utc_now
from luister.queue import collecting
from luister.webhooks.actions import endpoints, upkeep
from luister.webhooks.actions.sending import AT_ONCE, SCHEDULE, claim, deliver
from luister.webhooks.deliver import look
from luister.webhooks.enums import DeliveryState, EndpointState, Kind
from luister.webhooks.models import Attempt, Delivery
from tests import factories as make
from tests.factories import SECRET
from tests.raw_server import closed_port
from tests.webhooks.receiver import running_receiver

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return utc_now()


def send(now, *, most=8):
    """Try what is due at this moment, and return how much that was."""
    leases = claim(most=most, most_struggling=4, now=now)
    for lease in leases:
        deliver(lease, clock=lambda: now)
    return len(leases)


def counted(outcome):
    return metrics.PROCESS.get_sample_value("luister_webhook_attempts_total", {"outcome": outcome}) or 0


def new_delivery(receiver, now, **fields):
    endpoint = fields.pop("endpoint", None) or make.EndpointFactory(address=receiver.address)
    return make.DeliveryFactory(workspace=endpoint.workspace, endpoint=endpoint, due_at=now, created_at=now, **fields)


def test_a_delivery_is_signed_so_that_the_library_of_the_specification_accepts_it(receiver, now):
    receiver.status, receiver.answer = 200, b"dank"
    delivery = new_delivery(receiver, now, payload='{"type":"case.opened","data":{"naam":"Zoë"}}')

    before = counted("delivered")
    assert send(now) == 1
    assert send(now) == 0

    (got,) = receiver.got
    assert counted("delivered") == before + 1
    assert Webhook(SECRET).verify(got.body, got.headers) == {"type": "case.opened", "data": {"naam": "Zoë"}}
    assert got.headers["content-type"] == "application/json"
    assert got.headers["webhook-id"] == delivery.message_id
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "YWFh" * 8).verify(got.body, got.headers)
    delivery.refresh_from_db()
    attempt = Attempt.objects.get()
    assert (delivery.state, attempt.status, attempt.answer) == (DeliveryState.DELIVERED, 200, "dank")


def test_for_a_day_after_a_new_secret_both_verify(receiver, now):
    administrator = make.MembershipFactory(role="administrator")
    endpoint = make.EndpointFactory(workspace=administrator.workspace, address=receiver.address)
    _, secret = endpoints.rotate_secret(endpoint.pk, by=administrator, now=now - 23 * HOUR)
    new_delivery(receiver, now, endpoint=endpoint)
    send(now)
    endpoint.refresh_from_db()
    endpoint.rotated_at = now - 24 * HOUR
    endpoint.save()
    new_delivery(receiver, now, endpoint=endpoint)
    send(now)

    first, second = receiver.got
    for known in (SECRET, secret):
        Webhook(known).verify(first.body, first.headers)
    Webhook(secret).verify(second.body, second.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(second.body, second.headers)
    assert secret.encode() not in bytes(endpoint.sealed_secrets)


def test_what_fails_is_tried_ten_times_by_the_schedule_under_one_id(receiver, now):
    receiver.status = 500
    delivery = new_delivery(receiver, now)
    pauses = []

    moment = now
    with collecting():
        while delivery.state == DeliveryState.WAITING:
            assert send(moment) == 1
            delivery.refresh_from_db()
            pauses.append(delivery.due_at - moment)
            moment = delivery.due_at

    assert len(receiver.got) == 10
    assert set(receiver.ids()) == {delivery.message_id}
    assert delivery.state == DeliveryState.FAILED
    for pause, planned in zip(pauses, SCHEDULE, strict=False):
        assert planned <= pause <= planned * 1.1
    timestamps = {got.headers["webhook-timestamp"] for got in receiver.got}
    assert len(timestamps) == 10


def test_a_receiver_that_is_gone_is_switched_off_and_administrators_are_told(receiver, now):
    receiver.status = 410
    administrator = make.MembershipFactory(role="administrator", user__language="nl")
    make.MembershipFactory(role="agent", workspace=administrator.workspace)
    endpoint = make.EndpointFactory(workspace=administrator.workspace, address=receiver.address, description="CRM")
    new_delivery(receiver, now, endpoint=endpoint)
    waiting = new_delivery(receiver, now, endpoint=endpoint)

    with collecting() as jobs:
        send(now, most=1)
        assert send(now + HOUR) == 0
    endpoint.refresh_from_db()
    for job in jobs:
        upkeep.tell_stopped(**job.arguments)

    assert (endpoint.state, endpoint.stopped_because) == (EndpointState.STOPPED, "gone")
    assert [message.to for message in mail.outbox] == [[administrator.user.email]]
    assert "CRM" in mail.outbox[0].body
    assert AuditEntry.objects.get(verb="webhook.stopped").workspace == administrator.workspace
    receiver.status = 200
    endpoints.switch_on(endpoint.pk, by=administrator, now=now + HOUR)
    assert send(now + HOUR) == 1
    waiting.refresh_from_db()
    assert waiting.state == DeliveryState.DELIVERED


def test_three_days_of_nothing_but_failures_switch_off_and_one_success_begins_anew(receiver, now):
    endpoint = make.EndpointFactory(address=receiver.address, failing_since=now - timedelta(days=2, hours=23))
    receiver.status = 500
    new_delivery(receiver, now, endpoint=endpoint)

    with collecting() as jobs:
        send(now)
        endpoint.refresh_from_db()
        assert endpoint.state == EndpointState.ON
        receiver.status = 200
        new_delivery(receiver, now, endpoint=endpoint)
        send(now)
        endpoint.refresh_from_db()
        assert (endpoint.failing_since, endpoint.failures) == (None, 0)
        receiver.status = 500
        endpoint.failing_since = now - timedelta(days=3)
        endpoint.save()
        new_delivery(receiver, now, endpoint=endpoint)
        send(now)
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.stopped_because) == (EndpointState.STOPPED, "failing")
    assert [job.name for job in jobs] == ["webhooks.tell_stopped"]


@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_us_to_wait_is_left_alone_that_long_with_everything(receiver, now, status):
    receiver.status, receiver.headers = status, {"Retry-After": "3600"}
    delivery = new_delivery(receiver, now)
    send(now)
    new_delivery(receiver, now, endpoint=delivery.endpoint)

    assert send(now + timedelta(minutes=59)) == 0
    delivery.refresh_from_db()
    assert delivery.due_at >= now + HOUR
    assert send(now + timedelta(minutes=61)) == 2


def test_redirects_are_not_followed_and_long_answers_cut(receiver, now):
    receiver.status, receiver.headers = 302, {"Location": receiver.address + "/elders"}
    receiver.answer = b"a" * 70_000 + b"\x00"
    delivery = new_delivery(receiver, now)

    send(now)

    assert [got.path for got in receiver.got] == ["/luister"]
    attempt = Attempt.objects.get()
    assert (attempt.status, len(attempt.answer), attempt.is_cut) == (302, 65_536, True)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.WAITING


def test_an_address_that_leads_inside_is_refused_when_sending_too(receiver, now, monkeypatch):
    monkeypatch.delenv("LUISTER_ALLOW_HOSTS")
    new_delivery(receiver, now)

    send(now)

    assert receiver.got == []
    assert (Attempt.objects.get().status, Attempt.objects.get().reason_code) == (None, "http.blocked_address")


def test_a_dead_endpoint_is_tried_seldom_and_holds_no_other_up(receiver, now):
    with closed_port() as port:
        dead = make.EndpointFactory(address=f"http://127.0.0.1:{port}/")
        for _ in range(100):
            new_delivery(receiver, now, endpoint=dead)
        alive = new_delivery(receiver, now)
        send(now)
        alive.refresh_from_db()
        assert alive.state == DeliveryState.DELIVERED
        # It refuses each time: in an hour a hundred waiting deliveries make some dozens of tries, not thousands.
        moment, before = now, Attempt.objects.filter(delivery__endpoint=dead).count()
        while moment < now + HOUR:
            moment += timedelta(seconds=30)
            send(moment)
        assert Attempt.objects.filter(delivery__endpoint=dead).count() - before <= 2 * 12 + 20
    assert before <= 4


def test_endpoints_take_turns_and_those_that_struggle_get_half_of_the_threads(now):
    eager, slow = make.EndpointFactory(), make.EndpointFactory(is_slow=True)
    others = [make.EndpointFactory(is_slow=True) for _ in range(3)]
    for endpoint in (eager, slow, *others):
        for _ in range(10):
            make.DeliveryFactory(workspace=endpoint.workspace, endpoint=endpoint, due_at=now)

    leases = claim(most=8, most_struggling=4, now=now)
    again = claim(most=8, most_struggling=0, now=now)

    ids = [Delivery.objects.get(pk=lease.delivery_id).endpoint_id for lease in leases]
    assert ids.count(eager.pk) == 4
    assert sorted(pk for pk in ids if pk != eager.pk) == sorted(one.pk for one in (slow, *others))
    assert again == []


def test_a_lease_that_ended_is_somebody_elses_and_late_results_are_dropped(receiver, now):
    delivery = new_delivery(receiver, now)
    (lost,) = claim(most=8, most_struggling=4, now=now)
    assert claim(most=8, most_struggling=4, now=now) == []
    later = now + timedelta(seconds=2 * product.LUISTER_WEBHOOK_SECONDS)

    assert send(later) == 1
    deliver(lost, clock=lambda: now)

    assert receiver.ids() == [delivery.message_id]
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize("name", ["sending_stopped_at", "outbound_locked_at"])
def test_nothing_leaves_a_workspace_whose_sending_is_stopped_or_locked(receiver, now, name):
    delivery = new_delivery(receiver, now)
    Workspace.objects.filter(pk=delivery.workspace_id).update(**{name: now})

    assert send(now) == 0


def test_what_failed_since_a_moment_is_delivered_again_under_the_same_id(receiver, now):
    administrator = make.MembershipFactory(role="administrator")
    endpoint = make.EndpointFactory(workspace=administrator.workspace, address=receiver.address)
    for hours in (1, 5):
        new_delivery(
            receiver, now, endpoint=endpoint, state="failed", settled_at=now - hours * HOUR, message_id=f"msg_{hours}"
        )

    assert endpoints.replay_failed(endpoint.pk, since=now - 2 * HOUR, by=administrator, now=now) == 1
    assert send(now) == 1
    assert receiver.ids() == ["msg_1"]
    delivered = Delivery.objects.get(message_id="msg_1")
    assert endpoints.replay(delivered.pk, by=administrator, now=now)
    send(now)
    assert receiver.ids() == ["msg_1", "msg_1"]


def test_a_test_event_is_sent_at_once_and_not_tried_again(receiver, now):
    administrator = make.MembershipFactory(role="administrator")
    endpoint = make.EndpointFactory(
        workspace=administrator.workspace, address=receiver.address, kinds=[Kind.CASE_OPENED]
    )
    receiver.status = 500

    delivery = endpoints.send_test(endpoint.pk, by=administrator, now=now)
    send(now)

    delivery.refresh_from_db()
    assert receiver.got[0].said["type"] == "webhook.test"
    assert delivery.state == DeliveryState.FAILED
    assert json.loads(delivery.payload)["data"]["by"]["name"] == administrator.user.name


def test_what_is_older_than_thirty_days_is_forgotten(now):
    for days in (29, 31):
        delivery = make.DeliveryFactory(created_at=now - timedelta(days=days), state="delivered")
        make.WebhookAttemptFactory(workspace=delivery.workspace, delivery=delivery)

    assert upkeep.forget_old(now=now) == 1
    assert Attempt.objects.count() == 1


def test_private_content_that_waits_stays_here_once_nobody_answers_for_it(receiver, now):
    member = make.MembershipFactory(role="administrator")
    endpoint = make.EndpointFactory(workspace=member.workspace, address=receiver.address, private_by=member)
    for _ in range(2):
        new_delivery(receiver, now, endpoint=endpoint, payload='{"text":"kanarie"}', withheld_payload='{"text":null}')
    send(now, most=1)
    member.is_active = False
    member.save()
    send(now, most=1)

    assert [got.said["text"] for got in receiver.got] == ["kanarie", None]
    Webhook(SECRET).verify(receiver.got[1].body, receiver.got[1].headers)


@pytest.mark.django_db(transaction=True)
def test_an_endpoint_that_hangs_holds_no_other_up(receiver, now, settings):
    """With the real threads: sixteen deliveries to one that hangs to the end, and twenty to one that answers."""
    settings.LUISTER_WEBHOOK_SECONDS = 60.0  # longer than this takes on the slowest machine: nobody gives the first up
    answers = threading.Event()
    with running_receiver() as hanging, ThreadPoolExecutor(8) as pool, ExitStack() as at_the_end:
        at_the_end.callback(answers.set)
        hanging.hangs_until = answers
        stuck, quick = (make.EndpointFactory(address=one.address) for one in (hanging, receiver))
        for endpoint, number in ((stuck, 16), (quick, 20)):
            for _ in range(number):
                new_delivery(receiver, now, endpoint=endpoint)
        under_way = {}
        ends_at = time.monotonic() + 50
        while len(receiver.got) < 20 and time.monotonic() < ends_at:
            look(pool, under_way)
            wait(under_way, timeout=0.2, return_when=FIRST_COMPLETED)

        assert len(receiver.got) == 20
        assert len(hanging.got) <= AT_ONCE
        assert Attempt.objects.filter(delivery__endpoint=stuck).count() == 0
