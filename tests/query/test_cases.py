"""On a case each term counts where one of its posts makes it true; and, or and not combine those truths."""

from datetime import UTC, datetime

import pytest

from luister.query import Document, Moment, matches_case, parse, prepare
from luister.query.matching import OfCase
from luister.query.tree import CaseIs, Is, Since
from tests.query.strategies import NOW

MOMENT = Moment(NOW, UTC)
POSTS = [
    prepare(Document(id="1", text="Mijn koffer is kwijt", lang="nl", labels=["bagage"])),
    prepare(Document(id="2", text="Where is it?", lang="en", published_at=datetime(2026, 3, 1, tzinfo=UTC))),
]
OPENED = datetime(2026, 3, 10, tzinfo=UTC)


def is_case(field: OfCase) -> bool:
    if isinstance(field, Since):
        assert isinstance(field.moment, datetime)
        return (field.moment.replace(tzinfo=UTC) > OPENED) is field.is_before
    return field in (CaseIs("status", "open"), CaseIs("assignee", "me"), Is("label", "vip"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("koffer where", True),  # in two posts
        ('"kwijt where"', False),
        ("kwijt NEAR/100 where", False),
        ("lang:nl lang:en", True),
        ("-lang:nl", False),
        ("-lang:fr", True),
        ("koffer -where", False),
        ("koffer -fiets", True),
        ("has:question", True),
        ("status:open", True),
        ("status:closed", False),
        ("-status:closed assignee:me koffer", True),
        ("status:(closed OR open)", True),
        ("label:bagage", True),  # on a post
        ("label:vip", True),  # on the case
        ("label:vip label:bagage -label:x", True),
        ("topic:vip", False),
        ("after:2026-03-05", True),  # the case's own moment
        ("after:2026-03-15", False),
        ("before:2026-03-05", True),  # a post's
        ("before:2026-02-01", False),
    ],
)
def test_case_is_found_by_its_posts_and_by_itself(query: str, expected: bool) -> None:
    assert matches_case(parse(query), POSTS, moment=MOMENT, is_case=is_case) is expected


def test_case_without_posts_has_only_itself() -> None:
    assert matches_case(parse("status:open -koffer"), [], moment=MOMENT, is_case=is_case)
    assert not matches_case(parse("koffer"), [], moment=MOMENT, is_case=is_case)
