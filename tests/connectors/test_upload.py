"""Channels of files: nothing is read, nothing is sent."""

from datetime import UTC, datetime

import pytest

from luister import connectors
from luister.base.connector import Account, OutboundPost, RawItem
from luister.base.errors import NotSentError, UnprocessableError
from luister.base.posts import Author

ACCOUNT = Account(1, "airport", {}, {})
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_nothing_comes_by_itself():
    fetched = connectors.get("upload").fetch(ACCOUNT, {"kept": 1})

    assert (fetched.items, fetched.cursor, fetched.more) == ((), {"kept": 1}, False)


def test_nothing_can_be_sent():
    upload = connectors.get("upload")
    post = OutboundPost(key="1", text="Hallo", public=True, recipient=Author("anna"), created_at=NOW)

    assert not upload.limits(ACCOUNT, public=True).can_send
    with pytest.raises(NotSentError) as refused:
        upload.send(ACCOUNT, post, deadline_seconds=1)
    assert (refused.value.reason.code, refused.value.permanent) == ("upload.cannot_send", True)
    assert upload.look_up(ACCOUNT, post) is None


def test_payload_is_refused():
    with pytest.raises(UnprocessableError):
        connectors.get("upload").parse(ACCOUNT, RawItem("1", b"", NOW))
