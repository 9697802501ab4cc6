"""How mail programs, in Dutch and English first, mark what they quote: the line above it, headers, separators.

Each function looks at one place in a list of lines and is linear in what it looks at.
"""

import re
from collections.abc import Sequence

MAX_ATTRIBUTION_LINES = 4
MAX_ATTRIBUTION_CHARACTERS = 450
MAX_BLOCK_LINES = 16

_TIME = r"\d{1,2}[:.]\d{2}"
_ADDRESS = r"[^\s<>@]+@[^\s<>@]+"
_EVIDENCE = re.compile(rf"{_TIME}|{_ADDRESS}")
_WROTE = re.compile(
    r"\b(?:schreef|geschreven|schreven|wrote|writes|schrieb|geschrieben|a écrit|escribió|ha scritto|escreveu|skrev"
    r"|kirjoitti|napisał\w*|napsal\w*|yazdı|a scris|írta|написал\w*|пишет)\b",
    re.IGNORECASE,
)
# "Op 3 november schreef ik u:" is a customer's own sentence.
_PROSE = re.compile(
    r"\b(?:schreef|wrote)\s+(?:ik|u|je|jij|jullie|we|wij|hij|zij|ze|men|i|you|me|to|that|dat|aan)\b"
    r"|\b(?:i|we|you|he|she|they|ik|wij|u)\s+(?:wrote|schreef)\b",
    re.IGNORECASE,
)
_STARTS = re.compile(r"(?:op|on|am|le|el|il|em|den|dnia|dne|a|at|van|from)\s", re.IGNORECASE)
_DATED_SENDER = re.compile(rf"(?=.*\b(?:19|20)\d\d\b)(?=.*{_TIME})(?=.*<{_ADDRESS}>)")
_DECORATION = " \t*_|\u200e\u200f\ufeff\u00a0"

_LABELS = {
    "from": "van from von de da afzender expéditeur fra från od от",
    "date": "verzonden verstuurd sent date datum gesendet envoyé enviado enviada inviato data fecha skickat sendt дата"
    " отправлено",
    "to": "aan to an à para til till кому ontvanger naar",
    "subject": "onderwerp subject betreff objet asunto oggetto assunto emne ämne тема",
    "other": "cc bcc kopie reply-to importance prioriteit urgentie priority bijlage bijlagen attachments attachment"
    " beantwoorden",
}
_KIND_OF = {label: kind for kind, labels in _LABELS.items() for label in labels.split()}
_LABEL_LINE = re.compile(
    r"([^\W\d_][\w-]{0,14}(?: op| aan|e)?)[ \t\u00a0*_]*[:\uff1a][ \t\u00a0*_]*(.*)", re.IGNORECASE | re.DOTALL
)
_NAMED_SEPARATOR = re.compile(
    r"[-_=*>\s]{2,}\s*(?:oorspronkelijk(?:e)? (?:bericht|e-?mail)|origine(?:el|le) (?:bericht|e-?mail)"
    r"|original (?:message|e-?mail|appointment)|ursprüngliche nachricht|message d'origine|mensaje original"
    r"|messaggio originale|mensagem original|reply message|antwoord(?:bericht)?)\s*[-_=*:\s]{0,60}",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"[-_=*\s]*(?:forwarded (?:message|by .{1,100})|begin forwarded message|doorgestuurd bericht"
    r"|begin doorgestuurd bericht|doorgestuurde e-?mail|weitergeleitete nachricht|message transféré"
    r"|fwd message)\s*:?[-_=*\s]*",
    re.IGNORECASE,
)
_REPLY_ABOVE = re.compile(
    r"[-#=*_\s]*(?:please |gelieve )?(?:reply|type|respond|write|antwoord|typ|reageer|schrijf)\b.{0,60}"
    r"\b(?:above|boven)\b.{0,30}\b(?:line|lijn|regel)\b.{0,60}",
    re.IGNORECASE,
)
_RULE = re.compile(r"(?:_{10,}|-{20,}|={20,}|\*{20,})")

_DEVICE = (
    r"(?:iphone|ipad|ipod|apple|samsung|galaxy|android|smartphone|telefoon|phone|mobiel\w*|mobile|tablet|outlook|mail"
    r"|gmail|webmail|yahoo|proton\w*|huawei|oneplus|xiaomi|redmi|pixel|nokia|blackberry|windows|macbook|device"
    r"|toestel|handy|motorola|sony|htc|tutanota|tuta|fairphone|spark|sparrow|mailbox)"
)
_MOBILE = re.compile(
    rf"(?:(?:verstuurd|verzonden|gestuurd|sent|enviado|envoyé|gesendet|inviato|skickat|sendt)\s+"
    rf"(?:vanaf|vanuit|van|met|via|door|from|with|using|by|through|desde|de|depuis|mit|von|da|från|fra)\b"
    rf"[^,.;!?]{{0,40}}\b{_DEVICE}\b(?! app\b).{{0,60}}"
    rf"|(?:van|von) (?:mijn|meinem|my) .{{0,30}}{_DEVICE}.{{0,20}} (?:verzonden|verstuurd|gesendet)"
    rf"|(?:get|download|haal) outlook (?:for|voor) .{{0,80}}|outlook (?:for|voor) (?:ios|android|mac)\b.{{0,80}}"
    rf"|virus(?:vrij|-free)\b.{{0,80}}|yahoo mail: .{{0,60}})\.?",
    re.IGNORECASE,
)
_LINK = re.compile(r"\s*[<\[(]https?://[^\s>\])]*[>\])]")


def attribution_length(lines: Sequence[str], start: int) -> int:
    """Return how many lines the sentence above a quote takes ("Op … schreef Jan:"); 0 when none begins here."""
    first = lines[start].strip(_DECORATION)
    if not first or first.startswith(">"):
        return 0
    joined = ""
    for count, line in enumerate(lines[start : start + MAX_ATTRIBUTION_LINES], 1):
        part = line.strip(_DECORATION)
        is_broken_address = joined.count("<") > joined.count(">")
        if (
            not part
            or (part.startswith(">") and not is_broken_address)
            or (count > 1 and _STARTS.match(part) and _WROTE.search(part))
        ):
            return 0
        joined = f"{joined} {part}" if joined else part
        if len(joined) > MAX_ATTRIBUTION_CHARACTERS:
            return 0
        if part.endswith((":", "\uff1a")):
            return (
                count if _is_attribution(joined, first, followed_by_quote=_quote_follows(lines, start + count)) else 0
            )
    return 0


def _is_attribution(joined: str, first: str, *, followed_by_quote: bool) -> bool:
    if not any(character.isdigit() for character in joined) and not followed_by_quote:
        return False
    if _DATED_SENDER.match(joined) or (followed_by_quote and re.search(f"<{_ADDRESS}>", joined)):
        return True
    if not _WROTE.search(joined) or (_PROSE.search(joined) and not followed_by_quote):
        return False
    if not (_STARTS.match(first) or _WROTE.search(first) or _EVIDENCE.search(first)):
        return False
    return followed_by_quote or bool(_EVIDENCE.search(joined))


def is_quote(line: str) -> bool:
    """Return whether a line carries the quoting mark."""
    return line[:4].lstrip().startswith(">")


def _quote_follows(lines: Sequence[str], start: int) -> bool:
    following = next((line for line in lines[start : start + 3] if line.strip()), "")
    return is_quote(following)


def label_of(line: str) -> tuple[str, str]:
    """Return which header of a quoted mail a line shows and its value: ("from", "Jan <jan@x.nl>"), or ("", "")."""
    match = _LABEL_LINE.match(line.strip(_DECORATION)[:2000])
    if not match:
        return "", ""
    label = match[1].lower().removesuffix(" op").removesuffix(" aan")
    return _KIND_OF.get(label, ""), match[2].strip(_DECORATION)


def is_header_block(lines: Sequence[str], start: int) -> bool:
    """Return whether the headers of a quoted mail begin here (Outlook, Samsung, Windows Mail, phones)."""
    if label_of(lines[start])[0] in ("", "other"):
        return False
    found: dict[str, str] = {}
    empty = 0
    for line in lines[start : start + MAX_BLOCK_LINES]:
        kind, value = label_of(line)
        if kind:
            found.setdefault(kind, value)
            empty = 0
        elif not line.strip():
            empty += 1
            if empty > 1:
                break
        elif empty or not ("@" in line or ";" in line or line[:1].isspace()):
            if len(found) >= 3 or empty:
                break
            # A wrapped value; Outlook wraps names anywhere.
            last = next(reversed(found))
            found[last] += f" {line.strip()}"
    return _is_mail_header(found)


def _is_mail_header(found: dict[str, str]) -> bool:
    if "from" not in found or len(found) < 3:
        return False
    dated = bool(re.search(_TIME, found.get("date", "")))
    addressed = "@" in found["from"]
    return (dated or addressed) and ("date" in found or {"to", "subject"} <= found.keys())


def is_separator(lines: Sequence[str], start: int) -> bool:
    """Return whether all below this line is an older mail ("-----Oorspronkelijk bericht-----")."""
    line = lines[start].strip(_DECORATION.replace("_", ""))[:200]
    if _NAMED_SEPARATOR.fullmatch(line) or _REPLY_ABOVE.fullmatch(line):
        return True
    if _RULE.fullmatch(line):
        following = next((i for i in range(start + 1, min(start + 4, len(lines))) if lines[i].strip()), None)
        return following is not None and is_header_block(lines, following)
    return False


def is_forward_mark(line: str) -> bool:
    """Return whether a mail that was passed on begins below this line."""
    return bool(_FORWARD.fullmatch(line.strip(_DECORATION)[:200]))


def is_mobile_signature(line: str) -> bool:
    """Return whether a line is what a phone or mail program puts under every mail."""
    text = _LINK.sub("", line.strip(_DECORATION))
    return 5 < len(text) <= 120 and bool(_MOBILE.fullmatch(text))


def is_signature_mark(line: str) -> bool:
    """Return whether a line is the mark between a mail and its signature."""
    return line.rstrip() in ("--", "—", "- --")
