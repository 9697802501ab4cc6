"""Finding what stands at an address that a person typed, before it is read for good."""

from luister.connectors.feed import CONNECTOR, Found

__all__ = ["Found", "discover"]


def discover(address: str, *, user: str = "", password: str = "") -> Found:
    """Return the feed at an address with its latest items, or the feeds that a page names; nothing is stored.

    Raises:
        ConnectorError: nothing can be read there, or it is neither a feed nor a page.
    """
    return CONNECTOR.discover(address, user=user, password=password)
