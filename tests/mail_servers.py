"""Real mail servers for the tests: Dovecot and Postfix of Debian, on high ports, in a folder of their own.

Nothing ever leaves the machine: whatever is not for `luister.example` or `customer.example` is refused. Every user of
those domains exists and has the password `PASSWORD`, but for:

    nobody@customer.example   refused at once (550 5.1.1)
    busy@customer.example     asked to come back (450 4.2.0)
    gone@gone.example         accepted, and bounced a moment later (5.1.1)
"""

import contextlib
import imaplib
import ipaddress
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from luister.base.clock import utc_now

PASSWORD = "correct-horse-battery-staple"
HOST = "127.0.0.1"
START_SECONDS = 60.0

Found = TypeVar("Found")

_DOVECOT = "/usr/sbin/dovecot"
_DOVEADM = "/usr/bin/doveadm"
_POSTFIX = "/usr/sbin/postfix"


class MailServers:
    """One Dovecot (IMAP, LMTP) and one Postfix (SMTP) that delivers to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.imap_port, self.imaps_port, self.smtp_port, self.smtps_port, self._lmtp_port = _free_ports(5)
        self._dovecot: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start both and wait until they answer."""
        _write_certificate(self.folder)
        (self.folder / "mail").mkdir()
        shutil.chown(self.folder / "mail", "mail", "mail")
        (self.folder / "nobody").touch()
        (self.folder / "dovecot.conf").write_text(self._dovecot_settings())
        self.start_dovecot()
        self._start_postfix()

    def stop(self) -> None:
        """Stop both."""
        subprocess.run([_POSTFIX, "-c", str(self.folder / "postfix"), "abort"], capture_output=True, check=False)
        self.kill_dovecot()

    def start_dovecot(self) -> None:
        """Start Dovecot; also again after it was killed."""
        log = (self.folder / "dovecot.out").open("ab")
        self._dovecot = subprocess.Popen(
            [_DOVECOT, "-F", "-c", str(self.folder / "dovecot.conf")], stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        self._until_answering(self.imap_port, b"* OK")

    def kill_dovecot(self) -> None:
        """End Dovecot and all connections to it, without a goodbye."""
        if self._dovecot is None:
            return
        for line in (str(self._dovecot.pid), *self._processes()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line.split()[0]), signal.SIGKILL)
        self._dovecot.wait(10)
        self._dovecot = None
        (self.folder / "dovecot" / "master.pid").unlink(missing_ok=True)

    def is_idling(self, user: str) -> bool:
        """Return whether a connection of this user waits with IDLE."""
        return any(user in line and "IDLE" in line for line in self._processes())

    def set_uidvalidity(self, user: str, folder: str, value: int) -> None:
        """Do what a restored backup does: make all UIDs of a folder void."""
        what = f"mailbox update -u {user} --uid-validity {value} {folder}".split()
        command = [_DOVEADM, "-c", str(self.folder / "dovecot.conf"), *what]
        subprocess.run(command, check=True, capture_output=True)

    def deliver(self, message: EmailMessage | bytes, *, sender: str, recipient: str) -> None:
        """Send a mail from the outside world, as another mail server would."""
        content = message if isinstance(message, bytes) else message.as_bytes()
        with smtplib.SMTP(HOST, self.smtp_port, timeout=20) as client:
            client.sendmail(sender, [recipient], content)

    @contextlib.contextmanager
    def imap(self, user: str) -> Iterator[imaplib.IMAP4]:
        """Give a user's own connection to the mailbox."""
        with imaplib.IMAP4(HOST, self.imap_port, timeout=20) as client:
            client.login(user, PASSWORD)
            yield client

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Return what a user has in a folder, oldest first."""
        with self.imap(user) as client:
            if client.select(f'"{folder}"', readonly=True)[0] != "OK":
                return []
            numbers = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number.decode(), "(BODY.PEEK[])")[1][0][1] for number in numbers]

    def wait_for_messages(self, user: str, count: int, folder: str = "INBOX") -> list[bytes]:
        """Return a user's mails as soon as there are so many."""
        return until(lambda: found if len(found := self.messages(user, folder)) >= count else None)

    def empty(self, user: str, folder: str = "INBOX") -> None:
        """Remove all that a user has in a folder."""
        with self.imap(user) as client:
            answer, count = client.select(f'"{folder}"')
            if answer == "OK" and count != [b"0"]:
                client.store("1:*", "+FLAGS", "\\Deleted")
                client.expunge()

    @property
    def certificate(self) -> Path:
        """The certificate to trust, for SSL_CERT_FILE."""
        return self.folder / "cert.pem"

    def _processes(self) -> list[str]:
        """Return Dovecot's processes, each as its id and title."""
        assert self._dovecot is not None
        command = ["pgrep", "-a", "-P", str(self._dovecot.pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()

    def _dovecot_settings(self) -> str:
        folder = self.folder
        return f"""
protocols = imap lmtp
base_dir = {folder}/dovecot
log_path = {folder}/dovecot.log
listen = {HOST}
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
verbose_proctitle = yes
mail_location = maildir:{folder}/mail/%u
mail_uid = mail
mail_gid = mail
first_valid_uid = {pwd.getpwnam("mail").pw_uid}
first_valid_gid = {pwd.getpwnam("mail").pw_gid}
recipient_delimiter = +
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
  }}
}}
passdb {{
  driver = static
  args = password={PASSWORD}
  username_filter = !*@gone.example
}}
passdb {{
  driver = passwd-file
  args = {folder}/nobody
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {self.imap_port}
  }}
  inet_listener imaps {{
    port = {self.imaps_port}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {self._lmtp_port}
  }}
}}
service auth {{
  unix_listener {folder}/auth-postfix {{
    mode = 0666
  }}
}}
service stats {{
  process_limit = 1
}}
"""

    def _start_postfix(self) -> None:
        folder = self.folder / "postfix"
        folder.mkdir()
        for name in ("queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        (folder / "main.cf").write_text(self._main_cf())
        (folder / "master.cf").write_text(self._master_cf())
        subprocess.run([_POSTFIX, "-c", str(folder), "start"], check=True, capture_output=True, timeout=60)
        self._until_answering(self.smtp_port, b"220 ")

    def _main_cf(self) -> str:
        folder = self.folder
        return f"""
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
inet_interfaces = {HOST}
inet_protocols = ipv4
myhostname = mail.luister.example
mydestination =
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = luister.example, customer.example, gone.example
virtual_transport = lmtp:inet:{HOST}:{self._lmtp_port}
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
recipient_delimiter = +
message_size_limit = 31457280
smtpd_recipient_restrictions =
    check_recipient_access inline:{{ {{ nobody@customer.example = 550 5.1.1 No such user here }},
        {{ busy@customer.example = 450 4.2.0 Greylisted, come back in a while }} }},
    permit_sasl_authenticated, reject_unauth_destination
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/auth-postfix
smtpd_tls_cert_file = {folder}/cert.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_tls_security_level = may
smtpd_peername_lookup = no
smtpd_client_connection_rate_limit = 0
"""

    def _master_cf(self) -> str:
        return f"""
{HOST}:{self.smtp_port} inet n - n - - smtpd
{HOST}:{self.smtps_port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

    def _until_answering(self, port: int, greeting: bytes) -> None:
        def greeted() -> bool:
            with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=2) as connection:
                return connection.recv(200).startswith(greeting)
            return False

        try:
            until(greeted, seconds=START_SECONDS)
        except AssertionError:
            logs = "".join(path.read_text(errors="replace")[-2000:] for path in self.folder.glob("*.log"))
            out = self.folder / "dovecot.out"
            raise AssertionError(f"no answer on port {port}: {logs}{out.read_text() if out.exists() else ''}") from None


def until(look: Callable[[], Found | None], *, seconds: float = 20.0) -> Found:
    """Return the first thing that looking finds; fail after a while."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not seen within {seconds} s")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(count)]
        for opened in taken:
            opened.bind((HOST, 0))
        return [opened.getsockname()[1] for opened in taken]


def _write_certificate(folder: Path) -> None:
    """Write a certificate for 127.0.0.1 that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Luister tests")])
    now = utc_now()
    unused = "content_commitment data_encipherment key_agreement crl_sign encipher_only decipher_only"
    usage = dict.fromkeys(unused.split(), False)
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_encipherment=True, key_cert_sign=True, **usage), critical=True
        )
    )
    certificate = builder.sign(key, hashes.SHA256())
    encoding = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(encoding))
    (folder / "key.pem").write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def missing() -> str:
    """Return why the servers cannot run here, "" when they can."""
    absent = [path for path in (_DOVECOT, "/usr/lib/dovecot/lmtp", _POSTFIX) if not Path(path).exists()]
    if absent:
        return f"not installed: {', '.join(absent)}"
    return "" if os.geteuid() == 0 else "Postfix starts as root only"


@pytest.fixture(scope="session")
def mail_servers() -> Iterator[MailServers]:
    """Give running mail servers, once for all tests of a process."""
    reason = missing()
    if reason and os.environ.get("CI"):
        pytest.fail(f"mail servers are needed in CI: {reason}")
    if reason:
        pytest.skip(reason)
    # Not in pytest's own folder: the servers' users must be able to enter it.
    folder = Path(tempfile.mkdtemp(prefix="luister-mail-"))
    folder.chmod(0o755)
    servers = MailServers(folder)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)
