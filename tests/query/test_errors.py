"""Every mistake that a query can have: its code, its place, and its sentence in both languages."""

import gettext
import io
from pathlib import Path

import pytest

import luister.query
from luister.query import QueryError, parse, sentence
from luister.query.reasons import ERRORS

MO = Path(luister.query.__file__).parent / "locale" / "nl" / "LC_MESSAGES" / "django.mo"
DUTCH = gettext.GNUTranslations(io.BytesIO(MO.read_bytes())).gettext
# «…» marks the place of the mistake; «» is a place between two characters.
MISTAKES = [
    ("empty", ""),
    ("empty", "« \n»"),
    # an unclosed quote or parenthesis
    ("unclosed_quote", 'a «"»lange rij'),
    ("unclosed_quote", "a «„»lange rij"),
    ("unclosed_quote", 'a"b c"d«"»'),
    ("unclosed_quote", 'label:«"»te laat'),
    ("unclosed_quote", '14«"»'),
    ("unclosed_parenthesis", "a «(»b OR c"),
    ("unclosed_parenthesis", "(a) AND «(»b"),
    ("unclosed_parenthesis", "((a) OR b) «(»"),
    ("unclosed_parenthesis", "lang:«(»nl OR en"),
    ("unclosed_parenthesis", "lang:«(»"),
    ("unopened_parenthesis", "a«)»"),
    ("unopened_parenthesis", "«)»"),
    ("unopened_parenthesis", "(a) OR b«)» c"),
    # an empty group
    ("empty_group", "a «()»"),
    ("empty_group", "a «(  )» b"),
    ("empty_group", "(«()»)"),
    ("empty_group", "lang:«()»"),
    # a missing operand
    ("missing_operand", "a «AND»"),
    ("missing_operand", "«AND» a"),
    ("missing_operand", "a «OR»"),
    ("missing_operand", "«OR» a"),
    ("missing_operand", "a «OR» OR b"),
    ("missing_operand", "a «OR» AND b"),
    ("missing_operand", "(a «OR»)"),
    ("missing_operand", "(«OR» a)"),
    ("missing_operand", "a «NEAR/3»"),
    ("missing_operand", "«NEAR» a"),
    ("missing_operand", "a «NEAR» OR b"),
    ("missing_operand", "lang:(nl «OR»)"),
    ("missing_operand", "lang:(«OR» nl)"),
    ("missing_operand", "lang:(nl «OR» OR en)"),
    ("missing_after", "«NOT»"),
    ("missing_after", "a «NOT»"),
    ("missing_after", "(«NOT»)"),
    ("missing_after", "NOT «NOT» OR a"),
    # a term with nothing to search for
    ("nothing", "a «&» b"),
    ("nothing", 'a «"!"»'),
    ("nothing", '«""»'),
    ("nothing", "«‼️» hoi"),
    ("nothing", "-«&»"),
    ("nothing", 'title:«"?"»'),
    ("nothing", 'label:«" "»'),
    ("nothing", "author:«@»"),
    ("nothing", 'url:«""»'),
    ("nothing", "«©»"),
    ("nothing", "«\U0001f3fd»"),
    ("nothing", "«🇳» a"),
    ("lone_minus", "a «-» b"),
    ("lone_minus", "«-»"),
    ("lone_minus", "(a «-»)"),
    ("double_minus", "a «--»b"),
    ("double_minus", "«--»"),
    ("double_minus", "a «--»-b"),
    ("double_minus", "-(«--»a)"),
    # for an address the error offers url:
    ("address", "zie «http://klm.nl/x»"),
    ("address", "«https://klm.nl»"),
    ("address", "«www.klm.nl» a"),
    ("address", '«"http://klm.nl"»'),
    ("address", "-«www.klm.nl»"),
    ("address", "title:«www.klm.nl»"),
    # an unknown field
    ("unknown_field", "a «foo»:bar"),
    ("unknown_field", "-«FOO»:bar"),
    ("unknown_field", "«langg»:nl"),
    ("unknown_field", "«foo»:"),
    ("unknown_field", "«NEAR»:x"),
    ("unknown_field", "(«foo»:(a OR b))"),
    ("value_missing", "«lang:»"),
    ("value_missing", "«lang:» nl"),
    ("value_missing", "(«TITLE:»)"),
    ("list_or", "lang:(nl «en»)"),
    ("list_or", "lang:(nl «AND» en)"),
    ("list_or", "lang:(«NOT» nl)"),
    ("list_or", "lang:(nl OR «(»en OR fr))"),
    ("list_or", "lang:(nl OR «NOT» en)"),
    ("list_or", "title:(a «NEAR/2» b)"),
    ("list_or", 'lang:(nl «"en"»)'),
    ("minus_in_field", "title:«-»koffer"),
    ("minus_in_field", "text:(a OR «-»b)"),
    # a misplaced wildcard or one with too few characters
    ("wildcard_inside", "ver«*»ging"),
    ("wildcard_inside", '"lange r«*»j"'),
    ("wildcard_inside", "#ver«*»ging"),
    ("wildcard_inside", "@jan«*»@mastodon.nl"),
    ("wildcard_inside", "*ver«*»ging"),
    ("wildcard_inside", "é́é«*»n"),
    ("wildcard_misplaced", "«*»"),
    ("wildcard_misplaced", "koffer*«*»"),
    ("wildcard_misplaced", "«*»*koffer"),
    ("wildcard_misplaced", '"lange «*» rij"'),
    ("wildcard_misplaced", "😡«*»"),
    ("wildcard_misplaced", "«*»#klm"),
    ("wildcard_misplaced", "#«*»klm"),
    ("wildcard_misplaced", "@«*»klm"),
    ("wildcard_misplaced", "«*»@klm"),
    ("wildcard_misplaced", "@jan@mastodon.nl«*»"),
    ("wildcard_misplaced", '"koffer"«*»'),
    ("wildcard_misplaced", "koffer-«*»"),
    ("wildcard_short", "a «k*»"),
    ("wildcard_short", "«*of»"),
    ("wildcard_short", "«*of*»"),
    ("wildcard_short", "«É*»"),
    ("wildcard_short", '"lange «r*»"'),
    ("wildcard_short", "T-«M*»"),
    ("wildcard_short", "«#k*»"),
    ("wildcard_short", "«@k*»"),
    ("wildcard_short", "title:«k*»"),
    ("wildcard_short", "author:«j*»"),
    ("wildcard_short", 'author:«"j*"»'),
    ("wildcard_short", 'author:«"j *"»'),
    ("wildcard_short", "author:«*»"),
    ("wildcard_field", "lang:«n*»"),
    ("wildcard_field", 'label:«"te la*"»'),
    ("wildcard_field", "url:«klm*»"),
    ("wildcard_field", "rating:«*»"),
    ("wildcard_field", "status:«op*»"),
    ("wildcard_author", "author:«*jan»"),
    ("wildcard_author", "author:«jan**»"),
    ("wildcard_author", 'author:«"j*n"»'),
    # NEAR with a bad number or around something it cannot take
    ("near_number", "a «NEAR/101» b"),
    ("near_number", "a «NEAR/» b"),
    ("near_number", "a «NEAR/x» b"),
    ("near_number", "a «NEAR/-1» b"),
    ("near_number", "a «NEAR/5x» b"),
    ("near_number", "a «NEAR/5.0» b"),
    ("near_number", "a «NEAR/٣» b"),
    ("near_number", "a «NEAR/³» b"),
    ("near_number", f"a «NEAR/{'1' * 5000}» b"),
    ("near_operand", "a NEAR «lang:nl»"),
    ("near_operand", "«title:a» NEAR b"),
    ("near_operand", "«lang:(nl OR en)» NEAR b"),
    ("near_operand", "a NEAR «(b c)»"),
    ("near_operand", "«(a AND b)» NEAR c"),
    ("near_operand", "a NEAR «(b OR c d)»"),
    ("near_operand", "a NEAR «(b OR lang:nl)»"),
    ("near_operand", "a NEAR «-b»"),
    ("near_operand", "a NEAR «NOT b»"),
    ("near_operand", "a NEAR «(-b)»"),
    ("near_operand", "«(-a)» NEAR b"),
    ("near_right", "a NEAR «(b NEAR c)»"),
    ("near_right", "a NEAR/2 b NEAR «((c NEAR d))»"),
    ("near_in_or", "a NEAR «(b OR c NEAR d)»"),
    ("near_in_or", "«(a NEAR b OR c)» NEAR d"),
    ("near_in_or", "«(a OR (b OR c NEAR d))» NEAR e"),
    # a bad value
    *[
        ("unknown_value", f"{field}:«{value}»")
        for field in ("type", "sentiment", "says", "has", "is", "status", "kind")
        for value in ("klacht", '"iets anders"')
    ],
    ("unknown_value", "type:(post OR «tweet»)"),
    *[
        ("bad_number", f"{field}:«{value}»")
        for field in ("rating", "reach", "followers")
        for value in ("x", "4.", ".5", "4.555", "1,5", "-1", "=4", ">", "=>4", "1...2", "1..", "..2", ">1..2", "٣")
    ],
    ("bad_number", "rating:«>=» 4"),
    ("reversed_range", "rating:«5..1»"),
    ("reversed_range", "reach:«1.01..1»"),
    *[
        ("bad_moment", f"{field}:«{value}»")
        for field in ("after", "before")
        for value in ("x", "gisteren", "31-02-2026", "2026-1-1", "2026-01-01T10", "20260101", "24", "123456h", "5y",
                      "-5d", "2026-01-01T10:00:00.5", "2026-01-01T10:00+1", "1.5h", "2026", "2026-01-01T10:00ZZ")
    ],
    *[
        ("no_such_moment", f"after:«{value}»")
        for value in ("2026-02-30", "2026-13-01", "0000-01-01", "2026-01-01T24:01", "2026-01-01T10:60",
                      "2026-01-01T10:00:60", "2026-01-01T10:00+25:00", "2026-01-01T10:00+01:60")
    ],
    ("bad_sla", "sla:«soon»"),
    ("bad_sla", "sla:«30m»"),
    ("bad_sla", "sla:«<30»"),
    ("bad_site", "site:«https://klm.nl»"),
    ("bad_site", "site:«klm.nl/x»"),
    ("bad_site", "site:«.»"),
    # bounds
    ("too_long", "a " * 5000 + "«b»"),
    ("too_many_terms", "a " * 1000 + "«b»"),
    ("too_many_terms", "lang:(" + "a OR " * 1000 + "«b»)"),
    ("too_many_terms", "lang:(" + "a OR " * 500 + "a) " + "a " * 499 + "«b»"),
    ("too_deep", "(" * 50 + "«(»a" + ")" * 51),
    ("too_deep", "NOT " * 50 + "«NOT» a"),
    ("too_deep", "-(" * 25 + "«-»a" + ")" * 25),
    ("too_deep", "(" * 50 + "lang:«(»nl)" + ")" * 50),
]  # fmt: skip
WORDLESS = ["-a", "NOT a", "a OR -b", "-a -b", "-a -lang:nl", "-(a b)", "(-a OR b) OR c", "NOT NOT a", "-a OR -b"]
REQUIRING = [
    "a",
    "lang:nl",
    "a -b",
    "-a b",
    "(a OR b) -c",
    "(a OR -b) c",
    "a NEAR b",
    "is:public",
    "-rating:1 has:link",
]
ALLOWED = [
    "a " * 1000,
    " ".join(["a"] * 998) + ' "b c" d',
    "a" + "b" * 9999,
    "(" * 50 + "a" + ")" * 50,
    "NOT " * 50 + "a",
    "-(" * 25 + "a" + ")" * 25,
    " ".join(["(((a)))"] * 100),
    "a NEAR/0 " * 999 + "a",
    f"a NEAR/{'0' * 4000}5 b",
    f"rating:{'9' * 5000}",
    "after:99999w",
    "after:2024-02-29T00:00:00-23:59",
]


def mistake_in(query: str, *, standing: bool = False) -> QueryError:
    try:
        parse(query, standing=standing)
    except QueryError as error:
        return error
    raise AssertionError(f"No mistake was found in {query[:60]!r}.")


def as_expected(code: str, marked: str) -> bool:
    """Say whether a mistake has its name and its place, and a sentence in both languages."""
    before, _, rest = marked.partition("«")
    inside, _, behind = rest.partition("»")
    error = mistake_in(before + inside + behind)
    said = {sentence(error.reason), sentence(error.reason, translate=DUTCH)}
    return (
        (error.reason.code, error.offset, error.length) == (f"query.{code}", len(before), len(inside))
        and len(said) == 2
        and all(0 < len(words) < 400 and "{" not in words for words in said)
    )


def test_every_mistake_is_named_with_its_place() -> None:
    assert [(code, marked[:60]) for code, marked in MISTAKES if not as_expected(code, marked)] == []


def test_every_mistake_is_made_here() -> None:
    assert {f"query.{code}" for code, _ in MISTAKES} | {"query.wordless"} == set(ERRORS)


@pytest.mark.parametrize("query", WORDLESS)
def test_standing_query_has_to_require_something(query: str) -> None:
    parse(query)

    error = mistake_in(query, standing=True)

    assert (error.reason.code, error.offset, error.length) == ("query.wordless", 0, len(query))


@pytest.mark.parametrize("query", REQUIRING)
def test_standing_query_requires_words_or_a_field(query: str) -> None:
    assert parse(query, standing=True) == parse(query)


@pytest.mark.parametrize("query", ALLOWED, ids=lambda query: query[:30])
def test_query_within_the_bounds_parses(query: str) -> None:
    parse(query)


@pytest.mark.parametrize(
    ("written", "nearest"),
    [("langg", "lang"), ("langauge", "lang"), ("autor", "author"), ("AUTHER", "author"), ("sentimant", "sentiment"),
     ("titel", "title"), ("netwerk", "network"), ("taal", "lang"), ("from", "author"), ("sinds", "after"),
     ("folowers", "followers"), ("x" * 9000, "text")],
)  # fmt: skip
def test_unknown_field_offers_the_nearest(written: str, nearest: str) -> None:
    assert mistake_in(f"{written}:a").reason.values["nearest"] == nearest


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("http://klm.nl/x", "url:http://klm.nl/x"),
        ("www.klm.nl.", "url:www.klm.nl"),
        ('"(http://klm.nl/x_(y)/z)"', 'url:"http://klm.nl/x_(y)/z"'),
        (f"https://klm.nl/{'x' * 300}", f"url:https://klm.nl/{'x' * 185}"),
    ],
)
def test_address_is_offered_with_url(written: str, offered: str) -> None:
    assert sentence(mistake_in(written).reason).endswith(f" write {offered}")
    parse(offered)
