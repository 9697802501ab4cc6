"""G-O5: a double click, a slow line or the back button sends once."""

import os
import random
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import httpx
import pytest
from django.conf import settings
from django.test import Client

from luister.accounts.enums import Role
from luister.channels.enums import Publicness
from luister.delivery.models import Outgoing
from luister.inbox.models import Reply
from tests.factories import ChannelFactory, MembershipFactory
from tests.inbox.helpers import said, take_in

MESSAGES = int(os.environ.get("LUISTER_TEST_SUBMITS", "50"))  # docs/measurements.md has a run with 1,000


def submit_again_and_again(product, *, messages, seed=5):
    """Post each reply two to five times to two web processes, and hang up early on three in ten.

    Returns:
        How many replies there are for the messages, and the statuses that were not a success.
    """
    member = MembershipFactory(role=Role.AGENT)
    channel = ChannelFactory(workspace=member.workspace, kind="practice", publicness=Publicness.PUBLIC, undo_seconds=60)
    cases = [take_in(said(f"p{n}"), channel=channel)[1].case for n in range(messages)]
    addresses = [product.start_web(), product.start_web()]
    client = Client()
    client.force_login(member.user, "allauth.account.auth_backends.AuthenticationBackend")
    token = "a" * 32
    cookies = {settings.SESSION_COOKIE_NAME: client.session.session_key, settings.CSRF_COOKIE_NAME: token}
    chance = random.Random(seed)
    posts = []
    for case in cases:
        form = {
            "text": f"Antwoord op {case.number}",
            "client_id": str(uuid4()),
            "seen_version": "1",
            "is_public": "1",
            "effect": "completed",
            "view": "inbox",
            "csrfmiddlewaretoken": token,
        }
        path = f"/w/{member.workspace.slug}/cases/{case.number}/reply/"
        times = chance.randint(2, 5)
        # At least one of them waits for the answer, as the person at the screen does.
        posts += [(chance.choice(addresses), path, form, n > 0 and chance.random() < 0.3) for n in range(times)]
    chance.shuffle(posts)
    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda post: _post(*post, cookies=cookies), posts))
    return (
        Reply.objects.count(),
        Outgoing.objects.count(),
        [status for status in statuses if status not in {200, 302, 303, None}],
    )


def _post(address, path, form, hangs_up, *, cookies):
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Referer": address}
    if not hangs_up:
        return httpx.post(f"{address}{path}", data=form, headers=headers, timeout=60).status_code
    body = urlencode(form).encode()
    lines = [f"POST {path} HTTP/1.1", f"Host: {urlsplit(address).netloc}", f"Content-Length: {len(body)}"]
    lines += [
        "Content-Type: application/x-www-form-urlencoded",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    with socket.create_connection(("127.0.0.1", urlsplit(address).port), timeout=60) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return None


@pytest.mark.django_db(transaction=True)
def test_a_reply_that_is_submitted_again_and_again_is_one_reply(product):
    replies, outgoing, failures = submit_again_and_again(product, messages=MESSAGES)

    assert failures == []
    assert (replies, outgoing) == (MESSAGES, MESSAGES)
