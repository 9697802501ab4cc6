"""What forms and screens may know of connectors."""

import pytest
from django.utils import translation

from luister.base.errors import ConnectorError
from luister.channels.enums import ChannelState
from luister.channels.secrets import seal
from luister.connectors.stream import StreamAddress
from luister.delivery import actions, queries
from tests.factories import ChannelFactory


def test_kinds_name_the_fields_of_each_network():
    practice = next(kind for kind in queries.kinds() if kind.kind == "practice")

    assert practice.label == "Practice network"
    assert {field.name: field.secret for field in practice.fields}["token"] is True


def test_limits_and_length_are_the_networks_own(db):
    channel = ChannelFactory(kind="practice")

    assert queries.limits(channel, is_public=True).max_length == 500
    assert queries.length(channel, "é👍") == 2


def test_unknown_kind_is_said(db):
    with pytest.raises(ConnectorError) as caught:
        queries.limits(ChannelFactory(kind="telex"), is_public=True)

    assert caught.value.reason.values == {"kind": "telex"}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "This could not leave for more than 4 hours. Is it still worth sending?"),
        ("nl", "Dit kon langer dan 4 uur niet weg. Is het nog de moeite waard om te verzenden?"),
    ],
)
def test_sentence_is_in_the_readers_language(language, expected):
    with translation.override(language):
        assert queries.sentence("send.waited_long", {"hours": "4"}) == expected


def test_sentence_of_a_connector_and_of_nobody():
    assert "{" not in queries.sentence("practice.other_account", {})
    assert "nobody.knows" in queries.sentence("nobody.knows", {})


def test_check_channel_asks_the_connector(connector):
    actions.check_channel("scripted", handle="brand", settings={"a": 1}, secrets={"token": "t"})
    connector.checks.append(ConnectorError("practice.token_refused", needs_attention=True))

    assert connector.accounts[0].secrets == {"token": "t"}
    with pytest.raises(ConnectorError):
        actions.check_channel("scripted", handle="brand", settings={}, secrets={})


def test_stream_is_heard_by_the_channel_of_each_workspace_unless_it_rests(db):
    one, other, _elsewhere, _paused, _removed = (
        ChannelFactory(kind="stream", handle=handle, state=state)
        for handle, state in [
            ("nats.nl:4222/POSTS", ChannelState.ACTIVE),
            ("nats.nl:4222/POSTS", ChannelState.ATTENTION),
            ("nats.nl:4222/OTHERS", ChannelState.ACTIVE),
            ("nats.nl:4222/POSTS", ChannelState.PAUSED),
            ("nats.nl:4222/POSTS", ChannelState.REMOVED),
        ]
    )

    assert queries.channels_of_stream(StreamAddress.parse("tls://NATS.nl/POSTS")) == [one, other]


def test_stream_address_signs_in_with_the_secrets_of_its_channel(db):
    channel = ChannelFactory(kind="stream", settings={"address": "nats://nats.nl/POSTS", "user": "pim"})
    channel.sealed_secrets = seal({"password": "geheim"}, channel_id=channel.pk)

    assert queries.stream_address(channel).sign_in == {"user": "pim", "password": "geheim"}
