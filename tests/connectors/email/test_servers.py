"""The connector against Dovecot and Postfix: in, out, waiting, and everything that a server does wrong."""

import threading
from collections.abc import Mapping
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest

from luister.base.connector import Account, Fetched, RawItem
from luister.base.errors import ConnectorError, NotSentError
from luister.base.posts import Automatic, InboundPost
from luister.connectors.email import CONNECTOR, EmailConnector
from tests.connectors.email.accounts import ADDRESS, account, codes, outbound
from tests.mail_servers import HOST, PASSWORD, MailServers, until

pytestmark = pytest.mark.mail

CUSTOMER = "jan@customer.example"


@pytest.fixture
def servers(mail_servers: MailServers, monkeypatch: pytest.MonkeyPatch) -> MailServers:
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", HOST)
    for user in (ADDRESS, CUSTOMER):
        mail_servers.empty(user)
        mail_servers.empty(user, "Sent")
    return mail_servers


def plain(servers: MailServers, **settings: Any) -> Account:
    values = {
        "imap_host": HOST,
        "imap_port": servers.imap_port,
        "imap_security": "plain",
        "smtp_host": HOST,
        "smtp_port": servers.smtp_port,
        "smtp_security": "plain",
        "user": ADDRESS,
        **settings,
    }
    return account({"password": PASSWORD}, **values)


def customer_mail(subject: str = "Kapotte koffer", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"Jan Jansen <{CUSTOMER}>"
    message["To"] = ADDRESS
    message["Subject"] = subject
    message["Message-ID"] = f"<{abs(hash(subject))}@customer.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Mijn koffer is kapot aangekomen.\n")
    return message


def deliver(servers: MailServers, *subjects: str) -> None:
    before = len(servers.messages(ADDRESS))
    for subject in subjects:
        servers.deliver(customer_mail(subject), sender=CUSTOMER, recipient=ADDRESS)
    servers.wait_for_messages(ADDRESS, before + len(subjects))


def fetch_all(account: Account, cursor: Mapping[str, Any] | None = None) -> Fetched:
    items: list[RawItem] = []
    while True:
        fetched = CONNECTOR.fetch(account, cursor or {})
        items += fetched.items
        cursor = fetched.cursor
        if not fetched.more:
            return Fetched(tuple(items), cursor)


def posts(account: Account, fetched: Fetched) -> list[InboundPost]:
    return [post for item in fetched.items for post in CONNECTOR.parse(account, item)]


def test_fetch_mail_sent_by_a_customer(servers: MailServers) -> None:
    deliver(servers, "Kapotte koffer")
    channel = plain(servers)

    fetched = fetch_all(channel)

    (post,) = posts(channel, fetched)
    assert (post.subject, post.author.external_id, post.text) == (
        "Kapotte koffer",
        CUSTOMER,
        "Mijn koffer is kapot aangekomen.",
    )
    assert codes(post) == []
    assert fetch_all(channel, fetched.cursor).items == ()


def test_fetch_leaves_mail_unread(servers: MailServers) -> None:
    deliver(servers, "Ongelezen")
    fetch_all(plain(servers))

    with servers.imap(ADDRESS) as client:
        client.select("INBOX", readonly=True)
        assert client.search(None, "UNSEEN")[1] == [b"1"]


def test_fetch_in_batches(servers: MailServers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luister.connectors.email.intake.BATCH_MAILS", 2)
    deliver(servers, "een", "twee", "drie", "vier", "vijf")
    channel = plain(servers)

    first = CONNECTOR.fetch(channel, {})
    everything = fetch_all(channel)

    assert (len(first.items), first.more) == (2, True)
    assert sorted(post.subject for post in posts(channel, everything)) == ["drie", "een", "twee", "vier", "vijf"]
    assert len({item.external_key for item in everything.items}) == 5


def test_fetch_goes_back_only_the_days_that_were_asked(servers: MailServers) -> None:
    with servers.imap(ADDRESS) as client:
        client.append("INBOX", None, '"01-Jan-2020 10:00:00 +0000"', customer_mail("oud").as_bytes())
    deliver(servers, "nieuw")
    channel = plain(servers)

    fetched = fetch_all(channel)
    deliver(servers, "nog een")

    assert [post.subject for post in posts(channel, fetched)] == ["nieuw"]
    assert [post.subject for post in posts(channel, fetch_all(channel, fetched.cursor))] == ["nog een"]


def test_fetch_empty_folder_then_mail(servers: MailServers) -> None:
    channel = plain(servers)
    fetched = fetch_all(channel)
    deliver(servers, "de eerste")

    assert fetched.items == ()
    assert [post.subject for post in posts(channel, fetch_all(channel, fetched.cursor))] == ["de eerste"]


def test_fetch_uidvalidity_changed_gives_the_same_keys(servers: MailServers) -> None:
    deliver(servers, "een", "twee")
    channel = plain(servers)
    before = fetch_all(channel)

    servers.set_uidvalidity(ADDRESS, "INBOX", 424242)
    deliver(servers, "drie")
    after = fetch_all(channel, before.cursor)

    known = {item.external_key for item in before.items}
    new = [item for item in after.items if item.external_key not in known]
    assert known <= {item.external_key for item in after.items}
    assert [post.subject for item in new for post in CONNECTOR.parse(channel, item)] == ["drie"]
    assert after.cursor["uidvalidity"] == 424242


def test_fetch_oversized_mail_takes_its_headers_only(servers: MailServers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luister.connectors.email.intake.MAX_MAIL_BYTES", 20_000)
    message = customer_mail("Filmpje")
    message.add_attachment(b"\0" * 30_000, maintype="video", subtype="mp4", filename="koffer.mp4")
    servers.deliver(message, sender=CUSTOMER, recipient=ADDRESS)
    servers.wait_for_messages(ADDRESS, 1)
    channel = plain(servers)

    (item,) = fetch_all(channel).items
    (post,) = CONNECTOR.parse(channel, item)

    assert len(item.content) < 5_000
    assert (post.author.external_id, post.subject, post.text) == (CUSTOMER, "Filmpje", "")
    assert codes(post) == ["mail.oversized"]
    assert len(servers.messages(ADDRESS)) == 1


def test_wait_returns_when_mail_comes(servers: MailServers) -> None:
    channel = plain(servers)
    connector = EmailConnector()
    connector.wait(channel, timeout_seconds=60, stop=threading.Event())
    waiting = threading.Thread(
        target=connector.wait, args=(channel,), kwargs={"timeout_seconds": 60, "stop": threading.Event()}
    )

    waiting.start()
    deliver(servers, "wakker worden")
    waiting.join(20)

    assert not waiting.is_alive()
    assert len(fetch_all(channel).items) == 1


def test_wait_notices_mail_that_came_between_two_waits(servers: MailServers) -> None:
    channel = plain(servers)
    connector = EmailConnector()
    connector.wait(channel, timeout_seconds=60, stop=threading.Event())
    deliver(servers, "tussendoor")

    waiting = threading.Thread(
        target=connector.wait, args=(channel,), kwargs={"timeout_seconds": 60, "stop": threading.Event()}
    )
    waiting.start()
    waiting.join(20)

    assert not waiting.is_alive()


def test_wait_ends_soon_after_stop_and_at_the_time_out(servers: MailServers) -> None:
    channel = plain(servers)
    connector = EmailConnector()
    stop = threading.Event()
    connector.wait(channel, timeout_seconds=60, stop=stop)
    connector.wait(channel, timeout_seconds=0.3, stop=stop)  # returns by itself
    waiting = threading.Thread(target=connector.wait, args=(channel,), kwargs={"timeout_seconds": 60, "stop": stop})

    waiting.start()
    stop.set()
    waiting.join(10)

    assert not waiting.is_alive()


def test_wait_server_killed(servers: MailServers) -> None:
    channel = plain(servers)
    connector = EmailConnector()
    connector.wait(channel, timeout_seconds=60, stop=threading.Event())
    failures: list[ConnectorError] = []

    def wait() -> None:
        try:
            connector.wait(channel, timeout_seconds=60, stop=threading.Event())
        except ConnectorError as error:
            failures.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    until(lambda: servers.is_idling(ADDRESS))
    servers.kill_dovecot()
    try:
        waiting.join(20)
        with pytest.raises(ConnectorError) as down:
            CONNECTOR.fetch(channel, {})
    finally:
        servers.start_dovecot()

    assert [(failure.reason.code, failure.needs_attention) for failure in failures] == [("mail.imap_closed", False)]
    assert (down.value.reason.code, down.value.needs_attention) == ("mail.unreachable", False)
    assert fetch_all(channel).items == ()


def test_check_good_account(servers: MailServers) -> None:
    CONNECTOR.check(plain(servers, sent_folder="Sent"))


def test_check_over_tls(servers: MailServers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(servers.certificate))

    CONNECTOR.check(
        plain(
            servers,
            imap_port=servers.imaps_port,
            imap_security="tls",
            smtp_port=servers.smtps_port,
            smtp_security="tls",
        )
    )
    CONNECTOR.check(plain(servers, imap_security="starttls", smtp_security="starttls"))


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_check_certificate_of_a_stranger(servers: MailServers, security: str) -> None:
    port = servers.imaps_port if security == "tls" else servers.imap_port

    with pytest.raises(ConnectorError) as caught:
        CONNECTOR.check(plain(servers, imap_port=port, imap_security=security))

    assert caught.value.reason.code == "mail.tls"
    assert caught.value.needs_attention
    assert "self" in caught.value.reason.values["detail"]


def test_check_wrong_password(servers: MailServers) -> None:
    channel = account({"password": "wrong"}, **plain(servers).settings)

    with pytest.raises(ConnectorError) as caught:
        CONNECTOR.check(channel)

    assert caught.value.reason.code == "mail.imap_login"
    assert caught.value.needs_attention
    assert "Authentication failed" in caught.value.reason.values["server"]


def test_check_wrong_password_for_outgoing_mail(servers: MailServers) -> None:
    settings = {**plain(servers).settings, "smtp_user": "someone@luister.example"}
    channel = account({"password": PASSWORD, "smtp_password": "wrong"}, **settings)

    with pytest.raises(ConnectorError) as caught:
        CONNECTOR.check(channel)

    assert caught.value.reason.code == "mail.smtp_login"
    assert caught.value.reason.values["server"].startswith("535")


def test_check_folder_is_gone(servers: MailServers) -> None:
    with pytest.raises(ConnectorError) as caught:
        CONNECTOR.check(plain(servers, folder="Webcare"))

    assert caught.value.reason.code == "mail.imap_folder"
    assert caught.value.needs_attention
    assert caught.value.reason.values["folder"] == "Webcare"
    assert "Webcare" in caught.value.reason.values["server"]


def test_check_plain_is_refused_for_hosts_that_are_not_named(
    servers: MailServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "")

    with pytest.raises(ConnectorError) as caught:
        CONNECTOR.check(plain(servers))

    assert caught.value.reason.code == "mail.plain_refused"


def test_check_private_address_is_refused(servers: MailServers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "")

    with pytest.raises(ConnectorError) as caught:
        CONNECTOR.check(plain(servers, imap_security="tls", imap_port=servers.imaps_port))

    assert caught.value.reason.code == "http.blocked_address"


def test_send_reply_is_threaded_under_the_customers_mail(servers: MailServers) -> None:
    deliver(servers, "Kapotte koffer")
    channel = plain(servers, from_name="Klantenservice Luchthaven Één")
    (question,) = posts(channel, fetch_all(channel))

    receipt = CONNECTOR.send(
        channel,
        outbound(parent_external_id=question.external_id, references=(question.external_id,)),
        deadline_seconds=30,
    )

    (delivered,) = servers.wait_for_messages(CUSTOMER, 1)
    message = BytesParser(policy=default).parsebytes(delivered)
    assert message["Message-ID"] == receipt.external_id == "<0f9d8c7b-1111-4222-8333-444455556666@luister.example>"
    assert message["In-Reply-To"] == message["References"] == question.external_id
    assert str(message["From"]) == f"Klantenservice Luchthaven Één <{ADDRESS}>"
    text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert text == "Beste Jan,\n\nUw koffer is terecht.\n\n^Pim\n"


def test_customers_answer_refers_to_our_reply(servers: MailServers) -> None:
    channel = plain(servers)
    receipt = CONNECTOR.send(channel, outbound(), deadline_seconds=30)
    answer = customer_mail("Re: Vraag", In_Reply_To=receipt.external_id, References=f"<1@x> {receipt.external_id}")
    servers.deliver(answer, sender=CUSTOMER, recipient=ADDRESS)
    servers.wait_for_messages(ADDRESS, 1)

    (post,) = posts(channel, fetch_all(channel))

    assert post.references == (receipt.external_id, "<1@x>")


def test_send_keeps_a_copy_where_the_server_does_not(servers: MailServers) -> None:
    receipt = CONNECTOR.send(plain(servers, sent_folder="Sent"), outbound(), deadline_seconds=30)

    (copy,) = servers.messages(ADDRESS, "Sent")
    assert receipt.external_id.encode() in copy


def test_send_copy_that_fails_changes_nothing(servers: MailServers) -> None:
    receipt = CONNECTOR.send(plain(servers, sent_folder="Nowhere"), outbound(), deadline_seconds=30)

    assert receipt.external_id
    servers.wait_for_messages(CUSTOMER, 1)


def test_look_up_in_the_sent_folder(servers: MailServers) -> None:
    keeping = plain(servers, sent_folder="Sent")
    CONNECTOR.send(keeping, outbound("sent-before"), deadline_seconds=30)
    channel = plain(servers, sent_folder="Sent", provider_copies_sent=True)

    found = CONNECTOR.look_up(channel, outbound("sent-before"))

    assert found is not None
    assert found.external_id == "<sent-before@luister.example>"
    assert CONNECTOR.look_up(channel, outbound("never-sent")) is None


def test_send_over_starttls(servers: MailServers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(servers.certificate))

    CONNECTOR.send(plain(servers, smtp_security="starttls"), outbound(), deadline_seconds=30)

    servers.wait_for_messages(CUSTOMER, 1)


def test_send_recipient_unknown(servers: MailServers) -> None:
    with pytest.raises(NotSentError) as caught:
        CONNECTOR.send(plain(servers), outbound(**_to("nobody@customer.example")), deadline_seconds=30)

    assert caught.value.reason.code == "mail.recipient_refused"
    assert caught.value.permanent
    assert caught.value.reason.values["server"].startswith("550 5.1.1")


def test_send_recipient_greylisted(servers: MailServers) -> None:
    with pytest.raises(NotSentError) as caught:
        CONNECTOR.send(plain(servers), outbound(**_to("busy@customer.example")), deadline_seconds=30)

    assert caught.value.reason.code == "mail.deferred"
    assert not caught.value.permanent
    assert caught.value.retry_after is not None


def test_send_wrong_password(servers: MailServers) -> None:
    channel = account({"password": "wrong"}, **plain(servers).settings)

    with pytest.raises(NotSentError) as caught:
        CONNECTOR.send(channel, outbound(), deadline_seconds=30)

    assert caught.value.reason.code == "mail.smtp_login"
    assert caught.value.needs_attention
    assert not caught.value.permanent


@pytest.mark.parametrize("plus_addressing", [False, True])
def test_bounce_names_our_mail(servers: MailServers, plus_addressing: bool) -> None:
    channel = plain(servers, plus_addressing=plus_addressing)
    receipt = CONNECTOR.send(channel, outbound(**_to("gone@gone.example")), deadline_seconds=30)
    servers.wait_for_messages(ADDRESS, 1)

    (post,) = posts(channel, fetch_all(channel))

    assert post.automatic is Automatic.BOUNCE
    assert post.bounce is not None
    assert (post.bounce.message_id, post.bounce.recipient) == (receipt.external_id, "gone@gone.example")
    assert (post.bounce.status, post.bounce.permanent) == ("5.1.1", True)
    assert "User doesn't exist" in post.bounce.diagnostic


def test_own_mail_that_comes_back_is_a_loop(servers: MailServers) -> None:
    channel = plain(servers)
    CONNECTOR.send(channel, outbound(**_to(ADDRESS)), deadline_seconds=30)
    servers.wait_for_messages(ADDRESS, 1)

    (post,) = posts(channel, fetch_all(channel))

    assert post.automatic is Automatic.LOOP


def _to(address: str) -> dict[str, Any]:
    return {"recipient": type(outbound().recipient)(address, "", address)}
