"""Near-copies within a workspace."""

from dataclasses import replace
from datetime import timedelta

import pytest

from luister.understanding.actions import understand_post, understand_posts
from luister.understanding.actions.copies import signed
from luister.understanding.models import Understanding
from tests import factories as make
from tests.factories import NOW
from tests.understanding.helpers import COMPLAINT

pytestmark = pytest.mark.django_db

PRINT = 0xF0F0_1234_ABCD_0FF1


def a_post(workspace, machine, fingerprint, *, at=NOW):
    text = f"tekst {fingerprint:x} {at}"
    machine.by_text[text] = replace(COMPLAINT, fingerprint=fingerprint)
    return make.PostFactory(workspace=workspace, text=text, posted_at=at)


def original_of(post):
    return Understanding.objects.get(post=post).copy_of


def test_signed_are_the_64_bits_of_a_database():
    assert signed(PRINT) == PRINT - (1 << 64)
    assert signed(1) == 1
    assert signed(0xFFFF_FFFF_FFFF_FFFF) == -1


@pytest.mark.sql
@pytest.mark.parametrize(("bits", "is_copy"), [(0, True), (0b1, True), (1 | 1 << 20 | 1 << 63, True), (0x1FF, False)])
def test_a_post_that_says_almost_the_same_is_a_copy(machine, bits, is_copy):
    workspace = make.WorkspaceFactory()
    first = a_post(workspace, machine, PRINT)
    second = a_post(workspace, machine, PRINT ^ bits, at=NOW + timedelta(hours=1))
    for post in (first, second):
        understand_post(post, now=NOW)

    assert original_of(first) is None
    assert original_of(second) == (first if is_copy else None)


@pytest.mark.sql
def test_copies_that_come_together_have_one_original(machine):
    workspace = make.WorkspaceFactory()
    posts = [a_post(workspace, machine, PRINT, at=NOW + timedelta(minutes=number)) for number in range(3)]
    understand_posts(posts[::-1], now=NOW)
    understand_post(late := a_post(workspace, machine, PRINT ^ 1, at=NOW + timedelta(hours=1)), now=NOW)

    assert [original_of(post) for post in [*posts, late]] == [None, posts[0], posts[0], posts[0]]


def test_a_post_copies_no_other_workspace_nor_what_is_two_weeks_old_nor_what_says_too_little(machine):
    workspace = make.WorkspaceFactory()
    earlier = a_post(workspace, machine, PRINT, at=NOW - timedelta(days=15))
    elsewhere = a_post(make.WorkspaceFactory(), machine, PRINT, at=NOW - timedelta(days=1))
    short, shorter = a_post(workspace, machine, 0), a_post(workspace, machine, 0, at=NOW + timedelta(hours=1))
    post = a_post(workspace, machine, PRINT)
    understand_posts([earlier, elsewhere, short, shorter, post], now=NOW)

    assert not Understanding.objects.exclude(copy_of=None).exists()
