"""What was understood of a post, on the pages that show it."""

import json
import re

import pytest

from luister.inbox.models import CasePost
from luister.posts.models import Post
from luister.understanding.actions import understand_post
from luister.understanding.models import Correction, Understanding
from tests.factories import NOW, CasePostFactory, MembershipFactory, PostFactory
from tests.inbox.views.helpers import BACKEND, words
from tests.understanding.helpers import a_machine

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(desk):
    """Anna's post, understood as a complaint."""
    post = Post.objects.get()
    with a_machine():
        understand_post(post, now=NOW)
    return post


def trigger(response):
    return json.loads(response.headers["HX-Trigger"])["luister:toast"]


def test_case_shows_what_was_understood_under_each_post(desk, post):
    answer = words(desk.get(f"inbox/all/{desk.case.number}/"))

    assert "Negative Complaint Wants it put right" in answer
    assert "Normal urgency" not in answer
    assert "corrected" not in answer


def test_case_shows_nothing_of_a_post_that_was_not_understood_yet(desk):
    assert "said-chip" not in desk.get(f"inbox/all/{desk.case.number}/").content.decode()


def test_case_takes_as_many_queries_for_fifty_posts_as_for_one(desk, post, django_assert_max_num_queries):
    def count():
        with django_assert_max_num_queries(100) as queries:
            assert desk.get(f"inbox/all/{desk.case.number}/").status_code == 200
        return len(queries)

    count()
    for_one = count()
    with a_machine():
        for _ in range(49):
            other = PostFactory(workspace=post.workspace, channel=post.channel, author=post.author)
            CasePostFactory(case=desk.case, post=other)
            understand_post(other, now=NOW)
    Correction.objects.create(
        workspace=post.workspace,
        post=post,
        aspect="need",
        before="redress",
        after="hearing",
        by=desk.member.user,
        at=NOW,
    )

    assert count() == for_one


def test_reasons_say_what_spoke_for_it_and_what_against(desk, post):
    answer = desk.get(f"posts/{post.pk}/understood/sentiment/", target="x").content.decode()

    assert re.search(r'data-speaks="for".*kapot.*data-speaks="against".*fijn', answer, re.DOTALL)
    assert "<html" not in answer


def test_reasons_are_a_page_of_their_own_without_scripts(desk, post):
    answer = desk.get(f"posts/{post.pk}/understood/kinds/").content.decode()

    assert "<html" in answer
    assert f"/posts/{post.pk}/correct/" in answer


def test_list_of_aspects_says_what_counts_of_each(desk, post):
    answer = words(desk.get(f"posts/{post.pk}/understood/all/", target="x"))

    assert "Sentiment Negative" in answer
    assert "Urgency Normal urgency" in answer
    assert "Language Dutch" in answer


@pytest.mark.parametrize("aspect", ["weather", "personal"])
def test_an_aspect_that_does_not_exist_is_not_found(desk, post, aspect):
    assert desk.get(f"posts/{post.pk}/understood/{aspect}/").status_code == 404


def test_correct_draws_the_row_anew_and_offers_to_undo(desk, post):
    answer = desk.post(f"posts/{post.pk}/correct/", target="x", aspect="sentiment", value="positive")

    assert "Positive corrected by you" in words(answer)
    assert 'hx-swap-oob="true"' in answer.content.decode()
    assert trigger(answer)["text"] == "Corrected: Positive."

    undone = desk.client.post(trigger(answer)["undo"], headers={"HX-Request": "true"})

    assert "Negative" in words(undone)
    assert "corrected" not in words(undone)


def test_correct_takes_kinds_together(desk, post):
    desk.post(f"posts/{post.pk}/correct/", target="x", aspect="kinds", value="question")
    answer = desk.post(f"posts/{post.pk}/correct/", target="x", aspect="kinds", value="complaint")

    post.refresh_from_db()
    assert post.says == ["question"]
    assert words(answer).count("corrected by you") == 1


def test_correct_shows_what_is_usual_where_somebody_said_so(desk, post):
    Understanding.objects.filter(post=post).update(urgency="high")

    answer = desk.post(f"posts/{post.pk}/correct/", target="x", aspect="urgency", value="normal")

    assert "Normal urgency corrected by you" in words(answer)


def test_correct_without_scripts_comes_back_to_the_reasons(desk, post):
    answer = desk.post(f"posts/{post.pk}/correct/", aspect="sentiment", value="positive")

    assert answer.headers["Location"].endswith(f"/posts/{post.pk}/understood/sentiment/")
    page = words(desk.get(f"posts/{post.pk}/understood/sentiment/"))
    assert re.search(r"Corrected by you, .* Understood was: Negative\.", page)


def test_a_colleague_sees_who_corrected(desk, post, client):
    desk.post(f"posts/{post.pk}/correct/", target="x", aspect="sentiment", value="positive")
    colleague = MembershipFactory(workspace=desk.member.workspace, role="lead", user__language="en")
    client.force_login(colleague.user, backend=BACKEND)

    assert "corrected by Pim de Vries" in words(desk.get(f"inbox/all/{desk.case.number}/"))


@pytest.mark.parametrize("data", [{}, {"aspect": "sentiment", "value": "furious"}, {"aspect": "x", "value": "y"}])
def test_correct_refuses_what_cannot_be_said(desk, post, data):
    answer = desk.post(f"posts/{post.pk}/correct/", target="x", **data)

    assert answer.status_code == 422
    assert "Choose something from the list" in trigger(answer)["text"]


def test_undo_refuses_what_is_not_in_force(desk, post):
    desk.post(f"posts/{post.pk}/correct/", target="x", aspect="sentiment", value="positive")
    correction = Correction.objects.get()
    address = f"posts/{post.pk}/undo-correction/?correction={correction.pk}"
    desk.post(address, target="x")

    assert desk.post(address, target="x").status_code == 422
    assert desk.post(f"posts/{post.pk}/undo-correction/?correction=x", target="x").status_code == 404


def test_a_reader_sees_the_reasons_and_no_choices(desk, post, client):
    analyst = MembershipFactory(workspace=desk.member.workspace, role="analyst", user__language="en")
    client.force_login(analyst.user, backend=BACKEND)

    answer = desk.get(f"posts/{post.pk}/understood/sentiment/", target="x").content.decode()

    assert "kapot" in answer
    assert "/correct/" not in answer
    assert desk.post(f"posts/{post.pk}/correct/", aspect="sentiment", value="positive").status_code == 404
    assert desk.get(f"posts/{post.pk}/understood/all/").status_code == 404


def test_a_copy_leads_to_the_case_of_the_earlier_post(desk, post):
    earlier = PostFactory(workspace=post.workspace, channel=post.channel, text="De koffer is kwijt")
    Understanding.objects.filter(post=post).update(copy_of=earlier)

    assert f"/posts/{earlier.pk}/" in desk.get(f"inbox/all/{desk.case.number}/").content.decode()
    assert "archive/?q=%22De+koffer+is+kwijt%22" in desk.get(f"posts/{earlier.pk}/").headers["Location"]
    assert desk.get(f"posts/{post.pk}/").headers["Location"].endswith(f"/cases/{desk.case.number}/#post-{post.pk}")


def test_a_copy_says_nothing_of_a_post_that_the_reader_may_not_see(desk, post, client):
    private = PostFactory(workspace=post.workspace, channel=post.channel, is_public=False)
    Understanding.objects.filter(post=post).update(copy_of=private)
    analyst = MembershipFactory(workspace=desk.member.workspace, role="analyst", user__language="en")
    client.force_login(analyst.user, backend=BACKEND)

    assert "Copy of" not in words(desk.get(f"inbox/all/{desk.case.number}/"))
    assert desk.get(f"posts/{private.pk}/").status_code == 404


def test_a_partner_corrects_only_in_their_cases(desk, post, client):
    partner = MembershipFactory(workspace=desk.member.workspace, role="partner")
    client.force_login(partner.user, backend=BACKEND)

    assert CasePost.objects.filter(post=post).exists()
    assert desk.post(f"posts/{post.pk}/correct/", aspect="sentiment", value="positive").status_code == 404


def test_personal_data_and_another_language_are_told(desk, post):
    Understanding.objects.filter(post=post).update(
        personal_data=[{"kind": "email", "start": 0, "end": 3}, {"kind": "email", "start": 5, "end": 8}],
        is_neglected=True,
        wants_human=True,
        urgency="high",
    )
    Post.objects.filter(pk=post.pk).update(language="de")

    answer = words(desk.get(f"inbox/all/{desk.case.number}/"))

    for said in (
        "High urgency", "Asked before, no answer", "Wants a person", "German", "Personal data: e-mail address",
    ):  # fmt: skip
        assert said in answer


def test_archive_shows_it_too(desk, post):
    assert "Negative Complaint" in words(desk.get("archive/?q=koffer"))
