"""What docs/howto/webhooks.md and its Dutch page say is run: receiver, and signature made by hand."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from luister.base.clock import utc_now
from luister.inbox.actions.changes import assign
from luister.webhooks.actions.following import follow
from luister.webhooks.actions.sending import claim, deliver
from luister.webhooks.enums import GROUPS, DeliveryState, Kind, Source
from luister.webhooks.models import Attempt, Delivery
from tests import factories as make
from tests.factories import NOW, SECRET
from tests.whole.product import until

HOWTO = Path(__file__).parents[2] / "docs" / "howto"
PAGES = ("webhooks.md", "webhooks-nl.md")


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", (HOWTO / page).read_text(), re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Documented:
    """The receiver of a page, as it runs with our secret."""

    page: str
    environment: dict[str, str]
    log: Path


@pytest.fixture(scope="module", params=PAGES)
def documented(request, tmp_path_factory):
    """The receiver of each page, started once."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "WEBHOOK_SECRET": SECRET, "PORT": str(port)}
    (script,) = blocks(request.param, "python")
    path = tmp_path_factory.mktemp("receiver") / "log"
    with path.open("w") as log:
        running = subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=log, stderr=log)

    def listens():
        with socket.socket() as trying:
            return trying.connect_ex(("127.0.0.1", port)) == 0

    try:
        until(listens, "the receiver listens", seconds=30)
        yield Documented(request.param, environment, path)
    finally:
        running.kill()
        running.wait()


@pytest.mark.django_db
def test_the_documented_receiver_takes_what_luister_sends_and_refuses_other_secrets(documented, monkeypatch):
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1")
    now = utc_now()
    endpoint = make.EndpointFactory(address=f"http://127.0.0.1:{documented.environment['PORT']}/")
    stranger = make.EndpointFactory(address=endpoint.address, secrets=["whsec_" + "YWFh" * 8])
    for one in (endpoint, stranger):
        make.DeliveryFactory(workspace=one.workspace, endpoint=one, due_at=now)

    for lease in claim(most=8, most_struggling=4, now=now):
        deliver(lease, clock=lambda: now)

    statuses = dict(Attempt.objects.values_list("delivery__endpoint_id", "status"))
    assert statuses == {endpoint.pk: 204, stranger.pk: 400}
    assert endpoint.state == "on"
    assert Attempt.objects.get(status=204).delivery.state == DeliveryState.DELIVERED
    assert documented.log.read_text().count("case.opened") == 1


def test_a_signature_made_by_hand_as_documented_is_accepted(documented, tmp_path):
    assert shutil.which("curl"), "curl is missing"
    assert shutil.which("openssl"), "openssl is missing"
    (tmp_path / "body.json").write_text('{"type":"met.de.hand","data":{"naam":"Zoë"}}')

    by_hand = "\n".join(blocks(documented.page, "sh"))
    subprocess.run(["sh", "-eu", "-c", by_hand], env=documented.environment, cwd=tmp_path, check=True, timeout=60)

    assert "met.de.hand {'naam': 'Zoë'}" in documented.log.read_text()


def fields(sent):
    return {name: fields(value) for name, value in sent.items()} if isinstance(sent, dict) else None


@pytest.mark.django_db
def test_the_examples_have_the_fields_that_are_sent():
    member = make.MembershipFactory(role="lead")
    channel = make.ChannelFactory(workspace=member.workspace)
    case = make.CaseFactory(workspace=member.workspace, channel=channel)
    make.EndpointFactory(workspace=member.workspace, kinds=[Kind.CASE_ASSIGNED])
    assign(case.pk, to=member.user, by=member, now=NOW)
    follow(Source.EVENT, now=NOW)

    sent = fields(json.loads(Delivery.objects.get().payload))
    for page in PAGES:
        (example,) = blocks(page, "json")
        assert fields(json.loads(example)) == sent, page


@pytest.mark.parametrize("page", PAGES)
def test_every_kind_of_event_is_documented_and_on_the_form(page):
    documented = set(re.findall(r"`((?:case|post|reply|mention)\.[a-z_]+)`", (HOWTO / page).read_text()))

    assert documented == set(Kind.values)
    assert [kind for _, kinds in GROUPS for kind in kinds] == list(Kind)
