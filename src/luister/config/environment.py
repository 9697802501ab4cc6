"""What can be wrong with the settings in the environment, known before anything else is loaded."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from email.utils import parseaddr
from importlib.util import find_spec
from itertools import chain
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from luister.config.checks import Check, State
from luister.config.errors import GroundError, LockedError

Environment = Mapping[str, str]

NEW_KEY: Final = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
KEYS: Final = ("LUISTER_SECRET_KEY", "LUISTER_CHANNEL_KEYS", "LUISTER_HEALTH_TOKEN", "LUISTER_METRICS_TOKEN")
SHORTEST_KEY: Final = 32  # characters
YES_OR_NO: Final = ("LUISTER_TLS", "LUISTER_BEHIND_PROXY", "LUISTER_PRACTICE", "LUISTER_ROW_SECURITY")
_TRUE: Final = frozenset({"true", "on", "ok", "y", "yes", "1"})
_FALSE: Final = frozenset({"false", "off", "n", "no", "0", ""})
# Name → whether only whole numbers will do, the least and the most.
NUMBERS: Final[Mapping[str, tuple[bool, float, float]]] = {
    "PORT": (True, 0, 65_535),
    "LUISTER_DB_POOL": (True, 1, 1_000),
    "LUISTER_DRAIN_SECONDS": (False, 0, 3_600),
    "LUISTER_BACKUPS_KEPT": (True, 1, 10_000),
    "LUISTER_METRICS_PORT": (True, 1, 65_535),
    "LUISTER_WORKER_HEALTH_PORT": (True, 0, 65_535),
    "LUISTER_REQUEST_DEADLINE_SECONDS": (False, 0.1, 3_600),
    "LUISTER_SETTLE_SECONDS": (False, 0, 86_400),
    "LUISTER_ECHO_WAIT_SECONDS": (False, 0, 86_400),
    "LUISTER_LATE_SECONDS": (False, 0.1, 3_600),
    "LUISTER_RETRY_SECONDS": (False, 0.1, 3_600),
    "LUISTER_ASK_AGAIN_SECONDS": (False, 1, 31_536_000),
    "LUISTER_WATCH_SECONDS": (False, 0.1, 600),
    "LUISTER_HEARTBEAT_SECONDS": (False, 0.1, 600),
}
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "LUISTER_LOG_LEVEL": ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
    "LUISTER_LOG_FORMAT": ("auto", "json", "text"),
}
OTHERS: Final = (
    "LUISTER_HOME", "LUISTER_HOSTS", "LUISTER_ORIGINS", "LUISTER_ALLOW_HOSTS", "LUISTER_MAIL_FROM",
    "LUISTER_CONTACT_URL", "LUISTER_METRICS_HOST", "LUISTER_BACKUPS", "LUISTER_MOVE_TO",
    "LUISTER_WORKER_HEALTH_HOST", "LUISTER_TIME_ZONE", "LUISTER_DATABASE_DIRECT",
    "LUISTER_BACKUP_AT",
)  # fmt: skip
DATABASES: Final = ("postgres", "postgresql", "psql", "pgsql")
MAIL: Final = ("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail")
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_EXAMPLE: Final = re.compile(
    r"change.?me|change.?this|example|insecure|placeholder|replace|your.?(secret|key|token)|voorbeeld|geheim|secret.?key"
    r"|wachtwoord|password|xxxx|<.*>"
)
_HOST: Final = re.compile(r"\.?[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:]+\]|\*", re.IGNORECASE)


def checks(given: Environment) -> Iterator[Check]:
    """Yield what is wrong with the settings, what keeps Luister from starting first; or that nothing is."""
    found = list(chain(_examples(given), _unreadable(given), _doubtful(given)))
    yield from found
    if not found:
        yield Check("settings", State.OK, "Each that is set can be read, and they go together")


def refusal(given: Environment) -> GroundError | None:
    """Return why nothing may start with these settings, if so: an example as a secret, or a value nobody can read."""
    for check in _examples(given):
        return LockedError(f"{check.text}. {check.fix}")
    for check in _unreadable(given):
        return GroundError(f"{check.text}. {check.fix}")
    return None


def _fail(name: str, text: str, fix: str) -> Check:
    return Check(name, State.FAIL, f"{name} {text}", fix)


def _warn(name: str, text: str, fix: str) -> Check:
    return Check(name, State.WARN, f"{name} {text}", fix)


def time_of_day(text: str) -> time | None:
    """Read 02:30; nothing is no time.

    Raises:
        ValueError: it is none.
    """
    if text and not re.fullmatch(r"\d\d?:\d\d", text):
        raise ValueError(text)
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute)) if text else None


def is_example(secret: str) -> bool:
    """Say whether somebody copied a secret from a page, or typed the first thing that came up."""
    plain = secret.strip().lower()
    return bool(plain) and (bool(_EXAMPLE.search(plain)) or len(set(plain)) < 6)


def _values(given: Environment, name: str) -> Sequence[str]:
    return [part.strip() for part in given.get(name, "").split(",")] if given.get(name, "").strip() else []


def _is_on(given: Environment, name: str) -> bool:
    return given.get(name, "").strip().lower() in _TRUE


def _examples(given: Environment) -> Iterator[Check]:
    for name in KEYS:
        if any(is_example(value) for value in _values(given, name)):
            text = f"{name} is an example that everybody knows, so that anybody could sign or read what it protects"
            yield Check(name, State.FAIL, text, f"Set it to the output of: {NEW_KEY}", is_unsafe=True)


def _unreadable(given: Environment) -> Iterator[Check]:
    yield from _unreadable_numbers(given)
    for name, choices in CHOICES.items():
        if given.get(name) and given[name] not in choices:
            text = f"is “{given[name]}”, which is none of its values, so that nothing can start"
            yield _fail(name, text, f"Choose one of {', '.join(choices)}.")
    if given.get("LUISTER_TIME_ZONE") and not _is_zone(given["LUISTER_TIME_ZONE"]):
        text = f"is “{given['LUISTER_TIME_ZONE']}”, which is no time zone, so that nothing can start"
        yield _fail("LUISTER_TIME_ZONE", text, "Write it as Europe/Amsterdam.")
    if given.get("LUISTER_BACKUP_AT") and not _is_time(given["LUISTER_BACKUP_AT"]):
        text = f"is “{given['LUISTER_BACKUP_AT']}”, which is no time of day, so that nothing can start"
        yield _fail("LUISTER_BACKUP_AT", text, "Write it as 02:30.")
    for name, schemes in (("DATABASE_URL", DATABASES), ("LUISTER_DATABASE_DIRECT", DATABASES[:2])):
        if given.get(name):
            yield from _unreadable_database(name, given[name], schemes)
    if given.get("EMAIL_URL") and urlsplit(given["EMAIL_URL"]).scheme not in MAIL:
        text = "begins with none of the ways in which mail can be sent, so that nothing can start"
        yield _fail("EMAIL_URL", text, "Write it as smtp+tls://user:password@host:587.")


def _is_time(text: str) -> bool:
    try:
        return time_of_day(text) is not None
    except ValueError:
        return False


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # not found, or no name at all
        return False
    return True


def _unreadable_numbers(given: Environment) -> Iterator[Check]:
    for name, (whole, least, most) in NUMBERS.items():
        if not given.get(name):
            continue
        kind = "a whole number" if whole else "a number"
        try:
            number = int(given[name]) if whole else float(given[name])
        except ValueError:
            text = f"is “{given[name]}”, which is not {kind}, so that nothing can start"
            yield _fail(name, text, f"Set it to {kind} from {least:g} to {most:g}, or leave it out.")
            continue
        if not least <= number <= most:
            text = f"is {given[name]}, with which nothing works"
            yield _fail(name, text, f"Set it to {kind} from {least:g} to {most:g}, or leave it out.")


def _unreadable_database(setting: str, address: str, schemes: Sequence[str]) -> Iterator[Check]:
    fix = "Write it as postgres://user:password@host:5432/luister."
    try:
        parts = urlsplit(address)
        name, scheme = parts.path.strip("/"), parts.scheme
        _ = parts.port
    except ValueError:
        yield _fail(setting, "cannot be read as an address, so that no database is found", fix)
        return
    if scheme not in schemes:
        yield _fail(setting, f"names “{scheme}”, while Luister stores everything in PostgreSQL", fix)
    elif not name:
        yield _fail(setting, "names no database on the server, so that nothing can be stored", fix)


def _doubtful(given: Environment) -> Iterator[Check]:
    for look in (_keys, _flags, _hosts, _origins, _proxy, _sending, _mail, _outgoing, _watching, _misspelt):
        yield from look(given)


def _keys(given: Environment) -> Iterator[Check]:
    for name in KEYS:
        values = _values(given, name)
        if any(len(value) < SHORTEST_KEY and not is_example(value) for value in values):
            text = f"has fewer than {SHORTEST_KEY} characters, so that it could be guessed"
            yield _fail(name, text, f"Set it to the output of: {NEW_KEY}")
    if given.get("LUISTER_SECRET_KEY") and given["LUISTER_SECRET_KEY"] in _values(given, "LUISTER_CHANNEL_KEYS"):
        text = "is also the key that signs sessions, so that losing one loses both"
        yield _warn("LUISTER_CHANNEL_KEYS", text, "Put a new key before it; the old one still opens what it sealed.")


def _flags(given: Environment) -> Iterator[Check]:
    for name in YES_OR_NO:
        if given.get(name, "").strip().lower() not in _TRUE | _FALSE:
            yield _fail(name, f"is “{given[name]}”, which counts as no", "Write yes or no.")


def _hosts(given: Environment) -> Iterator[Check]:
    hosts = _values(given, "LUISTER_HOSTS")
    wrong = [host for host in hosts if not _HOST.fullmatch(host)]
    if wrong:
        text = f"has “{wrong[0]}”, which no browser asks for, so that the desk answers 400 there"
        yield _fail("LUISTER_HOSTS", text, "Name hosts alone, such as desk.example: no https://, port, path or space.")
    if "*" in hosts:
        text = "lets the desk answer to any name, so that links in mail can be made to lead elsewhere"
        yield _warn("LUISTER_HOSTS", text, "Name the hosts under which people reach the desk.")
    if _is_on(given, "LUISTER_PRACTICE") and set(hosts) - _LOCAL:
        text = "opens a network to which anybody can post, on a desk that others reach"
        yield _warn("LUISTER_PRACTICE", text, "Leave it out of an installation that works for real.")


def _origins(given: Environment) -> Iterator[Check]:
    hosts = _values(given, "LUISTER_HOSTS")
    for origin in _values(given, "LUISTER_ORIGINS"):
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            text = f"has “{origin}”, which is no origin, so that nothing can start"
            yield _fail("LUISTER_ORIGINS", text, "Write it with its scheme, such as https://desk.example.")
        elif parts.scheme == "http" and _is_on(given, "LUISTER_TLS"):
            text = f"has “{origin}”, while LUISTER_TLS keeps sessions to https, so that forms sent there are refused"
            yield _warn("LUISTER_ORIGINS", text, f"Write https://{parts.netloc}.")
        elif not _is_host(parts.hostname or "", hosts):
            text = f"trusts {parts.hostname}, which LUISTER_HOSTS does not name, so that the desk answers 400 there"
            yield _warn("LUISTER_ORIGINS", text, f"Add {parts.hostname} to LUISTER_HOSTS.")


def _is_host(name: str, hosts: Sequence[str]) -> bool:
    return any(
        host in {"*", name} or (host.startswith(".") and name.endswith(host)) for host in hosts or sorted(_LOCAL)
    )


def _proxy(given: Environment) -> Iterator[Check]:
    tls, proxy = _is_on(given, "LUISTER_TLS"), _is_on(given, "LUISTER_BEHIND_PROXY")
    secure_origin = any(origin.startswith("https://") for origin in _values(given, "LUISTER_ORIGINS"))
    if tls and not proxy:
        text = "is on while Luister itself speaks plain HTTP and believes no proxy, so that nobody stays signed in"
        yield _fail("LUISTER_TLS", text, "Put a proxy with TLS before it and set LUISTER_BEHIND_PROXY=yes.")
    if proxy and not tls:
        text = "is on without LUISTER_TLS, so that browsers would send sessions over plain HTTP too"
        yield _warn("LUISTER_BEHIND_PROXY", text, "Set LUISTER_TLS=yes, where the proxy speaks HTTPS.")
    if secure_origin and not proxy and not tls:
        text = "is https while LUISTER_BEHIND_PROXY is off, so that links in mail begin with http"
        yield _warn("LUISTER_ORIGINS", text, "Set LUISTER_BEHIND_PROXY=yes and LUISTER_TLS=yes.")


def _seconds(given: Environment, name: str, default: float) -> float:
    try:
        return float(given.get(name) or default)
    except ValueError:
        return default


def _sending(given: Environment) -> Iterator[Check]:
    deadline = _seconds(given, "LUISTER_REQUEST_DEADLINE_SECONDS", 30)
    if _seconds(given, "LUISTER_SETTLE_SECONDS", 60) < deadline:
        text = "is shorter than LUISTER_REQUEST_DEADLINE_SECONDS, so that a reply that arrives late may be sent twice"
        yield _fail("LUISTER_SETTLE_SECONDS", text, f"Set it to {2 * deadline:g}, or leave both out.")
    if _seconds(given, "LUISTER_LATE_SECONDS", 5) >= deadline:
        text = "is not below LUISTER_REQUEST_DEADLINE_SECONDS, so that a worker that was held up sends too late"
        yield _warn("LUISTER_LATE_SECONDS", text, "Set it to 5, or leave it out.")


def _mail(given: Environment) -> Iterator[Check]:
    address, sender = given.get("EMAIL_URL", ""), given.get("LUISTER_MAIL_FROM", "")
    if not address:
        text = "is not set, so that invitations and forgotten passwords are printed in the log instead of mailed"
        yield _warn("EMAIL_URL", text, "Set it, such as smtp+tls://user:password@host:587, or pass links on by hand.")
    elif urlsplit(address).scheme == "smtp" and urlsplit(address).password and urlsplit(address).hostname not in _LOCAL:
        text = "sends its password unencrypted, so that anybody between here and there can read it"
        yield _warn("EMAIL_URL", text, "Write smtp+tls:// (port 587) or smtp+ssl:// (port 465).")
    host = parseaddr(sender)[1].partition("@")[2]
    if sender and not host:
        yield _fail("LUISTER_MAIL_FROM", "is no address, so that mail is refused", "Write Luister <desk@example.org>.")
    elif address.startswith("smtp") and (not sender or host in _LOCAL):
        text = "is at localhost, so that other servers take Luister's mail for spam"
        yield _warn("LUISTER_MAIL_FROM", text, "Set it to an address of yours.")


def _outgoing(given: Environment) -> Iterator[Check]:
    for entry in _values(given, "LUISTER_ALLOW_HOSTS"):
        host, _, port = entry.rpartition(":") if re.search(r":\d+$", entry) else (entry, "", "")
        if not _HOST.fullmatch(host) or host in {"*", "."} or (port and not 0 < int(port) < 65_536):
            text = f"has “{entry}”, which is no host, so that it opens nothing"
            yield _fail("LUISTER_ALLOW_HOSTS", text, "Name hosts or host:port, each in full, separated by commas.")
    page = given.get("LUISTER_CONTACT_URL", "")
    if page and urlsplit(page).scheme not in {"http", "https"}:
        text = "is no address of a page, so that sites cannot find whose reader visits them"
        yield _warn("LUISTER_CONTACT_URL", text, "Write it with https://.")


def _watching(given: Environment) -> Iterator[Check]:
    port = given.get("LUISTER_METRICS_PORT", "")
    if port and port == given.get("PORT", "8000"):
        text = "is the port of the desk itself, so that its figures are found nowhere"
        yield _fail("LUISTER_METRICS_PORT", text, "Choose another, such as 9461.")
    if port and given.get("LUISTER_METRICS_HOST", "127.0.0.1") in {"0.0.0.0", "::", "[::]"}:  # noqa: S104 - warned of
        text = "opens the figures to every network this machine is in"
        yield _warn("LUISTER_METRICS_HOST", text, "Name the address at which Prometheus asks, such as 127.0.0.1.")
    if any(name.startswith("OTEL_") for name in given) and find_spec("opentelemetry") is None:
        text = "is set while OpenTelemetry is not installed, so that nothing is traced"
        yield _warn("OTEL_*", text, "Install luister[otel], or leave these out.")


def _misspelt(given: Environment) -> Iterator[Check]:
    known = [*KEYS, *YES_OR_NO, *NUMBERS, *CHOICES, *OTHERS]
    for name in sorted(given):
        if not name.startswith("LUISTER_") or name in known:
            continue
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.9)
        if close:
            yield _warn(name, "is no setting, so that it changes nothing", f"Did you mean {close[0]}?")
