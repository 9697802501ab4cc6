"""Posts that another program hands in: the same way as what a network gives."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from luister.accounts.models import Membership
from luister.api.actions.cases import UnknownIdError
from luister.base.connector import RawItem
from luister.channels.enums import ChannelState
from luister.channels.models import Channel
from luister.delivery import actions as delivery
from luister.delivery.queries import API

LONGEST_KEY = 200


def receive(channel_id: int, posts: Sequence[Mapping[str, Any]], *, by: Membership, now: datetime) -> int:
    """Take in posts of a channel for other programs, and return how many are new; workers make posts of them.

    Raises:
        UnknownIdError: there is no such channel that takes any.
    """
    channels = Channel.objects.filter(workspace_id=by.workspace_id, kind=API, state=ChannelState.ACTIVE)
    if not channels.filter(pk=channel_id).exists():
        raise UnknownIdError("channel_id")
    items = [
        RawItem(_key(post["external_id"]), json.dumps(post, ensure_ascii=False, default=str).encode(), now)
        for post in posts
    ]
    return delivery.store_pushed(channel_id, items, now=now)


def _key(external_id: str) -> str:
    """Return what names a payload; where the name is too long, its digest."""
    return external_id if len(external_id) <= LONGEST_KEY else hashlib.sha256(external_id.encode()).hexdigest()
