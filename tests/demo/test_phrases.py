"""The storm and the ordinary day keep saying new things, the same ones for the same seed."""

import re
from collections import Counter

import pytest

from luister.demo.phrases import Crowd, Deck, Phrasebook
from luister.demo.script import ScriptError, customers, desk, read

BOOKS = ("storm", "everyday")


def say(book, number, *, seed="1", wave=0):
    phrases = Phrasebook(book, seed=seed)
    return [phrases.remark(wave=wave) for _ in range(number)]


@pytest.mark.parametrize("book", BOOKS)
def test_remarks_are_the_same_for_the_same_seed(book):
    assert say(book, 50) == say(book, 50)
    assert say(book, 50) != say(book, 50, seed="2")


@pytest.mark.parametrize("book", BOOKS)
def test_remarks_never_say_the_same_twice(book):
    said = [remark.text for remark in say(book, 400)]

    assert len(set(said)) == len(said)


@pytest.mark.parametrize("book", BOOKS)
def test_remarks_are_complete_short_and_about_us(book):
    for remark in say(book, 400):
        assert "{" not in remark.text
        assert len(remark.text) <= 280
        assert "@waterland" in remark.text
        assert remark.then
        assert set(remark.labels) <= set(desk().labels)


def test_remarks_of_a_first_wave_know_of_no_cancellations():
    kinds = {remark.kind for remark in say("storm", 60, wave=1)}

    assert kinds == {"warning", "road", "humor", "mood-en"}


def test_remarks_begin_sentences_with_a_capital():
    for remark in say("storm", 400):
        assert not re.match(r"[a-z]", remark.text)


def test_remarks_repeat_no_sentence_until_all_were_used():
    sentences = sum(len(kind["say"]) for kind in read("storm.toml")["kind"] if kind["key"] == "cancelled")
    deck = Deck(range(sentences), dice=Phrasebook("storm", seed="1")._dice)

    assert Counter(deck.deal() for _ in range(sentences)).most_common(1)[0][1] == 1


def test_remarks_already_said_are_not_said_again():
    first = [remark.text for remark in say("everyday", 30)]
    phrases = Phrasebook("everyday", seed="1", said=first)

    assert not {phrases.remark().text for _ in range(30)} & set(first)


def test_remark_when_everything_has_been_said(monkeypatch):
    monkeypatch.setattr("luister.demo.phrases.Phrasebook._text", lambda *_: "same")
    phrases = Phrasebook("everyday", seed="1")
    phrases.remark()

    with pytest.raises(ScriptError):
        phrases.remark()


def test_crowd_is_new_people_only():
    crowd = Crowd(seed="1", met=["koen"])
    people = [crowd.meet(language) for language in ("nl", "en") * 300]

    handles = [one.handle for one in people]
    assert len(set(handles)) == len(handles)
    assert not set(handles) & {*customers(), "koen"}
    assert all(re.fullmatch(r"[a-z0-9_]{2,30}", handle) for handle in handles)
    again = Crowd(seed="1", met=["koen"])
    assert people[:20] == [again.meet(language) for language in ("nl", "en") * 10]


def test_answers_of_the_storm_fit_with_a_name_and_a_signature():
    for answer in read("storm.toml")["answer"]:
        for text in answer["say"]:
            assert len(text.format(name="Hanneke van der Meulen")) <= 280
