"""Personal data in a text: what has a check digit must pass it, what has none must stand where it belongs.

Sums: IBAN by ISO 13616 (mod 97), cards by ISO/IEC 7812 (Luhn), the BSN by the eleven test of the Dutch government.
Numbers that organisations publish for everybody (service lines, emergency numbers) are nobody's.
"""

import re
from collections.abc import Callable, Iterator

from luister.text.contract import Personal, PersonalData

_DIGIT = re.compile(r"\d")
_SPELLED_AT = ("apenstaart", "(at)", "[at]", "(a)", " dot ", " punt ")
_BOOKED = ("boek", "book", "reserv", "pnr", "confirm", "bevestig", "record", "itinerary")

_AT = r"(?:@|\s?[(\[]\s?(?:at|apenstaartje|a)\s?[)\]]\s?|\s(?:apenstaartje|at)\s)"
_DOT = r"(?:\.|\s?[(\[](?:dot|punt)[)\]]\s?|\s(?:dot|punt)\s)"
_SPELLED = re.compile(
    rf"(?<![\w@])\w[\w+%-]*(?:{_DOT}[\w+%-]+)*{_AT}[\w-]+(?:{_DOT}[\w-]+)*{_DOT}[a-z]{{2,10}}(?!\w)(?!{_AT})",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"(?<![\w@/.])[\w.+%'-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}(?!\w)", re.IGNORECASE)

_IBAN = re.compile(r"(?<!\w)(?=([A-Za-z]{2}[ .-]?\d{2}(?:[ .-]{0,2}[A-Za-z0-9]){11,30}))")
_IBAN_SIZES = {
    "NL": 18, "BE": 16, "DE": 22, "FR": 27, "LU": 20, "GB": 22, "IE": 22, "ES": 24, "IT": 27, "PT": 25, "AT": 20,
    "CH": 21, "PL": 28, "DK": 18, "SE": 24, "NO": 15, "FI": 18, "TR": 26, "RO": 24, "HU": 28, "CZ": 24, "GR": 27,
}  # fmt: skip
_CARD = re.compile(r"(?<![\w.,/])\d(?:[ -]?\d){12,18}(?![\w/]|[.,]\d)")
_NINE = re.compile(r"(?<![\w.,/#+-])(?<!\+\d\d )(?<!\+\d\d-)\d(?:[ .]?\d){8}(?![\w/]|[.,-]\d)")
_BSN_WORD = re.compile(
    r"\bbsn|burgerservice|burger service|so[cf]i[ -]?(?:nummer|nr)|sofi\b|citizen|personal number"
    r"|rijksregister|national id",
    re.IGNORECASE,
)

_PHONE = re.compile(
    r"(?<![\w#@.,€$£%-])(?<!\d[/ ])(?<!\d:)(?<![A-Z]{4} )"
    r"(?:(?:\(?(?:\+|00)\s?[1-9]\d{0,2}\)?[ ./-]{0,2}(?:\(0\)[ ]?)?|\(?0\d{1,4}\)?|\(\d{3}\)"
    r"|(?:1[-. ])?\d{3}[-. ](?=\d{3}[-. ]\d{4}\b)))"
    r"(?:[ ./-]{0,3}\(?\d\)?){5,12}(?![\w€%:@]|[.,/-]\d)"
)
_SERVICE = re.compile(
    r"^(?:(?:\+31|0031|0)\s?-?\s?(?:8(?:00|8|5)(?![ -]?\d{3}[ -]\d{4}$)|90[0-9])|0(?:800|88)"
    r"|1[-. ]?8(?:00|88|77|66|55|44|33)|(?:\+44|0044)\s?(?:8|3)\d|0(?:3\d\d|84[345]|87[0-3]) |0?1850|0?1890|116)"
)
_PHONE_WORD = re.compile(
    r"\b(?:tel|telefoon|nummer|mobiel|gsm|bel|bellen|bereik\w*|06|whatsapp|app|sms|call|phone|cell|mobile|number|ring|text|reach)\b[^.!?]{0,30}$",
    re.IGNORECASE,
)
_LOCAL = re.compile(r"(?<![\w#@.,:€$£%/-])(?<!\d )\d{3}[-. ]\d{4}(?![\w€%:@/-]|[.,]\d)")


def _any(words: str) -> str:
    """Return a pattern of any of some words; a space in one is written `_`."""
    return "(?:" + "|".join(word.replace("_", " ") for word in words.split()) + ")"


_FILLER = (  # between the word and its number
    r"(?:[\s:#.,(]|\"|'|“|‘|=|-(?=\s)|"
    + _any(
        "is was you u jullie het the nr no nummer number num code met with van of onder under dit this these it's its"
        " namelijk being are as luidt kenmerk ref referentie reference id mijn my"
    )
    + r"(?!\w))*"
)
_VALUE = (
    r"(?P<value>(?:(?-i:[A-Z]{2,4}) (?=\d{4}))?(?=[\w./-]*\d)[A-Za-z0-9]"
    r"(?:[\w]|[-/](?=\w)|[. ](?=\d{2,}(?!\w*[€%])(?:\W|$)))*)"
)
_NUMBERED = _any(  # a number of this is the writer's: bestelnummer, order no.
    "bestel order klant factuur pakket (?:zend(?:ing)?s?) dossier zaak ticket referentie contract relatie"
    " lidmaatschaps?"
    " leden lid polis abonnee abonnements? claim schade retour debiteuren track volg meld(?:ings?)? case werkbon"
    " offerte"
    " quote aansluitings? kaart pas werkorder nota afspraak serie huur"
    " customer client account invoice tracking parcel policy reference ref member membership return shipment"
    " consignment"
    " incident request complaint job repair rma work_order service_request loyalty meter agreement rental_agreement"
    " acct"
)
_NAMED = _any(  # what has a number right behind it: bestelling 123, invoice A-1
    "bestelling order factuur dossier zending pakket pakje ticket zaak case invoice parcel package shipment claim polis"
    " policy referentie reference kenmerk ref (?:track\\s?(?:&|and|en|n)\\s?trace(?:[_-]?code)?) t&t tracking rma nota"
    " werkorder agreement acct membership job schade offerte quote werkbon contract klant melding retour return account"
    " complaint klacht customer member lid work_order"
)
_ORDER = re.compile(
    rf"(?<![A-Za-z])(?:{_NUMBERED}[ -]?(?:nummer|nrs?|no|number|num|id|code|ref(?:erence)?|kenmerk|#)(?![a-z])\.?"
    rf"|{_NAMED}){_FILLER}{_VALUE}(?![\w%€]|[:]\d)",
    re.IGNORECASE,
)
_CODE = re.compile(  # codes whose shape says enough: X7K2PQ, BK-77410, RJ88302, #55201
    r"(?<![\w@./-])(?:"
    r"(?P<mixed>(?=[A-Z]*\d)(?![A-Z]+\d+(?!\w))(?!\d+[A-Z]+(?!\w))(?=(?:\d*[A-Z]){2})[A-Z0-9]{6})"
    r"|(?P<dashed>[A-Z]{1,6}-\d{2,6}-\d{3,10}|[A-Z]{1,6}\d{0,4}-(?:\d{5,10}|\d{3,4})|\d{4,6}-\d{5,10}(?:-\d{2,6})?)"
    r"|(?P<plain>[A-Z]{2,6}(?:\d{5,12}|\d{4,12}[A-Z]))"
    r"|(?:(?<=#)|(?<=[Mm]ine is )|(?<=[Mm]ijne is ))(?P<bare>\d{5,12})"
    r")(?![\w-]|[.,:]\d)"
)
_TECHNICAL = re.compile(
    _any(
        "fout error code melding model type artikel art\\.? article item sku catalog\\w* kvk vat btw gate versie"
        " version"
        " update patch firmware"
    )
    + r"[\w ]{0,12}[:# ]*$",
    re.IGNORECASE,
)
_STAY = re.compile(
    _any(
        "boek reserv booking hotel kamer \\broom cabin hut\\b flight vlucht vlieg incheck check[-_]?in boarding gate"
        " huisje camping ferry tafel \\btable"
    ),
    re.IGNORECASE,
)
_GENERAL = re.compile(r"^(?:ref|reference|referentie|kenmerk|code|confirmation)", re.IGNORECASE)
_PARCEL = re.compile(
    r"(?<!\w)(?:3S[A-Z]{2,6}\d{6,13}|JVGL\d{8,24}|JD\d{14,18}|1Z[0-9A-Z]{16}|[A-Z]{2}\d{9}[A-Z]{2}|[A-Z]\d{2}[A-Z0-9]{2,4}\d{8,12})(?!\w)"
)
_BOOKING = re.compile(
    r"(?<![A-Za-z])(?:"
    r"(?:boekings?|reserverings?|reservatie|booking|reservation|confirmation|bevestigings?|pnr|record|itinerary)"
    r"[ -]?(?:nummer|nr|no|number|code|id|ref(?:erence|erentie)?|locator|kenmerk|#)(?![a-z])\.?"
    r"|boeking|reservering|booking|reservation|pnr|confirmation|reservatie|itinerary|geboekt|gereserveerd|booked"
    r")(?i:"
    + _FILLER
    + r")(?P<value>(?=[A-Za-z-]*\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*|(?-i:[A-Z]{5,8}))(?![\w%€]|[.,:]\d)",
    re.IGNORECASE,
)
_NO_NUMBER = re.compile(
    r"^(?:\d{1,3}|(?:19|20)\d\d|\d{1,2}[-/.]\d{1,2}(?:[-/.]\d{2,4})?|\d+(?:e|de|ste|st|nd|rd|th|x|u|h|uur|min|km|kg|am|pm|k|gb|mb|hrs?|days?|euro|eur)"
    r"|v\d+(?:\.\d+)+|\d{1,2}(?:\.\d{1,2})+|\d{1,3}(?:\.\d{3})+|\d{4}\s?[A-Za-z]{2}|\d{1,2}[-/ ][A-Za-z]+)$",
    re.IGNORECASE,
)


def personal_data(text: str) -> tuple[PersonalData, ...]:
    """Return where personal data stand in a text, in order, none overlapping."""
    digits = len(_DIGIT.findall(text))
    found: list[PersonalData] = []
    for search, least in _SEARCHES:
        if digits >= least:
            for one in search(text):
                if all(one.end <= other.start or other.end <= one.start for other in found):
                    found.append(one)
    found.sort(key=lambda one: one.start)
    return tuple(found)


def _emails(text: str) -> Iterator[PersonalData]:
    for signs, pattern in ((("@",), _EMAIL), (_SPELLED_AT, _SPELLED)):
        if any(sign in text for sign in signs):
            for match in pattern.finditer(text):
                yield PersonalData(Personal.EMAIL, *match.span())


def _ibans(text: str) -> Iterator[PersonalData]:
    for match in _IBAN.finditer(text):
        country = match[1][:2].upper()
        size = _IBAN_SIZES.get(country, 0)
        places = [place for place, sign in enumerate(match[1], 1) if sign.isalnum()]
        if 0 < size <= len(places):
            end = match.start() + places[size - 1]
            if is_iban(re.sub(r"[ .-]", "", text[match.start() : end]).upper()) and not text[end : end + 1].isalnum():
                yield PersonalData(Personal.IBAN, match.start(), end)


def is_iban(letters: str) -> bool:
    """Tell whether letters without spaces, in capitals, are an IBAN by their check digits."""
    if not letters.isascii() or not 15 <= len(letters) <= 34:
        return False
    turned = letters[4:] + letters[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def _cards(text: str) -> Iterator[PersonalData]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if is_card(digits):
            yield PersonalData(Personal.CARD, *match.span())


def is_card(digits: str) -> bool:
    """Tell whether 13 to 19 digits are a payment card by Luhn's sum, and not one digit all over."""
    if digits[0] not in "23456" or len(set(digits)) < 2:
        return False
    turned = [int(digit) for digit in reversed(digits)]
    return (sum(turned[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in turned[1::2])) % 10 == 0


def _numbers_of_people(text: str) -> Iterator[PersonalData]:
    for match in _NINE.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if is_bsn(digits) and _is_about_a_person(text, match):
            yield PersonalData(Personal.BSN, *match.span())


def _is_about_a_person(text: str, match: re.Match[str]) -> bool:
    return bool(_BSN_WORD.search(text)) or not _PHONE_WORD.search(text[: match.start()])


def is_bsn(digits: str) -> bool:
    """Tell whether nine digits pass the eleven test of a citizen service number."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    total = sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True))
    return total % 11 == 0 and len(set(digits)) > 2


def _bookings(text: str) -> Iterator[PersonalData]:
    lower = text.lower()
    if not any(word in lower for word in _BOOKED):
        return
    for match in _BOOKING.finditer(text):
        if not _NO_NUMBER.match(match["value"]):
            yield PersonalData(Personal.BOOKING, *match.span("value"))


def _orders(text: str) -> Iterator[PersonalData]:
    for match in _PARCEL.finditer(text):
        yield PersonalData(Personal.ORDER, *match.span())
    for match in _ORDER.finditer(text):
        if not _NO_NUMBER.match(match["value"]):
            is_stay = _GENERAL.match(match[0]) and _STAY.search(text)
            yield PersonalData(Personal.BOOKING if is_stay else Personal.ORDER, *match.span("value"))


def _codes(text: str) -> Iterator[PersonalData]:
    for match in _CODE.finditer(text):
        is_stay = match["mixed"] or (not match["bare"] and _STAY.search(text))
        is_short = match["dashed"] and len(_DIGIT.findall(match["dashed"])) < 5
        is_technical = not match["mixed"] and _TECHNICAL.search(text[: match.start()])
        if not is_technical and (is_stay or not is_short) and not _SERVICE.match(match[0]):
            yield PersonalData(Personal.BOOKING if is_stay else Personal.ORDER, *match.span())


def _phones(text: str) -> Iterator[PersonalData]:
    for match in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        start, end = match.span()
        if match[0][0] == "(" and match[0].find(")") in (-1, len(match[0]) - 1):  # brackets around it, not its own
            start, end = start + 1, end - (match[0][-1] == ")")
        if 9 <= len(digits) <= 15 and not _SERVICE.match(text[start:end].strip("( ")):
            yield PersonalData(Personal.PHONE, start, end)
    for match in _LOCAL.finditer(text):
        if _PHONE_WORD.search(text[: match.start()]):
            yield PersonalData(Personal.PHONE, *match.span())


_SEARCHES: tuple[tuple[Callable[[str], Iterator[PersonalData]], int], ...] = (  # and the digits that each needs
    (_emails, 0),
    (_ibans, 10),
    (_cards, 13),
    (_bookings, 0),
    (_orders, 4),
    (_phones, 7),
    (_numbers_of_people, 9),
    (_codes, 1),
)
