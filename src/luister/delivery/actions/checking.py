"""Trying out a channel before it is connected or after its secrets changed."""

from collections.abc import Mapping
from typing import Any

from luister.base.connector import Account
from luister.delivery.queries import connector_of


def check_channel(kind: str, *, handle: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    """Try reading and sending rights without changing anything on the network.

    Raises:
        ConnectorError: with the exact cause.
    """
    connector_of(kind).check(Account(0, handle, settings, secrets))
