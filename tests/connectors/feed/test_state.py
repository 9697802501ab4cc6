"""What is new or changed between two readings."""

from datetime import timedelta

from luister.connectors.feed import state
from luister.connectors.feed.documents import read
from luister.connectors.feed.state import MOST_CHANGES, compare
from tests.connectors.feed.feeds import NOW, item, many, rss

LATER = NOW + timedelta(minutes=10)


def items(document):
    return read(document.encode(), headers={}, host="nieuws.example", is_cut=False).items


def keys(new):
    return [key.rpartition(":")[0] for key, _ in new]


def test_what_is_known_is_not_new_and_oldest_come_first():
    new, known = compare(items(many(3)), known={}, now=NOW)

    assert keys(new) == [f"https://nieuws.example/{number} 0" for number in (2, 1, 0)]
    assert compare(items(many(3)), known=known, now=LATER)[0] == []
    assert keys(compare(items(many(4)), known=known, now=LATER)[0]) == ["https://nieuws.example/3 0"]


def test_same_id_with_changed_text_is_a_change():
    _, known = compare(items(rss(item())), known={}, now=NOW)

    new, known = compare(items(rss(item(text="Nu is het voorbij."))), known=known, now=LATER)
    assert keys(new) == ["https://nieuws.example/1 1"]

    back, _ = compare(items(rss(item())), known=known, now=LATER)
    assert keys(back) == ["https://nieuws.example/1 2"]


def test_changing_id_with_the_same_link_and_title_is_the_same_item():
    known = {}
    seen = []
    for number in range(5):
        new, known = compare(items(rss(item(guid=f"tag:{number}"))), known=known, now=NOW)
        seen += keys(new)

    assert seen == ["tag:0 0"]

    changed, _ = compare(items(rss(item(guid="tag:9", text="Anders"))), known=known, now=NOW)
    assert keys(changed) == ["tag:0 1"]


def test_two_items_of_one_feed_with_the_same_link_and_title_stay_two():
    _, known = compare(items(rss(item(guid="a"))), known={}, now=NOW)

    new, _ = compare(items(rss(item(guid="a"), item(guid="b"))), known=known, now=LATER)

    assert keys(new) == ["b 0"]


def test_new_id_is_a_new_item_when_it_is_much_younger():
    _, known = compare(items(rss(item(guid="ma"))), known={}, now=NOW)

    new, _ = compare(items(rss(item(guid="di", at=NOW + timedelta(days=1)))), known=known, now=NOW + timedelta(days=1))

    assert keys(new) == ["di 0"]


def test_changes_of_one_item_are_capped():
    _, known = compare(items(rss(item())), known={}, now=NOW)
    changes = 0
    for number in range(MOST_CHANGES + 10):
        new, known = compare(items(rss(item(text=f"Stand {number}"))), known=known, now=NOW)
        changes += len(new)

    assert changes == MOST_CHANGES


def test_moments_are_those_of_the_items_and_of_arrival_for_undated_ones():
    _, known = compare(items(rss(item(1, at=None), item(2, at=NOW))), known={}, now=NOW)
    assert state.moments(known) == [NOW]

    _, known = compare(items(rss(item(1, at=None), item(3, at=None))), known=known, now=LATER)
    assert state.moments(known) == [LATER]
