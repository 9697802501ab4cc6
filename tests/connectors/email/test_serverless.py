"""The demo's mailbox has no servers: nothing is fetched, and what is sent is accepted and stays here."""

import threading
from datetime import UTC, datetime

from luister.base.connector import Account, Fetched, Idempotency, OutboundPost
from luister.base.posts import Author
from luister.connectors.email import CONNECTOR

US = Account(1, "service@waterland.example", {"address": "service@waterland.example", "serverless": "true"}, {})


def test_serverless_mailbox_reads_nothing():
    stop = threading.Event()
    stop.set()

    CONNECTOR.check(US)
    CONNECTOR.wait(US, timeout_seconds=60, stop=stop)

    assert CONNECTOR.fetch(US, {"uid": 1}) == Fetched((), {"uid": 1})


def test_serverless_mailbox_accepts_what_is_sent_and_names_it_by_its_key():
    post = OutboundPost(
        key="0d6a4c1d-9a10-4e0b-9c69-5d2f1b1e7f5a",
        text="Kom gerust langs.",
        public=False,
        recipient=Author("corrie@post.example"),
        created_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        subject="Re: Vliegen",
    )

    receipt = CONNECTOR.send(US, post, deadline_seconds=1)

    assert receipt.external_id == f"<{post.key}@waterland.example>"
    assert CONNECTOR.idempotency(US) is Idempotency.KEY
