"""Understanding the posts that were stored before the machine."""

from datetime import timedelta

import pytest

from luister.base.posts import Automatic
from luister.text.understanding import VERSION
from luister.understanding.actions import understand_existing
from luister.understanding.models import Backlog, Understanding
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def never():
    return False


@pytest.mark.sql
def test_understand_existing_understands_what_is_not_yet_and_what_an_older_version_understood(machine):
    fresh = make.PostFactory(text="nieuw")
    older = make.UnderstandingFactory(version=VERSION - 1).post
    done = make.UnderstandingFactory(version=VERSION).post
    make.PostFactory(automatic=Automatic.BOUNCE)

    understand_existing(now=NOW, is_time_up=never)

    assert {asked["text"] for asked in machine.asked} == {fresh.text, older.text}
    assert set(Understanding.objects.filter(version=VERSION).values_list("post", flat=True)) == {
        fresh.pk, older.pk, done.pk,
    }  # fmt: skip


def test_understand_existing_goes_on_where_it_was(machine, monkeypatch):
    monkeypatch.setattr("luister.understanding.actions.catching_up.STEP", 2)
    make.PostFactory.create_batch(5)
    steps = iter([False, True])
    understand_existing(now=NOW, is_time_up=lambda: next(steps))
    assert len(machine.asked) == 2

    understand_existing(now=NOW, is_time_up=never)

    assert len(machine.asked) == 5


def test_understand_existing_ends_a_day_after_it_began(machine):
    understand_existing(now=NOW, is_time_up=never)
    make.PostFactory()
    understand_existing(now=NOW + timedelta(days=1), is_time_up=never)
    assert Backlog.objects.get().finished_at is not None
    make.PostFactory()

    understand_existing(now=NOW + timedelta(days=2), is_time_up=never)

    assert len(machine.asked) == 1
