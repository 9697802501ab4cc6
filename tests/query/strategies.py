"""Generated queries and posts that often have to do with each other: few words, in many guises.

`written()` gives a query's text with its meaning for the reference matcher, `queries()` the text alone. Each is made of
one number that hypothesis draws: that is fifty times faster than drawing every word, and a run can afford thousands.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from random import Random

from hypothesis import strategies as st

from luister.query import Document
from tests.query.reference import Meaning

NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)  # the day on which Dutch clocks skip an hour
# What is written → the tokens that it is.
WORDS = {
    "koffer": [("word", "koffer")], "KÖFFER": [("word", "koffer")], "kwijt": [("word", "kwijt")],
    "trein": [("word", "trein")], "treinvertraging": [("word", "treinvertraging")],
    "vertraging": [("word", "vertraging")], "e\u0301én": [("word", "een")], "Straße": [("word", "strasse")],
    "and": [("word", "and")], "near": [("word", "near")], "a": [("word", "a")], "x_1": [("word", "x_1")],
    "T-Mobile": [("word", "t"), ("word", "mobile")], "foto's": [("word", "foto"), ("word", "s")],
    "12:30": [("word", "12"), ("word", "30")], "½": [("word", "1"), ("word", "2")], "ﬁets™": [("word", "fietstm")],
    "info@klm.com": [("word", "info"), ("word", "klm"), ("word", "com")],
}  # fmt: skip
SIGNS = {
    "#kwijt": [("tag", "kwijt")], "#TreinFail": [("tag", "treinfail")], "@klm": [("mention", "klm", "")],
    "@KLM.care": [("mention", "klm.care", "")], "@klm@mastodon.nl": [("mention", "klm", "mastodon.nl")],
    "👍🏽": [("emoji", "👍")], "👍": [("emoji", "👍")], "👩🏾‍🚒": [("emoji", "👩‍🚒")], "🤷‍♀️": [("emoji", "🤷‍♀")],
    "🇳🇱": [("emoji", "🇳🇱")], "🇳🇱🇧🇪": [("emoji", "🇳🇱"), ("emoji", "🇧🇪")], "❤️": [("emoji", "❤")],
}  # fmt: skip
NOTHING = ["!", "?", "…", "©", "🇳", "https://klm.nl/koffer?trein).", "www.nu.nl/a,", "-", "&", "'", "\u200d", "🏽", "*"]
NAMES = ["Jan de Vries", "JAN  de vries", "Jantje", "Müller"]
HANDLES = ["jan", "jan@mastodon.nl", "jantje", "Müller"]
FIELDS = {
    "network": ["x", "facebook", "news"], "type": ["post", "reply", "review"], "lang": ["nl", "en", "fr"],
    "sentiment": ["positive", "neutral", "negative"], "says": ["question", "complaint", "thanks"],
    "topic": ["Bagage", "te laat"], "label": ["vip", "Te Laat", "wachtrij"], "has": ["link", "media", "question"],
    "is": ["public", "private", "inbound", "outbound", "edited"],
}  # fmt: skip
SITES = ["klm.nl", "nieuws.nl", "nl"]
ADDRESSES = ["klm.nl/koffer", "KLM", "nu.nl", "https://"]
NUMBERS = ["0", "1", "2", "2.5", "3.25", "4", "100"]
MOMENTS = {
    "30m": timedelta(minutes=30), "24h": timedelta(hours=24), "7d": timedelta(days=7), "2w": timedelta(weeks=2),
    "2026-03-29": datetime(2026, 3, 29), "2026-03-29T02:30": datetime(2026, 3, 29, 2, 30),  # noqa: DTZ001
    "2026-03-29T03:30:15Z": datetime(2026, 3, 29, 3, 30, 15, tzinfo=UTC),
    "2026-03-28T23:30-05:00": datetime(2026, 3, 28, 23, 30, tzinfo=timezone(timedelta(hours=-5))),
}  # fmt: skip
AGES = [-5, 0, 5, 30, 31, 509, 510, 511, 600, 630, 719, 720, 721, 780, 781, 1440, 1441, 10080, 20160, 30000]  # minutes
VOCABULARY = [
    *WORDS, *list(WORDS)[:5] * 4, *SIGNS, *NOTHING,
    "straat", "treinen", "#kwijtgeraakt", "@klmfan", "kofferkwijt",
]  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A query and what it means; `binds` is 3 for a term or group, 2 for a NEAR, 1 for a NOT, 0 for the rest."""

    text: str
    meaning: Meaning
    binds: int = 3


def written() -> st.SearchStrategy[Written]:
    """Queries with their meanings."""
    return st.integers(0, 2**63).map(lambda seed: Writer(Random(seed)).query())


def queries() -> st.SearchStrategy[str]:
    """Texts of queries."""
    return written().map(lambda one: one.text)


def documents() -> st.SearchStrategy[Document]:
    """Posts in which values are often missing."""
    return st.integers(0, 2**63).map(lambda seed: document(Random(seed)))


class Writer:
    """Writes queries."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def query(self, depth: int = 2) -> Written:
        kind = self.random.randrange(12) if depth else self.random.randrange(8)
        if kind < 4:
            return self.term()
        if kind < 6:
            return self.near()
        if kind < 8:
            return self.field()
        parts = [self.query(depth - 1) for _ in range(self.random.randint(2, 3))]
        return [self._all, self._any, self._not, self._any][kind - 8](parts)

    def _all(self, parts: list[Written]) -> Written:
        between = self.random.choice([" ", " AND ", "  \n"])
        text = between.join(_in_parentheses(part, 1) for part in parts)
        return Written(text, ("and", *(part.meaning for part in parts)), 0)

    def _any(self, parts: list[Written]) -> Written:
        text = " OR ".join(part.text for part in parts)  # OR binds loosest
        return Written(f"({text})", ("or", *(part.meaning for part in parts)))

    def _not(self, parts: list[Written]) -> Written:
        sign = self.random.choice(["-", "NOT "])
        needs = 3 if sign == "-" and parts[0].text.startswith("-") else 2 if parts[0].binds else 1
        return Written(sign + _in_parentheses(parts[0], needs), ("not", parts[0].meaning), 1)

    def term(self) -> Written:
        """A word, phrase, hashtag, mention or emoji, some with wildcards, some in quotation marks."""
        if self.random.random() < 0.7:
            text, tokens = self._single()
            return Written(self.random.choice(["{}", '"{}"', "„{}”"]).format(text), ("term", tokens))
        parts = [self._single() for _ in range(self.random.randint(1, 3))]
        text = '"' + " ".join(part[0] for part in parts) + '"'
        return Written(text, ("term", [token for part in parts for token in part[1]]))

    def _single(self) -> tuple[str, list[tuple]]:
        random = self.random
        if random.random() < 0.3:
            text = random.choice(list(SIGNS))
            tokens = [_wanted(token) for token in SIGNS[text]]
            may_go_on = tokens[-1][0] == "tag" or (tokens[-1][0] == "mention" and not tokens[-1][2])
            if may_go_on and random.random() < 0.4:
                return f"{text}*", [*tokens[:-1], (*tokens[-1][:-1], True)]
            return text, tokens
        text = random.choice(list(WORDS)[: random.choice([5, 99])])  # some words more often
        tokens = [_wanted(token) for token in WORDS[text]]
        before = len(tokens[0][1]) > 2 and random.random() < 0.3
        behind = len(tokens[-1][1]) > (2 if before and len(tokens) == 1 else 1) and random.random() < 0.3
        if before:
            tokens[0] = (*tokens[0][:2], True, tokens[0][3])
        if behind:
            tokens[-1] = (*tokens[-1][:3], True)
        return f"{'*' * before}{text}{'*' * behind}", tokens

    def near(self) -> Written:
        """A chain of NEAR."""
        operands = [self._operand() for _ in range(self.random.choice([2, 2, 3, 4]))]
        distances = [self.random.choice([0, 1, 2, 4, 8, 15, 100]) for _ in operands[1:]]
        text = operands[0].text
        for index, (operand, distance) in enumerate(zip(operands[1:], distances, strict=True)):
            if index and self.random.random() < 0.5:
                text = f"({text})"
            text += f" {'NEAR' if distance == 8 else f'NEAR/{distance}'} {operand.text}"
        return Written(text, ("near", [one.meaning for one in operands], distances), 2)

    def _operand(self) -> Written:
        if self.random.random() < 0.5:
            return self.term()
        return self._any([self.term() for _ in range(self.random.randint(2, 4))])

    def field(self) -> Written:
        """A field with a value, or with a list of values."""
        random = self.random
        name, value = random.choice([self.part, self.choice, self.choice, self.author, self.number, self.moment,
                                     self.address])()  # fmt: skip
        several = [value() for _ in range(random.choice([1, 1, 2]))]
        name = "".join(random.choice([one, one, one.upper()]) for one in name)
        if len(several) == 1:
            return Written(f"{name}:{several[0].text}", several[0].meaning)
        text = " OR ".join(one.text for one in several)
        return Written(f"{name}:({text})", ("or", *(one.meaning for one in several)))

    def part(self) -> tuple[str, Callable[[], Written]]:
        name = self.random.choice(["title", "text"])

        def value() -> Written:
            term = self.term()
            return Written(term.text, ("in", name, term.meaning[1]))

        return name, value

    def choice(self) -> tuple[str, Callable[[], Written]]:
        name = self.random.choice(list(FIELDS))

        def value() -> Written:
            text = self.random.choice(FIELDS[name])
            return Written(f'"{text}"' if " " in text else text, ("is", name, text.lower()))

        return name, value

    def author(self) -> tuple[str, Callable[[], Written]]:
        goes_on = self.random.random() < 0.5

        def name() -> Written:
            text = self.random.choice(NAMES)[: 3 if goes_on else None]
            meant = " ".join(text.lower().replace("ü", "u").split())
            return Written(f'"{text}{"*" * goes_on}"', ("author", "name", meant, goes_on))

        def handle() -> Written:
            text = self.random.choice(HANDLES)
            meant = text.lower().replace("ü", "u")
            at = self.random.choice(["", "@"])
            return Written(f"{at}{text}{'*' * goes_on}", ("author", "handle", meant, goes_on))

        return "author", self.random.choice([name, handle])

    def number(self) -> tuple[str, Callable[[], Written]]:
        name = self.random.choice(["rating", "reach", "followers"])

        def value() -> Written:
            sign = self.random.choice(["", ">", ">=", "<", "<=", ".."])
            lower, upper = sorted(Decimal(self.random.choice(NUMBERS)) for _ in range(2))
            if sign == "..":
                return Written(f"{lower}..{upper}", ("number", name, (lower, True), (upper, True)))
            low = None if sign.startswith("<") else (lower, sign != ">")
            high = None if sign.startswith(">") else (lower, sign != "<")
            return Written(f"{sign}{lower}", ("number", name, low, high))

        return name, value

    def moment(self) -> tuple[str, Callable[[], Written]]:
        name = self.random.choice(["after", "before"])

        def value() -> Written:
            text = self.random.choice(list(MOMENTS))
            return Written(text, ("since", MOMENTS[text], name == "before"))

        return name, value

    def address(self) -> tuple[str, Callable[[], Written]]:
        name, values = self.random.choice([("site", SITES), ("url", ADDRESSES)])

        def value() -> Written:
            text = self.random.choice(values)
            return Written(text, (name, text.lower()))

        return name, value


def _in_parentheses(part: Written, least: int) -> str:
    return part.text if part.binds >= least else f"({part.text})"


def _wanted(token: tuple) -> tuple:
    """A token as it is wanted: with no wildcard."""
    return {"word": (*token, False, False), "emoji": token}.get(token[0], (*token, False))


def text(random: Random) -> str:
    """What a post says: words of the queries among each other, with and without space between them."""
    words = random.choices(VOCABULARY, k=random.choice([0, 2, 4, 8, 16, 30]))
    between = random.choices([" ", " ", " ", " ", ", ", "-", "", "\n", " / "], k=len(words))
    return "".join(word + space for word, space in zip(words, between, strict=True))


def document(random: Random) -> Document:
    """A post in which values are often missing."""

    def maybe(values: list) -> object:
        return random.choice([None, *values])

    def some(field: str) -> list[str]:
        return random.sample(FIELDS[field], random.randrange(3))

    numbers = [Decimal(number) for number in NUMBERS]
    return Document(
        id=str(random.randrange(10_000)),
        text=text(random),
        title=text(random) if random.random() < 0.4 else "",
        author=random.choice(["", *HANDLES]),
        author_name=random.choice(["", *NAMES]),
        network=random.choice(["", *FIELDS["network"]]),
        url=random.choice(["", "https://www.KLM.nl./x", "http://nieuws.nl:80/a/klm.nl", "klm.nl/koffer"]),
        links=random.choice([[], [], ["https://nu.nl/Koffer"], ["https://klm.nl/koffer"]]),
        lang=maybe(FIELDS["lang"]),
        sentiment=maybe(FIELDS["sentiment"]),
        type=random.choice(["", *FIELDS["type"]]),
        rating=maybe(numbers),
        reach=maybe(numbers),
        followers=maybe(numbers),
        published_at=maybe([NOW - timedelta(minutes=ago) for ago in AGES]),
        public=maybe([True, False]),
        inbound=maybe([True, False]),
        edited=maybe([True, False]),
        media=maybe([0, 1, 2]),
        says=maybe([some("says")]),
        topics=some("topic"),
        labels=some("label"),
    )
