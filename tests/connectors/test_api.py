"""Channels of other programs: what was handed in becomes a post; nothing is read, nothing is sent."""

import json
from datetime import UTC, datetime

import pytest

from luister import connectors
from luister.base.connector import Account, OutboundPost, RawItem
from luister.base.errors import NotSentError, UnprocessableError
from luister.base.posts import Author

ACCOUNT = Account(1, "app", {}, {})
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def parse(**fields):
    said = {"external_id": "1", "kind": "post", "is_public": True, "text": "Hallo", "author": {"external_id": "anna"}}
    return connectors.get("api").parse(ACCOUNT, RawItem("1", json.dumps(said | fields).encode(), NOW))[0]


def test_what_was_handed_in_becomes_a_post():
    post = parse(posted_at="2026-11-21T09:00:00Z", parent_external_id="0", is_addressed=False, language="nl")

    assert (post.author, post.text, post.references) == (Author("anna"), "Hallo", ("0",))
    assert (post.addressed, post.language) == (False, "nl")
    assert post.posted_at == datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.mark.parametrize("at", [None, "2027-01-01T00:00:00Z"])
def test_moment_that_is_none_or_to_come_is_now(at):
    assert parse(posted_at=at).posted_at == NOW


def test_payload_of_another_form_is_refused():
    with pytest.raises(UnprocessableError):
        connectors.get("api").parse(ACCOUNT, RawItem("1", b"{}", NOW))


def test_nothing_is_read_and_nothing_can_be_sent():
    api = connectors.get("api")

    assert api.fetch(ACCOUNT, {"kept": 1}).items == ()
    assert not api.limits(ACCOUNT, public=True).can_send
    post = OutboundPost(key="1", text="Hallo", public=True, recipient=Author("anna"), created_at=NOW)
    with pytest.raises(NotSentError):
        api.send(ACCOUNT, post, deadline_seconds=1)
    assert api.look_up(ACCOUNT, post) is None
