"""Every code that the e-mail connector gives as a reason, with its English sentence.

`{values}` are filled in, and escaped, by whoever shows the sentence: addresses and names come from strangers.
"""

# Warnings beside a post.
NOTICES: dict[str, str] = {
    "mail.attachments_cut": "The mail holds more files than are kept; the first {kept} are shown.",
    "mail.calendar": "The mail holds an invitation; it is offered as a file.",
    "mail.date_in_mail": "Date in the mail: {date}. It is sorted by when it arrived.",
    "mail.encrypted": "The mail is encrypted and cannot be read here; it is offered as a file.",
    "mail.interleaved": "The sender answered between the lines. Open the quoted text to see what belongs to what.",
    "mail.lossy": "Some characters could not be read with certainty (character set {charset}).",
    "mail.many_recipients": "The mail went to {count} people; the first {kept} are kept.",
    "mail.no_new_text": "The reply holds no new text.",
    "mail.no_sender": "The mail names no sender, so it cannot be answered.",
    "mail.no_text": "The mail holds no text.",
    "mail.oversized": "The mail is {size} MB, too large to be read in. It was left on the mail server.",
    "mail.parts_cut": "The mail has more parts than are read; the rest was left out.",
    "mail.plain_only": "The mail is shown as plain text, because its layout is too complex to be shown safely.",
    "mail.repaired": "The mail was damaged; what could be recovered is shown.",
    "mail.reply_to": "Answers go to {address}, another domain than the sender's.",
    "mail.spoof": "The mail names more than one sender ({addresses}). It is shown under {address}.",
    "mail.spoof_name": "The sender's name holds an address ({name}) that is not the sender's: {address}.",
    "mail.spoof_own": "The mail says that it comes from your own address, {address}.",
    "mail.text_cut": "The text is very long; its beginning is shown.",
    "mail.unverified": "The sender could not be verified: {domain} did not vouch for this mail.",
    "mail.via_own_address": "Sent through your own address ({address}), it seems by a form that names this sender.",
    "mail.winmail": "The mail came in Microsoft's own format; it is offered as a file (winmail.dat).",
}

# Why a raw mail is in the bin.
UNPROCESSABLE: dict[str, str] = {
    "mail.empty": "The mail is empty.",
    "mail.not_a_mail": "This is not a mail: it has none of the headers that a mail has.",
}

# Why reading or checking failed.
TROUBLE: dict[str, str] = {
    "mail.settings": "The setting {field} is missing or wrong.",
    "mail.unreachable": "The mail server {host}:{port} cannot be reached: {detail}.",
    "mail.timeout": "The mail server {host}:{port} does not answer in time.",
    "mail.tls": "The connection to {host}:{port} could not be secured: {detail}.",
    "mail.no_starttls": "The mail server {host}:{port} offers no encryption (STARTTLS).",
    "mail.plain_refused": "{host} may only be used without encryption when LUISTER_ALLOW_HOSTS names it.",
    "mail.imap_login": "The mail server did not accept the user name and password. Server says: “{server}”.",
    "mail.imap_folder": "The folder {folder} cannot be opened. Server says: “{server}”.",
    "mail.no_look_up": "Whether this mail was sent cannot be looked up; only a provider that keeps sent mail can tell.",
    "mail.imap_refused": "The mail server refused to go on. Server says: “{server}”.",
    "mail.imap_closed": "The mail server closed the connection. Server says: “{server}”.",
    "mail.imap_protocol": "The mail server gave an answer that cannot be understood: “{server}”.",
    "mail.smtp_login": "The outgoing mail server did not accept the user name and password. Server says: “{server}”.",
    "mail.smtp_refused": "The server for outgoing mail refused to go on. Server says: “{server}”.",
    "mail.sender_refused": "The server for outgoing mail does not let {address} send. Server says: “{server}”.",
}

# Why a mail was not sent, beside those of TROUBLE.
NOT_SENT: dict[str, str] = {
    "mail.bad_address": "{address} is not a mail address.",
    "mail.address_unsupported": "The server for outgoing mail cannot send to {address}.",
    "mail.recipient_refused": "The mail server refused {address}. Server says: “{server}”.",
    "mail.rejected": "The mail server refused the mail. Server says: “{server}”.",
    "mail.too_large": "The mail is {size} MB; the server for outgoing mail takes at most {limit} MB.",
    "mail.deferred": "The mail server asks to try again later. Server says: “{server}”.",
}

REASONS: dict[str, str] = {**NOTICES, **UNPROCESSABLE, **TROUBLE, **NOT_SENT}
