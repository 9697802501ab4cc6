"""What docs/howto/webhooks.md says is run: its receiver, and its signature made by hand."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from luister.base.clock import utc_now
from luister.webhooks.actions.sending import claim, deliver
from luister.webhooks.enums import GROUPS, DeliveryState, Kind
from luister.webhooks.models import Attempt
from tests import factories as make
from tests.factories import SECRET
from tests.whole.product import until

HOWTO = (Path(__file__).parents[2] / "docs" / "howto" / "webhooks.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", HOWTO, re.DOTALL | re.MULTILINE)


@pytest.fixture
def documented(monkeypatch, tmp_path):
    """The address of the receiver in the page, with our secret."""
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "WEBHOOK_SECRET": SECRET, "PORT": str(port)}
    (script,) = blocks("python")
    log = (tmp_path / "receiver.log").open("w+")
    running = subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=log, stderr=log)

    def listens():
        with socket.socket() as trying:
            return trying.connect_ex(("127.0.0.1", port)) == 0

    try:
        until(listens, "the receiver listens", seconds=30)
        yield environment, tmp_path / "receiver.log"
    finally:
        running.kill()
        running.wait()
        log.close()


@pytest.mark.django_db
def test_the_documented_receiver_takes_what_luister_sends_and_refuses_other_secrets(documented):
    environment, log = documented
    now = utc_now()
    endpoint = make.EndpointFactory(address=f"http://127.0.0.1:{environment['PORT']}/")
    stranger = make.EndpointFactory(address=endpoint.address, secrets=["whsec_" + "YWFh" * 8])
    for one in (endpoint, stranger):
        make.DeliveryFactory(workspace=one.workspace, endpoint=one, due_at=now)

    for lease in claim(most=8, most_struggling=4, now=now):
        deliver(lease, clock=lambda: now)

    statuses = dict(Attempt.objects.values_list("delivery__endpoint_id", "status"))
    assert statuses == {endpoint.pk: 204, stranger.pk: 400}
    assert endpoint.state == "on"
    assert Attempt.objects.get(status=204).delivery.state == DeliveryState.DELIVERED
    assert log.read_text().count("case.opened") == 1


def test_a_signature_made_by_hand_as_documented_is_accepted(documented, tmp_path):
    assert shutil.which("curl"), "curl is missing"
    assert shutil.which("openssl"), "openssl is missing"
    environment, log = documented
    (tmp_path / "body.json").write_text('{"type":"met.de.hand","data":{"naam":"Zoë"}}')

    subprocess.run(["sh", "-eu", "-c", "\n".join(blocks("sh"))], env=environment, cwd=tmp_path, check=True, timeout=60)

    assert "met.de.hand {'naam': 'Zoë'}" in log.read_text()


def test_every_kind_of_event_is_documented_and_on_the_form():
    documented = set(re.findall(r"`((?:case|post|reply|mention)\.[a-z_]+)`", HOWTO))

    assert documented == set(Kind.values)
    assert [kind for _, kinds in GROUPS for kind in kinds] == list(Kind)
