"""The guard lets nothing inside be reached, however its address is spelled or hidden."""

import ipaddress
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luister.http.guard import (
    REASONS,
    BlockedAddressError,
    UnknownHostError,
    allow_hosts_from_env,
    is_public,
    normal_host,
    resolve,
)

NONE: frozenset[str] = frozenset()

_INSIDE = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16
169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1
192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1
255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:a9fe:a9fe
64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 64:ff9b:1::808:808 100::1
2001::1 2001:0:7f00:1:: 2001:db8::1 2001:10::1 2001:20::1 2002:7f00:1:: 2002:a00:1:: 2002:a9fe:a9fe:: 2002:808:808::
3fff::1 5f00::1 fc00::1 fd00:ec2::254 fd12:3456:789a::1 fe80::1 fec0::1 ff02::1 ff0e::1
"""

_OUTSIDE = """
1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 128.0.0.1 172.15.0.1 172.32.0.1 192.167.0.1 198.20.0.1 223.255.255.254
2606:4700:4700::1111 2a00:1450:400e::200e ::ffff:8.8.8.8 64:ff9b::808:808
"""

NOT_PUBLIC = _INSIDE.split()
PUBLIC = _OUTSIDE.split()

# Spellings that a lenient reader takes for an address inside, and things that are no host at all.
TRICKS = [
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.1",
    "127.0.1",
    "127.0.0.01",
    "127.000.000.001",
    "0",
    "0x",
    "0.0",
    "1.2.3.4.5",
    "256.1.1.1",
    "127.0.0.1.",  # as 127.0.0.1
    "127。0。0。1",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:7f00:1]",
    "[::1%lo]",
    "fe80::1%eth0",
    "::1%25lo",
    "[127.0.0.1]",
    "user@127.0.0.1",
    "user:pass@example.org",
    "example.org@127.0.0.1",
    "127.0.0.1#example.org",
    "127.0.0.1/example.org",
    "127.0.0.1?x",
    "127.0.0.1\\example.org",
    "127.0.0.1 ",
    " 127.0.0.1",
    "127.0.0.1\n",
    "127.0.0.1\x00.example.org",
    "exam ple.org",
    "example.org\r\nHost: inside",
    "example..org",
    ".example.org",
    "example.org..",
    "-example.org",
    "example-.org",
    "exa%6dple.org",
    "127.0.0.1:80",
    "example.org:80",
    "http://127.0.0.1",
    "",
    ".",
    "[]",
    "[",
    "a" * 64 + ".org",
    "a." * 130 + "org",
    "xn--\u00e9.org",
]


def answers(*addresses: str):
    def lookup(host: str, port: int) -> Sequence[str]:
        return addresses

    return lookup


def never(host: str, port: int) -> Sequence[str]:
    raise AssertionError(f"{host} was looked up")


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_resolve_literal_inside_is_blocked(address: str) -> None:
    with pytest.raises(BlockedAddressError) as caught:
        resolve(address, 443, allow_hosts=NONE, lookup=never)

    assert caught.value.reason.code == "http.blocked_address"


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_resolve_name_that_leads_inside_is_blocked(address: str) -> None:
    with pytest.raises(BlockedAddressError) as caught:
        resolve("trap.example.org", 443, allow_hosts=NONE, lookup=answers(address))

    assert caught.value.reason.values == {"host": "trap.example.org"}


@pytest.mark.parametrize("address", PUBLIC)
def test_resolve_public_literal_is_itself(address: str) -> None:
    assert resolve(address, 443, allow_hosts=NONE, lookup=never) == str(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", TRICKS)
def test_resolve_trick_is_blocked_without_asking_the_name_server(host: str) -> None:
    with pytest.raises(BlockedAddressError):
        resolve(host, 443, allow_hosts=NONE, lookup=never)


def test_resolve_one_inside_among_public_is_blocked() -> None:
    with pytest.raises(BlockedAddressError):
        resolve(
            "mixed.example.org",
            443,
            allow_hosts=NONE,
            lookup=answers("8.8.8.8", "10.0.0.1"),
        )


def test_resolve_scoped_answer_is_blocked() -> None:
    with pytest.raises(BlockedAddressError):
        resolve("scoped.example.org", 443, allow_hosts=NONE, lookup=answers("fe80::1%2"))


def test_resolve_asks_once_so_that_rebinding_changes_nothing() -> None:
    given_answers = iter([("8.8.8.8",), ("127.0.0.1",)])

    def rebinding(host: str, port: int) -> Sequence[str]:
        return next(given_answers)

    assert resolve("rebind.example.org", 443, allow_hosts=NONE, lookup=rebinding) == "8.8.8.8"
    assert next(given_answers) == ("127.0.0.1",)


def test_resolve_prefers_ipv4() -> None:
    lookup = answers("2606:4700:4700::1111", "1.1.1.1")

    assert resolve("both.example.org", 443, allow_hosts=NONE, lookup=lookup) == "1.1.1.1"


def test_resolve_looks_up_the_ascii_name() -> None:
    asked = []

    def lookup(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return ("1.1.1.1",)

    resolve("Bücher.Example.", 8443, allow_hosts=NONE, lookup=lookup)

    assert asked == [("xn--bcher-kva.example", 8443)]


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost", "localhost"),
        ("LOCALHOST.", "localhost"),
        ("localhost", "localhost:8000"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1:8000"),
        ("[::1]", "::1"),
        ("::1", "[::1]:8000"),
    ],
)
def test_resolve_allowed_host_may_be_inside(host: str, allowed: str) -> None:
    found = resolve(host, 8000, allow_hosts=frozenset({allowed}), lookup=answers("127.0.0.1"))

    assert found in ("127.0.0.1", "::1")


@pytest.mark.parametrize("allowed", ["localhost:8001", "127.0.0.1", "other", "local", ""])
def test_resolve_other_allowed_host_does_not_help(allowed: str) -> None:
    with pytest.raises(BlockedAddressError):
        resolve(
            "localhost",
            8000,
            allow_hosts=frozenset({allowed}),
            lookup=answers("127.0.0.1"),
        )


@pytest.mark.parametrize("error", [OSError("no such host"), UnicodeError("label")])
def test_resolve_unknown_host_says_so(error: Exception) -> None:
    def lookup(host: str, port: int) -> Sequence[str]:
        raise error

    with pytest.raises(UnknownHostError) as caught:
        resolve("nowhere.example.org", 443, allow_hosts=NONE, lookup=lookup)

    assert caught.value.reason.code == "http.unknown_host"
    assert not caught.value.needs_attention


def test_resolve_no_answer_is_unknown_host() -> None:
    with pytest.raises(UnknownHostError):
        resolve("nowhere.example.org", 443, allow_hosts=NONE, lookup=answers())


def test_resolve_localhost_with_the_system_resolver_is_blocked() -> None:
    with pytest.raises(BlockedAddressError):
        resolve("localhost", 443, allow_hosts=NONE)


@given(st.integers(0, 2**32 - 1))
def test_is_public_is_the_same_inside_mapped_and_nat64(number: int) -> None:
    plain = ipaddress.IPv4Address(number)

    assert is_public(ipaddress.IPv6Address(0xFFFF << 32 | number)) == is_public(plain)
    assert is_public(ipaddress.IPv6Address(0x64FF9B << 96 | number)) == is_public(plain)


@given(st.text(max_size=40))
def test_normal_host_is_stable_or_refuses(host: str) -> None:
    try:
        name = normal_host(host)
    except BlockedAddressError:
        return

    assert name.isascii()
    assert normal_host(name) == name


def test_allow_hosts_from_env_splits_and_lowers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", " Localhost:8000, mail.intern ,,")

    assert allow_hosts_from_env() == {"localhost:8000", "mail.intern"}


def test_allow_hosts_from_env_unset_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LUISTER_ALLOW_HOSTS", raising=False)

    assert allow_hosts_from_env() == frozenset()


def test_reasons_have_a_sentence_for_each_code() -> None:
    errors = [
        BlockedAddressError("h"),
        BlockedAddressError("h", code="http.invalid_host"),
        UnknownHostError("h"),
    ]

    for error in errors:
        assert "h" in REASONS[error.reason.code].format(**error.reason.values)
