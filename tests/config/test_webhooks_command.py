"""`luister webhooks` lists, and tells again."""

import contextlib
import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from luister.base.clock import utc_now
from luister.config.cli import webhooks as command
from luister.webhooks.models import Delivery
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr(command, "database_at_hand", contextlib.nullcontext)

    def invoke(*arguments):
        return CliRunner().invoke(command.webhooks, arguments)

    return invoke


def test_webhooks_are_listed_with_what_they_were_told_and_told_again(run):
    now = utc_now()
    endpoint = make.EndpointFactory(description="CRM", address="https://ontvanger.example/?token=geheim")
    failed = make.DeliveryFactory(
        workspace=endpoint.workspace, endpoint=endpoint, state="failed", settled_at=now, created_at=now
    )
    make.WebhookAttemptFactory(workspace=endpoint.workspace, delivery=failed, status=500)
    make.DeliveryFactory(workspace=endpoint.workspace, endpoint=endpoint, state="delivered", settled_at=now)
    number = str(endpoint.pk)

    (listed,) = json.loads(run("list", "--json").output)["webhooks"]
    assert (listed["description"], listed["delivered"], listed["failed"]) == ("CRM", 1, 1)
    assert "geheim" not in listed["address"]
    assert "CRM" in run("list", "--workspace", endpoint.workspace.slug).output
    assert run("list", "--workspace", "nergens").output == "No webhooks.\n"
    (told,) = json.loads(run("deliveries", number, "--state", "failed", "--json").output)["deliveries"]
    assert (told["id"], told["attempts"], told["last"]) == (failed.pk, 1, "The receiver could not take it (500).")
    since = (now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    assert run("replay", number, "--since", since).output == "Told again: 1.\n"
    assert Delivery.objects.get(pk=failed.pk).state == "waiting"
    assert json.loads(run("replay", number, "--delivery", str(failed.pk), "--json").output)["replayed"] == 1


def test_a_number_that_is_none_and_a_replay_of_nothing_are_said(run):
    endpoint = make.EndpointFactory()

    assert f"there are: {endpoint.pk}." in str(run("deliveries", "999999").exception)
    assert "no longer there" in str(run("replay", str(endpoint.pk), "--delivery", "999999").exception)
    assert run("replay", str(endpoint.pk)).exit_code == 2
