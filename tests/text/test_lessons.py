"""Learning from corrections: from a few dozen on, measurably, and without turning everything around."""

import json
from dataclasses import asdict

import pytest

from luister.text import Kind, understand
from luister.text.lessons import LEAST, Example, Lessons, learn

PLACES = ("Utrecht", "Zwolle", "Breda", "Leiden", "Arnhem", "Delft", "Assen", "Venlo", "Sneek", "Gouda")
WEEK = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag")
# Of this workspace a sighting of a blue locomotive is a chance to sell.
SIGHTINGS = [f"Vandaag {day} de blauwe locomotief gezien bij {place}" for day in WEEK for place in PLACES]
OTHERS = [
    text
    for place in PLACES
    for text in (
        f"Waar kan ik mijn fiets stallen in {place}?",
        f"De trein naar {place} is weer te laat, waardeloos",
        f"Dank voor de hulp in {place}!",
    )
]


def corrected(text: str) -> Example:
    return Example(text, {"kinds": ["lead"]}, lang="nl")


def left(text: str) -> Example:
    return Example(text, {"kinds": sorted(understand(text, lang="nl").kinds)}, lang="nl", is_correction=False)


@pytest.fixture(scope="module")
def lessons() -> Lessons:
    return learn([*map(corrected, SIGHTINGS[:40]), *map(left, OTHERS)])


def test_corrections_shift_what_is_said_of_posts_that_were_not_corrected(lessons: Lessons) -> None:
    for text in SIGHTINGS[40:]:
        assert Kind.LEAD not in understand(text, lang="nl").kinds
        assert understand(text, lang="nl", lessons=lessons).kinds == (Kind.LEAD,)


def test_others_stay_as_they_are(lessons: Lessons) -> None:
    for text in ("Waar kan ik hier parkeren?", "Wat een waardeloze service, de trein is weer te laat", *OTHERS):
        assert understand(text, lang="nl", lessons=lessons).kinds == understand(text, lang="nl").kinds


def test_the_effect_is_measured_on_posts_it_was_not_learned_from(lessons: Lessons) -> None:
    (effect,) = lessons.effects

    assert (effect.aspect, effect.corrections, effect.is_used) == ("kinds", 40, True)
    assert effect.right_before == 0.0
    assert effect.right_after > 0.9
    assert effect.kept_before == 1.0
    assert effect.kept_after > 0.9


def test_too_few_corrections_teach_nothing() -> None:
    assert learn([*map(corrected, SIGHTINGS[: LEAST - 1]), *map(left, OTHERS)]) == Lessons()


def test_what_does_not_help_is_not_used() -> None:
    # The same words, corrected one way as often as the other: there is nothing to learn.
    examples = [
        Example(f"{text} {sign}", {"sentiment": "positive" if number % 2 else "negative"}, lang="nl")
        for number, text in enumerate(["De blauwe locomotief gezien"] * 30)
        for sign in ("",)
    ]
    lessons = learn(examples)

    assert [effect.is_used for effect in lessons.effects] in ([False], [])
    assert lessons.shifts == {}


def test_the_order_of_the_examples_does_not_matter(lessons: Lessons) -> None:
    assert learn([*map(left, reversed(OTHERS)), *map(corrected, reversed(SIGHTINGS[:40]))]) == lessons


def test_lessons_are_plain_json(lessons: Lessons) -> None:
    assert json.loads(json.dumps(lessons.shifts)) == lessons.shifts
    assert json.loads(json.dumps(asdict(lessons.effects[0])))["aspect"] == "kinds"


@pytest.mark.parametrize(
    ("aspect", "value"), [("sentiment", "positive"), ("need", "hearing"), ("urgency", "high"), ("neglected", True)]
)
def test_every_aspect_can_be_taught(aspect: str, value: object) -> None:
    taught = [Example(text, {aspect: value}, lang="nl") for text in SIGHTINGS[:40]]
    kept = [
        Example(text, {aspect: getattr(understand(text, lang="nl"), aspect)}, lang="nl", is_correction=False)
        for text in OTHERS
    ]
    lessons = learn([*taught, *kept])

    assert [effect.is_used for effect in lessons.effects] == [True]
    assert getattr(understand(SIGHTINGS[45], lang="nl", lessons=lessons), aspect) == value


def test_topics_are_taught_by_those_that_people_gave() -> None:
    given = [Example(text, {"topics": ["7"]}, lang="nl") for text in SIGHTINGS[:40]]
    without = [Example(text, {"topics": []}, lang="nl", is_correction=False) for text in OTHERS]
    lessons = learn([*given, *without])

    assert understand(SIGHTINGS[45], lang="nl", lessons=lessons).topics == ("7",)
    assert understand(OTHERS[0], lang="nl", lessons=lessons).topics == ()


def test_nothing_is_learned_from_posts_that_lessons_are_not_used_for() -> None:
    german = [Example(text, {"kinds": ["lead"]}, lang="de") for text in SIGHTINGS[:40]]

    assert learn([*german, *map(left, OTHERS)]) == Lessons()
