"""The e-mail connector: a mailbox is read over IMAP and answered over SMTP.

Source: RFC 5321, 5322, 3464, 8601, 9051; docs/connectors/email.md says what is done with them (checked 2026-11).
"""

import logging
import threading
from collections.abc import Mapping
from typing import Any

from luister.base.clock import utc_now
from luister.base.connector import Account, Fetched, Idempotency, Limits, OutboundPost, RawItem, Receipt
from luister.base.errors import ConnectorError
from luister.base.posts import InboundPost
from luister.connectors.email import imap, settings, smtp
from luister.connectors.email.addresses import normal_address
from luister.connectors.email.compose import Mail, compose, envelope_sender, outgoing_id
from luister.connectors.email.intake import read_new
from luister.connectors.email.parse import parse_mail
from luister.connectors.email.sockets import Deadline, not_sent

CHECK_SECONDS = 20.0

_logger = logging.getLogger(__name__)


class EmailConnector:
    """Reads and answers a mailbox. Beside its arguments it knows only how far each mailbox was when last waited for."""

    kind = "email"
    label = "E-mail"
    fields = settings.FIELDS
    publicness = "private"
    polled = False

    def __init__(self) -> None:
        self._uidnext: dict[int, int] = {}

    def idempotency(self, account: Account) -> Idempotency:
        """Return LOOKUP where the server itself keeps what was sent, so that its absence says something."""
        if settings.is_serverless(account):
            return Idempotency.KEY
        if settings.sent_folder(account) and settings.provider_copies_sent(account):
            return Idempotency.LOOKUP
        return Idempotency.HUMAN

    def limits(self, account: Account, *, public: bool) -> Limits:
        """Return that a mail may be as long as it likes."""
        return Limits(max_files=10, max_file_bytes=10 * 1024 * 1024)  # most servers refuse mails over 25 MB

    def length(self, text: str) -> int:
        """Return the number of characters."""
        return len(text)

    def check(self, account: Account) -> None:
        """Sign in to both servers and open the folders, changing nothing.

        Raises:
            ConnectorError: with the exact cause.
        """
        us = settings.identity(account)
        if not us.address:
            raise ConnectorError("mail.settings", needs_attention=True, field="address")
        if settings.is_serverless(account):
            return
        outgoing = settings.smtp_server(account)
        with imap.signed_in(settings.imap_server(account), timeout_seconds=CHECK_SECONDS) as mailbox:
            imap.open_folder(mailbox, settings.folder(account))
            if settings.sent_folder(account):
                imap.open_folder(mailbox, settings.sent_folder(account))
        with (
            Deadline(CHECK_SECONDS) as deadline,
            smtp.signed_in(outgoing, name=us.domain, deadline=deadline, timeout_seconds=CHECK_SECONDS),
        ):
            pass

    def fetch(self, account: Account, cursor: Mapping[str, Any]) -> Fetched:
        """Read what is new in the folder.

        Raises:
            ConnectorError: the server refused or could not be reached.
        """
        if settings.is_serverless(account):
            return Fetched((), cursor)
        with imap.signed_in(settings.imap_server(account)) as mailbox:
            return read_new(
                mailbox,
                settings.folder(account),
                cursor,
                first_days=settings.first_days(account),
                now=utc_now(),
            )

    def wait(self, account: Account, *, timeout_seconds: float, stop: threading.Event) -> None:
        """Return when there may be mail, using IDLE.

        Raises:
            ConnectorError: as `fetch`.
        """
        if settings.is_serverless(account):
            stop.wait(timeout_seconds)
            return
        self._uidnext[account.channel_id] = imap.wait_for_mail(
            settings.imap_server(account),
            settings.folder(account),
            known_uidnext=self._uidnext.get(account.channel_id),
            timeout_seconds=timeout_seconds,
            stop=stop,
        )

    def parse(self, account: Account, item: RawItem) -> tuple[InboundPost, ...]:
        """Make a post of a mail.

        Raises:
            UnprocessableError: it is empty, or no mail.
        """
        return (parse_mail(account, item),)

    def send(self, account: Account, post: OutboundPost, *, deadline_seconds: float) -> Receipt:
        """Send a reply, once.

        Raises:
            NotSentError: it was certainly not sent.
            UnknownOutcomeError: nobody knows.
        """
        us = settings.identity(account)
        mail = compose(
            post,
            us,
            from_name=str(account.settings.get("from_name") or ""),
            reply_to=normal_address(str(account.settings.get("reply_to") or "")),
        )
        if settings.is_serverless(account):
            return Receipt(mail.message_id)
        try:
            server = settings.smtp_server(account)
        except ConnectorError as error:
            raise not_sent(error) from error
        sender = envelope_sender(mail.message_id, us, plus_addressing=settings.plus_addressing(account))
        smtp.send_mail(server, mail, sender=sender, name=us.domain, deadline_seconds=deadline_seconds)
        self._keep_copy(account, mail, post)
        return Receipt(mail.message_id)

    def look_up(self, account: Account, post: OutboundPost) -> Receipt | None:
        """Look for a reply in the sent folder, by its Message-ID.

        Raises:
            ConnectorError: could not look, or the folder cannot tell.
        """
        if self.idempotency(account) is not Idempotency.LOOKUP:
            raise ConnectorError("mail.no_look_up", needs_attention=True)
        message_id = outgoing_id(post.key, settings.identity(account))
        found = imap.find_message(settings.imap_server(account), settings.sent_folder(account), message_id)
        return Receipt(message_id) if found else None

    def _keep_copy(self, account: Account, mail: Mail, post: OutboundPost) -> None:
        """Put the mail into the sent folder; it was sent, so failing at this changes nothing."""
        try:
            folder = settings.sent_folder(account)
            if folder and not settings.provider_copies_sent(account):
                imap.append_sent(settings.imap_server(account), folder, mail.content, at=post.created_at)
        except ConnectorError as error:
            _logger.warning("email.copy.failed", extra={"channel_id": account.channel_id, "code": error.reason.code})
