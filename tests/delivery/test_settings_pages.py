"""Settings › Channels and the bin: what does not answer is not stored, and secrets are never shown again."""

import pytest
from django.urls import reverse
from django.utils import translation

from luister import connectors
from luister.accounts.enums import Role
from luister.accounts.models import AuditEntry
from luister.channels.models import Channel
from luister.channels.secrets import unseal
from luister.delivery.models import RawItem
from luister.delivery.sentences import CHOICES, FIELDS, KINDS
from luister.practice.server import API, HANDLE, TOKEN, PracticeServer
from tests.factories import NOW, ChannelFactory, MembershipFactory, RawItemFactory, TeamFactory

ACCOUNT = ("handle", "address")
SAME = {"", "STARTTLS", "Token"}  # in both languages


@pytest.fixture
def server():
    with PracticeServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _reachable(monkeypatch):
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1")


@pytest.fixture
def member(client, db):
    member = MembershipFactory(role=Role.ADMINISTRATOR, user__language="en")
    client.force_login(member.user)
    return member


def page(name, member, *arguments):
    return reverse(f"delivery:{name}", args=[member.workspace.slug, *arguments])


def filled_in(server, **changed):
    return {
        "name": "Practice",
        "purpose": "service",
        "undo_seconds": "10",
        "its_base_url": f"http://127.0.0.1:{server.port}{API}",
        "its_handle": HANDLE,
        "its_token": TOKEN,
        "its_idempotency": "key",
    } | changed


def connect(client, member, server, **changed):
    return client.post(page("connect", member, "practice"), filled_in(server, **changed))


@pytest.mark.parametrize(("kind", "signs_in"), [("practice", True), ("api", False)])
def test_only_a_channel_with_a_secret_is_said_to_be_signed_in_to(client, member, kind, signs_in):
    answer = client.get(page("connect", member, kind))

    assert ("Luister first signs in" in answer.text) == signs_in


def test_wrong_token_says_so_and_stores_nothing(client, member, server):
    answer = connect(client, member, server, its_token="wrong")

    assert "does not accept the token" in answer.text
    assert "wrong" not in answer.text.replace("went wrong", "")
    assert Channel.objects.count() == 0
    assert AuditEntry.objects.count() == 0


def test_right_token_after_a_wrong_one_connects(client, member, server):
    connect(client, member, server, its_token="wrong")

    answer = client.post(page("connect", member, "practice"), filled_in(server), follow=True)

    assert "Practice answers and is connected." in answer.text
    channel = Channel.objects.get()
    assert (channel.workspace, channel.name, channel.handle) == (member.workspace, "Practice", HANDLE)
    assert unseal(channel.sealed_secrets, channel_id=channel.pk) == {"token": TOKEN}
    assert TOKEN not in str(channel.settings)
    assert TOKEN not in answer.text
    assert AuditEntry.objects.get().verb == "channel.connected"


def test_account_that_is_connected_already_is_refused(client, member, server):
    connect(client, member, server)

    answer = connect(client, member, server)

    assert "This account is connected already." in answer.text
    assert Channel.objects.count() == 1


def test_name_left_empty_is_the_account(client, member, server):
    connect(client, member, server, name="")

    assert Channel.objects.get().name == HANDLE


def test_server_that_is_not_there_says_so(client, member, server):
    with PracticeServer() as gone:
        address = gone.base_url

    answer = connect(client, member, server, its_base_url=address)

    assert "does not accept connections" in answer.text
    assert Channel.objects.count() == 0


def test_address_inside_the_network_is_refused(client, member, server, monkeypatch):
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "")

    answer = connect(client, member, server)

    assert "LUISTER_ALLOW_HOSTS" in answer.text
    assert server.requests == []


@pytest.fixture
def channel(client, member, server):
    connect(client, member, server)
    return Channel.objects.get()


def change(client, member, channel, server, **changed):
    fields = {"its_token": ""} | changed
    return client.post(page("channel", member, channel.pk), filled_in(server, **fields), follow=True)


def test_changed_channel_keeps_its_secret_and_its_account(client, member, server, channel):
    team = TeamFactory(workspace=member.workspace)

    answer = change(
        client, member, channel, server, name="Plein", team=str(team.pk), caret_signature="on", its_handle="other"
    )

    assert "Saved: the channel answers." in answer.text
    channel.refresh_from_db()
    assert (channel.name, channel.team, channel.caret_signature, channel.handle) == ("Plein", team, True, HANDLE)
    assert unseal(channel.sealed_secrets, channel_id=channel.pk) == {"token": TOKEN}
    entry = AuditEntry.objects.get(verb="channel.changed")
    assert (entry.detail["before"]["name"], entry.detail["after"]["name"]) == ("Practice", "Plein")
    assert TOKEN not in str(entry.detail)


def test_changed_channel_that_does_not_answer_stays_as_it_was(client, member, server, channel):
    answer = change(client, member, channel, server, name="Plein", its_token="wrong")

    assert "does not accept the token" in answer.text
    channel.refresh_from_db()
    assert channel.name == "Practice"
    assert unseal(channel.sealed_secrets, channel_id=channel.pk) == {"token": TOKEN}


def test_stored_secret_is_not_sent_to_another_server(client, member, server, channel):
    with PracticeServer() as elsewhere:
        answer = change(client, member, channel, elsewhere)

        assert "The server is another one: type this again." in answer.text
        assert elsewhere.requests == []
        change(client, member, channel, elsewhere, its_token=TOKEN)

    channel.refresh_from_db()
    assert str(elsewhere.port) in channel.settings["base_url"]


def test_token_that_expired_is_mended(client, member, server, channel):
    Channel.objects.update(state="attention", reason_code="practice.token_refused")
    server.store.add_brand(HANDLE, token="fresh", idempotency=channel_class())
    assert "does not accept the token" in client.get(page("channel", member, channel.pk)).text
    assert "does not accept the token" in client.post(page("check", member, channel.pk), follow=True).text

    change(client, member, channel, server, its_token="fresh")

    channel.refresh_from_db()
    assert (channel.state, channel.reason_code) == ("active", "")
    assert unseal(channel.sealed_secrets, channel_id=channel.pk) == {"token": "fresh"}
    assert AuditEntry.objects.filter(verb="channel.secrets_changed").get().detail == {"names": ["token"]}


def channel_class():
    return connectors.get("practice").idempotency(type("A", (), {"settings": {}})())


def test_channel_is_tried_paused_and_resumed(client, member, server, channel):
    tried = client.post(page("check", member, channel.pk), follow=True)
    assert "The channel answers: reading and sending work." in tried.text

    paused = client.post(page("pause", member, channel.pk), follow=True)
    assert "Paused" in paused.text
    client.post(page("resume", member, channel.pk))

    channel.refresh_from_db()
    assert channel.state == "active"


def test_channel_whose_connector_is_gone_is_shown_without_form(client, member):
    channel = ChannelFactory(workspace=member.workspace, kind="gone", name="Old one")

    assert "does not know this network" in client.get(page("channel", member, channel.pk)).text
    assert "Old one" in client.get(page("channels", member)).text


def test_secret_never_stands_in_a_page(client, member, server, channel):
    for address in (page("channels", member), page("channel", member, channel.pk)):
        assert TOKEN not in client.get(address).text


def test_every_field_of_every_connector_has_words_in_both_languages():
    for connector in connectors.all_connectors():
        assert connector.kind in KINDS
        assert not connector.fields or any(asked.name in ACCOUNT for asked in connector.fields)
        for asked in connector.fields:
            label, help_text = FIELDS[f"{connector.kind}.{asked.name}"]
            for words in (label, help_text, *(CHOICES[choice] for choice in asked.choices)):
                with translation.override("en"):
                    english = str(words)
                with translation.override("nl"):
                    assert str(words) != english or english in SAME, english


@pytest.fixture
def raw(member):
    return RawItemFactory(
        workspace=member.workspace,
        channel__workspace=member.workspace,
        content="Onleesbaar <script>ü".encode(),
        state="unprocessable",
        reason_code="raw.too_slow",
        reason_values={"seconds": "10"},
        received_at=NOW,
    )


def test_bin_says_why(client, member, raw):
    assert "Reading this took more than 10 seconds." in client.get(page("bin", member)).text


def test_raw_payload_comes_as_a_file_that_no_browser_runs(client, member, raw):
    answer = client.get(page("raw", member, raw.pk))

    assert answer.content == bytes(raw.content)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="raw-{raw.pk}.txt"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(("verb", "state"), [("reprocess", "new"), ("discard", "discarded")])
def test_payload_leaves_the_bin_once(client, member, raw, verb, state):
    assert client.post(page(verb, member, raw.pk)).status_code == 302
    assert client.post(page(verb, member, raw.pk)).status_code == 404

    assert RawItem.objects.get().state == state
    assert AuditEntry.objects.get().verb == {"reprocess": "raw.reprocessed", "discard": "raw.discarded"}[verb]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_pages_are_drawn_in_the_users_language(client, member, server, channel, raw, language):
    member.user.language = language
    member.user.save(update_fields=["language"])

    for address in (
        page("channels", member),
        page("add", member),
        page("connect", member, "practice"),
        page("channel", member, channel.pk),
        page("bin", member),
    ):
        answer = client.get(address)

        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.text
