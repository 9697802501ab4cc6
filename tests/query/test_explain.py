"""What a query finds, in words that fit together in both languages."""

import pytest

from luister.query import explain, parse
from luister.query.explain import written
from luister.query.reasons import WORDS
from luister.query.tree import Mention, Phrase
from tests.query.test_errors import DUTCH

SAID = [
    ("koffer", "Posts with the word “koffer”.", "Berichten met het woord “koffer”."),
    ("-koffer", "Posts without the word “koffer”.", "Berichten zonder het woord “koffer”."),
    (
        'klm (vertrag* OR "lange rij*") -vacature lang:nl',
        ("Posts with the word “klm”, and with a word that starts with “vertrag” or the words “lange rij*” in a row, "
        "and with the language nl, and without the word “vacature”."),
        ("Berichten met het woord “klm”, en met een woord dat met “vertrag” begint of de woorden “lange rij*” op een "
        "rij, en met de taal nl, en zonder het woord “vacature”."),
    ),
    (
        "koffer NEAR/5 kwijt",
        "Posts with the word “koffer” and, with at most 5 words between, the word “kwijt”.",
        "Berichten met het woord “koffer” en, met hooguit 5 woorden ertussen, het woord “kwijt”.",
    ),
    (
        "a NEAR/0 (b OR 😡) NEAR/1 #c",
        ("Posts with the word “a” and, right beside it, (the word “b” or the emoji 😡) and, with at most one word "
        "between, the hashtag #c."),
        ("Berichten met het woord “a” en, er direct naast, (het woord “b” of de emoji 😡) en, met hooguit één woord "
        "ertussen, de hashtag #c."),
    ),
    (
        "a OR (b -c)",
        "Posts with the word “a” or (the word “b” and not the word “c”).",
        "Berichten met het woord “a” of (het woord “b” en niet het woord “c”).",
    ),
    ("-a -b", "Posts without the word “a”, and without the word “b”.", None),
    ("-(a b)", "Posts without (the word “a” and the word “b”).", None),
    (
        "status:open assignee:me sla:<30m -team:none",
        ("Cases with the state open, and with you as assignee, and with less than 30 minutes until the deadline, "
        "and without no team."),
        None,
    ),
    (
        "rating:<=2 reach:100..200 followers:>5",
        ("Posts with a rating of at most 2, and with a reach of 100 to 200, and with an author with more than 5 "
        "followers."),
        ("Berichten met een beoordeling van hooguit 2, en met een bereik van 100 tot en met 200, en met een schrijver "
        "met meer dan 5 volgers."),
    ),
    ("rating:4 reach:<3", "Posts with a rating of 4, and with a reach of less than 3.", None),
    ("followers:>=7", "Posts with an author with at least 7 followers.", None),
    ("after:24h", "Posts with an age of at most 24 hours.", "Berichten met een leeftijd van hooguit 24 uur."),
    ("before:1m", "Posts with an age of more than 1 minute.", "Berichten met een leeftijd van meer dan 1 minuut."),
    ("after:60m", "Posts with an age of at most 1 hour.", None),
    ("after:90m", "Posts with an age of at most 90 minutes.", None),
    ("after:7d", "Posts with an age of at most 7 days.", None),
    ("after:14d", "Posts with an age of at most 2 weeks.", None),
    ("after:2026-03-01", "Posts with a date from 2026-03-01 on.", "Berichten met een datum vanaf 2026-03-01."),
    ("before:2026-03-01T09:30Z", "Posts with a date before 2026-03-01 09:30 UTC.", None),
    ("before:2026-03-01T09:30:15+01:00", "Posts with a date before 2026-03-01 09:30:15 UTC+01:00.", None),
    ("author:@jan", "Posts with the author @jan.", "Berichten met de schrijver @jan."),
    ('author:"Jan *"', "Posts with an author whose name starts with “jan ”.", None),
    ("title:#kwijt", "Posts with the hashtag #kwijt in the title.", "Berichten met de hashtag #kwijt in de titel."),
    ("@klm*", "Posts with a name that starts with @klm.", None),
    ("url:{x}", "Posts with “{x}” in an address.", "Berichten met “{x}” in een adres."),
]  # fmt: skip


@pytest.mark.parametrize(("query", "english", "dutch"), SAID)
def test_query_is_explained(query: str, english: str, dutch: str | None) -> None:
    assert explain(parse(query)) == english
    if dutch is not None:
        assert explain(parse(query), translate=DUTCH) == dutch


def test_every_field_and_value_is_explained() -> None:
    queries = [
        "koff* *fer *off* #koff* @jan@x.nl site:klm.nl network:x topic:a label:b author:jan* text:a url:a",
        'author:"jan" type:(post OR reply OR comment OR message OR review OR article OR broadcast OR call)',
        "sentiment:(positive OR neutral OR negative) has:(link OR media OR question) before:2w after:2h",
        "says:(question OR complaint OR compliment OR remark OR idea OR error)",
        "says:(crisis OR lead OR request OR thanks OR spam) #kwijt title:a lang:nl author:jan",
        "is:(public OR private OR inbound OR outbound OR edited) a NEAR b NEAR/0 c NEAR/1 d (a OR b -c) -(a b)",
        "status:(open OR waiting OR completed OR closed) kind:(reactive OR proactive)",
        "assignee:(me OR none OR jan) team:(x OR none)",
        "priority:urgent channel:x sla:(breached OR >=2h OR >1d OR <=30m) rating:(1..2 OR >1 OR >=1 OR <1 OR <=1)",
        "-status:open", "-a", "a", "after:1m", "after:2m", "after:1h", "after:3d", '😡 "a b" reach:1 followers:1',
        "after:2026-01-01 before:2026-01-01", 'author:"jan*"', "@jan*",
    ]  # fmt: skip
    used: set[str] = set()

    def translate(text: str) -> str:
        used.add(text)
        return DUTCH(text)

    for query in queries:
        said = explain(parse(query), translate=translate)
        assert said[0].isupper()
        assert said.endswith(".")

    assert set(WORDS.values()) - used == set()


@pytest.mark.parametrize("query", ["koffer", "vertrag*", "*offe*", "*ing", "#kwijt*", "@klm.care*", "@jan@x.nl", "😡"])
def test_token_is_written_as_it_can_be_typed(query: str) -> None:
    token = parse(query)

    assert not isinstance(token, Phrase)
    assert written(token) == query  # type: ignore[arg-type]
    assert isinstance(token, Mention) is query.startswith("@")
