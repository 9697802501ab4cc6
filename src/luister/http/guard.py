"""Which hosts may be connected to: public addresses only, unless `LUISTER_ALLOW_HOSTS` names the host.

Whoever opens a socket connects to the address that `resolve` returned, never to the name again: a name
server that changes its answer in between (DNS rebinding) then changes nothing. No other check is needed
beside it; the spelling of the host does not matter, because what is judged is every address it leads to.
"""

import ipaddress
import os
import re
import socket
import unicodedata
from collections.abc import Callable, Sequence

import idna

from luister.base import metrics
from luister.base.errors import ConnectorError

# Code → English sentence; `{host}` is filled in by whoever shows it.
REASONS: dict[str, str] = {
    "http.blocked_address": (
        "{host} leads to an address inside this network, which is not allowed. "
        "If you trust it, add {host} to LUISTER_ALLOW_HOSTS."
    ),
    "http.blocked_port": (
        "{host} is no port of a web server, which is not allowed. If you trust it, add {host} to LUISTER_ALLOW_HOSTS."
    ),
    "http.invalid_address": (
        "{host} is no web address. It begins with https:// and has no name or password in it, "
        "such as https://example.org/."
    ),
    "http.invalid_host": "{host} is not a valid host name.",
    "http.unknown_host": "The host name {host} could not be found. Check its spelling.",
}

_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_Lookup = Callable[[str, int], Sequence[str]]

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

# Refused although the registry calls them global, or not the same in every Python.
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's host agent and metadata
        "192.88.99.0/24",  # 6to4 relays
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata
        "192.0.0.0/24",
        "64:ff9b:1::/48",  # NAT64 of a local operator
        "2001::/23",  # Teredo, ORCHID and other assignments that carry or hide an address
        "2002::/16",  # 6to4: carries an IPv4 address
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local of old
    )
)


class BlockedAddressError(ConnectorError):
    """A host that may not be connected to, or is none."""

    def __init__(self, host: str, *, code: str = "http.blocked_address") -> None:
        metrics.egress_blocked.labels(code.removeprefix("http.")).inc()
        super().__init__(code, needs_attention=True, host=host[:100])


class UnknownHostError(ConnectorError):
    """A host name for which the name server gives no address; it may be a passing failure."""

    def __init__(self, host: str) -> None:
        super().__init__("http.unknown_host", host=host[:100])


def allow_hosts_from_env() -> frozenset[str]:
    """Return the hosts of LUISTER_ALLOW_HOSTS (`host` or `host:port`, comma separated)."""
    entries = os.environ.get("LUISTER_ALLOW_HOSTS", "").split(",")
    return frozenset(entry.strip().lower() for entry in entries if entry.strip())


def system_lookup(host: str, port: int) -> Sequence[str]:
    """Return every address that the system's resolver knows for a host, best first."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolve(
    host: str,
    port: int,
    *,
    allow_hosts: frozenset[str],
    lookup: _Lookup = system_lookup,
) -> str:
    """Return one address of a host that may be connected to, IPv4 where there is one.

    Raises:
        BlockedAddressError: any of its addresses is not public, and neither `host` nor `host:port` is in
            `allow_hosts`; or it is no host name at all.
        UnknownHostError: it has no address.
    """
    name = normal_host(host)
    addresses = _addresses(name, port, lookup)
    if not is_allowed(name, port, allow_hosts) and not all(map(is_public, addresses)):
        raise BlockedAddressError(name)
    return str(next((address for address in addresses if address.version == 4), addresses[0]))


def normal_host(host: str) -> str:
    """Return a host as it is compared and looked up: lower case, ASCII, without brackets and final dot.

    Raises:
        BlockedAddressError: it is no host name, or an address in a spelling of which readers differ
            (decimal, octal, hexadecimal, with a zone or user).
    """
    text = unicodedata.normalize("NFKC", host).lower()
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text.removesuffix(".")
    if ":" in inner or _NUMBER.fullmatch(inner.rpartition(".")[2]):
        return _normal_address(host, inner)
    try:
        name = inner if inner.isascii() else idna.encode(inner, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise BlockedAddressError(host, code="http.invalid_host") from None
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise BlockedAddressError(host, code="http.invalid_host")
    return name


def is_public(address: _IPAddress) -> bool:
    """Return whether an address is one of the open internet, also when it carries another inside."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address.scope_id is not None:
            return False
    if address.is_multicast or address.is_reserved or address.is_link_local or not address.is_global:
        return False
    return not any(address in network for network in _NEVER if network.version == address.version)


def _normal_address(host: str, text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise BlockedAddressError(host, code="http.invalid_host") from None
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        raise BlockedAddressError(host, code="http.invalid_host")
    return str(address)


def _addresses(name: str, port: int, lookup: _Lookup) -> tuple[_IPAddress, ...]:
    try:
        return (ipaddress.ip_address(name),)
    except ValueError:
        pass
    try:
        found = tuple(ipaddress.ip_address(address) for address in lookup(name, port))
    except (OSError, UnicodeError, ValueError):
        raise UnknownHostError(name) from None
    if not found:
        raise UnknownHostError(name)
    return found


def is_allowed(name: str, port: int, allow_hosts: frozenset[str]) -> bool:
    """Return whether a host was named as trusted, by itself or with this port; `name` as `normal_host` gives it."""
    bracketed = f"[{name}]" if ":" in name else name
    return not allow_hosts.isdisjoint({name, bracketed, f"{bracketed}:{port}"})
