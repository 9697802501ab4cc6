"""Who sent a mail: one identity, however many the mail claims, and what is suspicious about it.

Only what our own mail server wrote (the topmost Return-Path, and the Authentication-Results of the configured
server) is believed; everything else in a mail is written by its sender.
"""

import re
from dataclasses import dataclass, field

from luister.base.errors import Reason
from luister.base.posts import Author
from luister.connectors.email.addresses import (
    ADDRESS_IN_TEXT,
    domain_of,
    normal_address,
    person,
    read_addresses,
    same_organization,
)
from luister.connectors.email.headers import Headers
from luister.connectors.email.settings import Identity

_COMMENT = re.compile(r"\([^()]*\)")
_PASS = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*pass\b", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(?:header\.(?:from|d|i)|smtp\.(?:mailfrom|mail))\s*=\s*(\S+)", re.IGNORECASE)


@dataclass(slots=True)
class Sender:
    """The one identity of a mail; `verified` is None when no server that we trust has looked."""

    author: Author
    verified: bool | None = None
    reply_to: Author | None = None
    notices: list[Reason] = field(default_factory=list)


def read_sender(headers: Headers, identity: Identity, *, fallback_id: str) -> Sender:
    """Return who sent a mail; `fallback_id` makes an address for a mail that names nobody."""
    named = _unique([author for value in headers.raw_all("from") for author in read_addresses(value)])
    envelope = _envelope(headers)
    vouched = _vouched_domains(headers, identity.authserv_id)
    sender = Sender(_choose(headers, named, envelope, vouched, fallback_id))
    if len(named) > 1:
        addresses = ", ".join(author.external_id for author in named[:5])
        sender.notices.append(Reason("mail.spoof", {"addresses": addresses, "address": sender.author.external_id}))
    if sender.author.external_id == fallback_id:
        sender.notices.append(Reason("mail.no_sender"))
    _check_name(sender)
    _check_verdict(sender, vouched)
    _read_reply_to(sender, headers, identity)
    return sender


def null_return_path(headers: Headers) -> bool:
    """Return whether the mail was sent from `<>`, as machines send what must not be answered."""
    return any(headers.raw(name).replace(" ", "") == "<>" for name in ("return-path", "x-envelope-from"))


def _choose(
    headers: Headers, named: list[Author], envelope: str, vouched: frozenset[str] | None, fallback_id: str
) -> Author:
    if len(named) == 1:
        return named[0]
    for author in named:
        if vouched and any(same_organization(domain_of(author.external_id), domain) for domain in vouched):
            return author
    by_address = {author.external_id: author for author in named}
    if envelope:
        return by_address.get(envelope, person(envelope))
    if named:
        return named[0]
    sender = next(iter(read_addresses(headers.raw("sender"))), None)
    return sender or person(fallback_id)


def _check_name(sender: Sender) -> None:
    """Warn when the name shows an address that is not where the mail comes from."""
    shown = ADDRESS_IN_TEXT.search(sender.author.name)
    if shown and normal_address(shown[0]).lower() != sender.author.external_id.lower():
        values = {"name": sender.author.name, "address": sender.author.external_id}
        sender.notices.append(Reason("mail.spoof_name", values))


def _check_verdict(sender: Sender, vouched: frozenset[str] | None) -> None:
    if vouched is None:
        return
    domain = domain_of(sender.author.external_id)
    sender.verified = any(same_organization(domain, other) for other in vouched)
    if not sender.verified:
        sender.notices.append(Reason("mail.unverified", {"domain": domain}))


def _read_reply_to(sender: Sender, headers: Headers, identity: Identity) -> None:
    author = sender.author
    replies = [reply for reply in read_addresses(headers.raw("reply-to")) if not identity.is_ours(reply.external_id)]
    if not replies or replies[0].external_id == author.external_id:
        return
    reply_to = replies[0]
    if identity.is_ours(author.external_id):
        # A form on a website, or a group: it sends as us and names its user here.
        sender.author = Author(reply_to.external_id, reply_to.name or author.name, reply_to.external_id)
        sender.notices.append(Reason("mail.via_own_address", {"address": author.external_id}))
        return
    sender.reply_to = reply_to
    if not same_organization(domain_of(author.external_id), domain_of(reply_to.external_id)):
        sender.notices.append(Reason("mail.reply_to", {"address": reply_to.external_id}))


def _envelope(headers: Headers) -> str:
    found = next(iter(read_addresses(headers.raw("return-path"))), None)
    return found.external_id if found else ""


def _vouched_domains(headers: Headers, authserv_id: str) -> frozenset[str] | None:
    """Return the domains that the trusted server found to stand behind the mail; None without such a server."""
    if not authserv_id:
        return None
    for value in headers.raw_all("authentication-results"):
        server, _, results = _COMMENT.sub("", value[:20_000]).partition(";")
        if server.split() and server.split()[0].lower() == authserv_id:
            return _passed(results.split(";"))
    return frozenset()


def _passed(results: list[str]) -> frozenset[str]:
    """Return the domains of the checks that passed; a failed DMARC check overrules the others."""
    if any(re.search(r"\bdmarc\s*=\s*fail\b", result, re.IGNORECASE) for result in results):
        return frozenset()
    passed = [result for result in results if _PASS.search(result)]
    values = [value for result in passed for value in _PROPERTY.findall(result)]
    return frozenset(value.strip('"<>').rpartition("@")[2].lower() for value in values)


def _unique(authors: list[Author]) -> list[Author]:
    return list({author.external_id: author for author in reversed(authors)}.values())[::-1]
