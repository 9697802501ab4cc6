"""Personal data: what is found, where, and what only looks like it."""

from itertools import pairwise

import pytest

from luister.text.personal import is_bsn, is_card, is_iban, personal_data


def found(text: str) -> list[tuple[str, str]]:
    return [(each.kind.value, text[each.start : each.end]) for each in personal_data(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail me op j.de-wit+ns@voorbeeld.co.uk graag", [("email", "j.de-wit+ns@voorbeeld.co.uk")]),
        ("bereikbaar via piet (at) voorbeeld (punt) nl", [("email", "piet (at) voorbeeld (punt) nl")]),
        ("bel 06-12345678 na zessen", [("phone", "06-12345678")]),
        ("bel +31 6 12 34 56 78", [("phone", "+31 6 12 34 56 78")]),
        ("thuis (020) 123 45 67", [("phone", "(020) 123 45 67")]),
        ("mijn nummer (06 12345678) werkt niet", [("phone", "06 12345678")]),
        ("gsm 0475/12.34.56", [("phone", "0475/12.34.56")]),
        ("text me on 07700 900123", [("phone", "07700 900123")]),
        ("call (555) 010-4477", [("phone", "(555) 010-4477")]),
        ("rekening NL91 ABNA 0417 1643 00 van mij", [("iban", "NL91 ABNA 0417 1643 00")]),
        ("nl91abna0417164300", [("iban", "nl91abna0417164300")]),
        (
            "van NL91ABNA0417164300 naar BE68539007547034",
            [("iban", "NL91ABNA0417164300"), ("iban", "BE68539007547034")],
        ),
        ("card 4111 1111 1111 1111 was charged", [("card", "4111 1111 1111 1111")]),
        ("mijn bsn is 111222333", [("bsn", "111222333")]),
        ("bestelnummer 4500123", [("order", "4500123")]),
        ("order #A-99821 is late", [("order", "A-99821")]),
        ("track & trace 3SABCD123456789", [("order", "3SABCD123456789")]),
        ("boekingsnummer: 2209187", [("booking", "2209187")]),
        ("my PNR is X7K2PQ", [("booking", "X7K2PQ")]),
        (
            "order 4500123, mail a@b.nl of bel 0612345678",
            [("order", "4500123"), ("email", "a@b.nl"), ("phone", "0612345678")],
        ),
    ],
)
def test_personal_data(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "bel 0900-1234567 of 0800 1234567, of 112",
        "call 1-800-555-0199",
        "NL91ABNA0417164301 klopt niet",  # the check digits do not
        "4111 1111 1111 1112",  # nor does Luhn's sum
        "NL00 INGB 0123 4567 89 uit het voorbeeld",
        "vlucht KL1234 om 12:30 op 12-10-2026, gate B12, stoel 12A",
        "€ 1.250,00 voor een iPhone 15, 30% korting met ZOMER25",
        "1012 AB Amsterdam, huisnummer 123",
        "versie v2.13.4 op 192.168.1.10 geeft fout E-4012",
        "@user12345 https://x.nl/12345678 #2026",
        "3-1 gewonnen in 2025, 100000 mensen",
        "mijn bestelling is er na 3 weken nog niet",
        "order 12 tickets please",
        "",
    ],
)
def test_what_only_looks_like_personal_data(text: str) -> None:
    assert found(text) == []


def test_no_two_overlap() -> None:
    spans = personal_data("klantnummer NL91ABNA0417164300 bestelnummer 0612345678 pnr 111222333")

    assert all(one.end <= other.start for one, other in pairwise(spans))


def test_sums() -> None:
    assert is_iban("NL91ABNA0417164300")
    assert not is_iban("NL92ABNA0417164300")
    assert is_card("4111111111111111")
    assert not is_card("4111111111111112")
    assert is_bsn("111222333")
    assert not is_bsn("111222334")
