"""What a mail channel is set to, read from an account once and typed."""

from dataclasses import dataclass
from typing import Any

from luister.base.connector import Account, Field
from luister.base.errors import ConnectorError
from luister.connectors.email.addresses import domain_of, normal_address

MAX_MAIL_BYTES = 25 * 1024 * 1024
SECURITIES = ("tls", "starttls", "plain")

FIELDS = (
    Field("address", type="email"),
    Field("from_name", required=False),
    Field("imap_host"),
    Field("imap_port", type="number", default=993),
    Field("imap_security", type="select", default="tls", choices=SECURITIES),
    Field("user"),
    Field("password", type="password"),
    Field("folder", default="INBOX"),
    Field("smtp_host"),
    Field("smtp_port", type="number", default=465),
    Field("smtp_security", type="select", default="tls", choices=SECURITIES),
    Field("smtp_user", required=False),
    Field("smtp_password", type="password", required=False),
    Field("aliases", required=False),
    Field("reply_to", type="email", required=False),
    Field("authserv_id", required=False),
    Field("sent_folder", required=False),
    Field("provider_copies_sent", type="checkbox", required=False, default=False),
    Field("plus_addressing", type="checkbox", required=False, default=False),
    Field("first_days", type="number", required=False, default=7),
)


@dataclass(frozen=True, slots=True)
class Server:
    """One mail server and how to sign in to it."""

    host: str
    port: int
    security: str
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in mails: our address and every other address that is ours."""

    address: str
    own_addresses: frozenset[str]
    authserv_id: str = ""

    @property
    def domain(self) -> str:
        """The domain of our address; also that of the Message-IDs we make."""
        return domain_of(self.address)

    def is_ours(self, address: str) -> bool:
        """Return whether an address is ours, its +tag aside."""
        local, _, domain = address.lower().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" in self.own_addresses


def identity(account: Account) -> Identity:
    """Return who we are; parsing needs nothing more, and works on incomplete settings."""
    address = normal_address(_text(account, "address")) or normal_address(account.handle)
    aliases = (normal_address(alias) for alias in _text(account, "aliases").replace(";", ",").split(","))
    own = frozenset(known.lower() for known in (address, *aliases) if known)
    return Identity(address, own, _text(account, "authserv_id").lower())


def imap_server(account: Account) -> Server:
    """Return the server that mail is read from.

    Raises:
        ConnectorError: a setting is missing or wrong.
    """
    return Server(
        host=_required(account, "imap_host"),
        port=_port(account, "imap_port", default=993),
        security=_security(account, "imap_security"),
        user=_required(account, "user"),
        password=_secret(account, "password"),
    )


def smtp_server(account: Account) -> Server:
    """Return the server that mail is sent through; without a user of its own it takes that of IMAP.

    Raises:
        ConnectorError: a setting is missing or wrong.
    """
    own_user = _text(account, "smtp_user")
    return Server(
        host=_required(account, "smtp_host"),
        port=_port(account, "smtp_port", default=465),
        security=_security(account, "smtp_security"),
        user=own_user or _text(account, "user"),
        password=_secret(account, "smtp_password" if own_user else "password"),
    )


def folder(account: Account) -> str:
    """Return the folder that is read."""
    return _no_control(account, "folder", _text(account, "folder") or "INBOX")


def sent_folder(account: Account) -> str:
    """Return the folder with sent mail, "" where none is known."""
    return _no_control(account, "sent_folder", _text(account, "sent_folder"))


def provider_copies_sent(account: Account) -> bool:
    """Return whether the server puts sent mail into the sent folder by itself (Gmail, Exchange)."""
    return _flag(account.settings.get("provider_copies_sent"))


def plus_addressing(account: Account) -> bool:
    """Return whether mail to name+tag@domain arrives too, so that bounces can be told apart by their address."""
    return _flag(account.settings.get("plus_addressing"))


def first_days(account: Account) -> int:
    """Return how many days back the first reading goes."""
    try:
        return min(max(int(account.settings.get("first_days", 7)), 0), 3650)
    except (TypeError, ValueError):
        return 7


def is_serverless(account: Account) -> bool:
    """Return whether the mailbox is the demo's: mail is handed in from elsewhere, and what is sent stays here."""
    return _flag(account.settings.get("serverless"))


def _text(account: Account, name: str) -> str:
    return str(account.settings.get(name) or "").strip()


def _flag(value: Any) -> bool:
    return value is True or str(value).lower() in ("true", "on", "1", "yes")


def _required(account: Account, name: str) -> str:
    value = _text(account, name)
    if not value:
        raise ConnectorError("mail.settings", needs_attention=True, field=name)
    return _no_control(account, name, value)


def _secret(account: Account, name: str) -> str:
    value = account.secrets.get(name, "")
    if not value or any(ord(character) < 32 for character in value):
        raise ConnectorError("mail.settings", needs_attention=True, field=name)
    return value


def _no_control(account: Account, name: str, value: str) -> str:
    if any(ord(character) < 32 for character in value):
        raise ConnectorError("mail.settings", needs_attention=True, field=name)
    return value


def _port(account: Account, name: str, *, default: int) -> int:
    try:
        port = int(account.settings.get(name) or default)
    except (TypeError, ValueError):
        port = 0
    if not 0 < port < 65536:
        raise ConnectorError("mail.settings", needs_attention=True, field=name)
    return port


def _security(account: Account, name: str) -> str:
    value = _text(account, name) or "tls"
    if value not in SECURITIES:
        raise ConnectorError("mail.settings", needs_attention=True, field=name)
    return value
