"""Channels of streams: workers read nothing there, and nothing can be sent."""

from datetime import UTC, datetime

import pytest

from luister import connectors
from luister.base.connector import Account, OutboundPost, RawItem
from luister.base.errors import ConnectorError, NotSentError, UnprocessableError
from luister.base.posts import Author

ACCOUNT = Account(1, "127.0.0.1:4222/POSTS", {"address": "nats://127.0.0.1/POSTS"}, {})
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_nothing_is_read_by_a_worker():
    fetched = connectors.get("stream").fetch(ACCOUNT, {"kept": 1})

    assert (fetched.items, fetched.cursor, fetched.more) == ((), {"kept": 1}, False)


def test_payload_is_left_to_matchers():
    with pytest.raises(UnprocessableError):
        connectors.get("stream").parse(ACCOUNT, RawItem("1", b"", NOW))


def test_nothing_can_be_sent():
    stream = connectors.get("stream")
    post = OutboundPost(key="1", text="Hallo", public=True, recipient=Author("anna"), created_at=NOW)

    assert not stream.limits(ACCOUNT, public=True).can_send
    with pytest.raises(NotSentError) as refused:
        stream.send(ACCOUNT, post, deadline_seconds=1)
    assert (refused.value.reason.code, refused.value.permanent) == ("stream.no_sending", True)
    assert stream.look_up(ACCOUNT, post) is None


def test_check_refuses_an_address_that_is_none():
    with pytest.raises(ConnectorError) as refused:
        connectors.get("stream").check(Account(1, "", {"address": "nats://127.0.0.1"}, {}))

    assert refused.value.reason.code == "stream.no_name"
