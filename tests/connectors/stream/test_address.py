"""Addresses of streams: two spellings of one lead to the same, and every mistake is told without what was secret."""

import pytest

from luister.base.connector import Account
from luister.base.errors import ConnectorError
from luister.connectors.stream import REASONS, StreamAddress


@pytest.mark.parametrize(
    "spelling",
    [
        "nats://nats.example.org:4222/POSTS",
        "nats://nats.example.org/POSTS",
        "  NATS://Nats.Example.ORG./POSTS/ ",
        "nats://pim:geheim@nats.example.org/POSTS",
        "nats://token@nats.example.org:4222/POSTS",
    ],
)
def test_spellings_of_one_address_share_text_and_name(spelling):
    address = StreamAddress.parse(spelling)

    assert address.text == "nats://nats.example.org:4222/POSTS"
    assert (address.server, address.stream) == ("nats://nats.example.org:4222", "POSTS")
    assert address.name == "nats.example.org:4222/POSTS"


def test_streams_differ_by_server_port_and_name_but_not_by_how_the_connection_is_made():
    spellings = ("nats://a.nl/P", "nats://b.nl/P", "nats://a.nl:4333/P", "nats://a.nl/Q", "tls://a.nl/P")

    names = [StreamAddress.parse(spelling).name for spelling in spellings]

    assert len(set(names)) == 4
    assert names[0] == names[-1]
    assert StreamAddress.parse("tls://a.nl/P").server == "tls://a.nl:4222"


@pytest.mark.parametrize(
    ("sign_in", "expected"),
    [
        ("", {}),
        ("pim:geheim@", {"user": "pim", "password": "geheim"}),
        ("p%40im:a%2Fb%3Ac@", {"user": "p@im", "password": "a/b:c"}),
        ("pim:a:b@", {"user": "pim", "password": "a:b"}),
        ("s3cr3t@", {"token": "s3cr3t"}),
    ],
)
def test_sign_in_is_read_and_kept_out_of_sight(sign_in, expected):
    address = StreamAddress.parse(f"nats://{sign_in}127.0.0.1/POSTS")

    assert address.sign_in == expected
    assert all(secret not in repr(address) for name, secret in expected.items() if name != "user")


def test_address_of_a_channel_signs_in_with_its_secrets():
    settings = {"address": "nats://10.0.0.1/POSTS", "user": "pim"}

    assert StreamAddress.of(Account(1, "", settings, {"password": "x"})).sign_in == {"user": "pim", "password": "x"}
    assert StreamAddress.of(Account(1, "", {"address": "nats://10.0.0.1/POSTS"}, {"password": "x"})).sign_in == {
        "token": "x"
    }


def test_ipv6_keeps_its_brackets():
    address = StreamAddress.parse("nats://[::1]:4333/POSTS")

    assert (address.host, address.port, address.server) == ("::1", 4333, "nats://[::1]:4333")
    assert StreamAddress.parse("nats://[0:0::1]/POSTS").name == "[::1]:4222/POSTS"


def test_name_fits_a_handle_however_long_the_host():
    hosts = [".".join(["a" * 60] * 3 + ["b" * 40 + letter, "nl"]) for letter in "xy"]

    names = {StreamAddress.parse(f"nats://{host}/POSTS").name for host in hosts}

    assert len(names) == 2
    assert all(len(name) <= 200 for name in names)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "stream.empty"),
        ("   ", "stream.empty"),
        ("nats.example.org:4222/POSTS", "stream.scheme"),
        ("http://nats.example.org/POSTS", "stream.scheme"),
        ("nats:/nats.example.org/POSTS", "stream.scheme"),
        ("nats:///POSTS", "stream.no_host"),
        ("nats://:4222/POSTS", "stream.no_host"),
        ("nats://[]/POSTS", "stream.no_host"),
        ("nats://a.nl:4222,b.nl:4222/POSTS", "stream.one_server"),
        ("nats://a.nl:0/POSTS", "stream.port"),
        ("nats://a.nl:65536/POSTS", "stream.port"),
        ("nats://a.nl:/POSTS", "stream.port"),
        ("nats://a.nl:4222x/POSTS", "stream.port"),
        ("nats://[::1]x4222/POSTS", "stream.port"),
        ("nats://a.nl:٤٢٢٢/POSTS", "stream.port"),
        ("nats://a.nl", "stream.no_name"),
        ("nats://a.nl/", "stream.no_name"),
        ("nats://a.nl/POSTS.nl", "stream.bad_name"),
        ("nats://a.nl/POSTS/more", "stream.bad_name"),
        ("nats://a.nl/POSTS?x=1", "stream.bad_name"),
        ("nats://a.nl/*", "stream.bad_name"),
        ("nats://a.nl/" + "P" * 101, "stream.bad_name"),
        ("nats://pim:a/b@a.nl/POSTS", "stream.encode"),
        ("nats://pim:a#b@a.nl/POSTS", "stream.encode"),
        ("nats://a b.nl/POSTS", "http.invalid_host"),
        ("nats://0x7f.1/POSTS", "http.invalid_host"),
    ],
)
def test_mistakes_are_told_apart(text, code):
    with pytest.raises(ConnectorError) as refused:
        StreamAddress.parse(text)

    assert refused.value.reason.code == code
    assert REASONS[code].format_map(refused.value.reason.values)


@pytest.mark.parametrize("place", ["pim:geheim/x@a.nl/P", "pim:geheim@a.nl:x/P", "pim:geheim@a.nl", "pim:geheim@/P"])
def test_refusal_holds_no_password(place):
    with pytest.raises(ConnectorError) as refused:
        StreamAddress.parse(f"nats://{place}")

    assert "geheim" not in str(refused.value)
