"""Posts that other programs hand in through the API: nothing to read, and nothing that can be sent."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from luister.base.connector import Account, Field, RawItem
from luister.base.errors import UnprocessableError
from luister.base.listening import ListeningConnector
from luister.base.posts import Author, InboundPost, Kind

__all__ = ["CONNECTOR", "REASONS"]

REASONS: dict[str, str] = {
    "api.cannot_send": "These posts were handed in by another program: nothing can be sent from here.",
    "api.unreadable": "This is not as the API stores what is handed in.",
}
_AUTHOR = frozenset(field.name for field in fields(Author))


class ApiConnector(ListeningConnector):
    """Keeps to the contract; what is in these channels, other programs put there."""

    kind = "api"
    label = "API"
    fields = (Field("handle"),)
    publicness = "both"
    no_sending = "api.cannot_send"

    def check(self, account: Account) -> None:
        """There is nothing that could fail."""

    def parse(self, account: Account, item: RawItem) -> tuple[InboundPost, ...]:
        """Make a post of what was handed in; a post without a moment was said when it came in.

        Raises:
            UnprocessableError: it was stored by another version, perhaps.
        """
        try:
            return (_post(json.loads(item.content), item.received_at),)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UnprocessableError("api.unreadable") from error


def _post(said: Mapping[str, Any], received_at: datetime) -> InboundPost:
    posted_at = min(datetime.fromisoformat(said["posted_at"]), received_at) if said.get("posted_at") else received_at
    author = said["author"]
    return InboundPost(
        external_id=said["external_id"],
        kind=Kind(said["kind"]),
        public=said["is_public"],
        author=Author(**{name: value for name, value in author.items() if name in _AUTHOR}),
        text=said["text"],
        posted_at=posted_at,
        subject=said.get("subject", ""),
        url=said.get("url", ""),
        references=(said["parent_external_id"],) if said.get("parent_external_id") else (),
        thread_external_id=said.get("thread_external_id", ""),
        addressed=said.get("is_addressed", True),
        language=said.get("language", ""),
        links=tuple(said.get("links", ())),
        rating=None,
    )


CONNECTOR = ApiConnector()
