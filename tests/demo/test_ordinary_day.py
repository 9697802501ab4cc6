"""The ordinary day as it lies on the desk: everything written is there, in every state, as sent and received."""

from collections import Counter
from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from luister.accounts.enums import Role
from luister.accounts.models import Membership, User
from luister.base.posts import Automatic
from luister.delivery.enums import RawState, SendState
from luister.delivery.models import Outgoing, RawItem
from luister.demo.script import Part, Place, Stage, customers, threads
from luister.inbox.access import visible_cases
from luister.inbox.enums import CaseState
from luister.inbox.models import Case, CasePost, Note, Seen
from luister.posts.models import Attachment, Post
from luister.understanding.models import Understanding
from tests.demo.conftest import NOW

pytestmark = pytest.mark.django_db

BUSY = [thread for thread in threads() if Stage.BUSY in thread.stages]


def steps(part):
    return [step for thread in BUSY for step in thread.steps if step.part is part]


def case_of(workspace, thread):
    customer = customers()[thread.customer]
    if thread.place is Place.MAIL:
        return Case.objects.get(workspace=workspace, identity__external_id=customer.mail_address)
    is_public = thread.place is Place.PUBLIC
    return Case.objects.get(workspace=workspace, identity__handle=customer.handle, is_public=is_public)


def test_day_has_forty_cases_in_every_state(workspace):
    cases = Case.objects.filter(workspace=workspace)

    assert cases.count() == 40
    assert set(cases.values_list("state", flat=True)) == set(CaseState)
    assert cases.filter(snoozed_until__gt=NOW).count() == 2
    assert set(cases.values_list("team__name", flat=True)) == {"Webcare", "Bagage", "Parkeren"}
    assert cases.filter(assignee=None).exists()


def test_day_has_customers_who_wait_too_long(workspace):
    waiting = Case.objects.filter(workspace=workspace, state=CaseState.OPEN)

    assert waiting.filter(waiting_since__lt=NOW - timedelta(hours=4)).count() >= 2


def test_day_leaves_each_case_as_it_was_written(workspace):
    with_case = [thread for thread in BUSY if thread.kind != "auto-reply"]

    found = {thread.key: case_of(workspace, thread).state for thread in with_case}

    assert found == {thread.key: thread.state for thread in with_case}


def test_day_says_all_that_was_written_and_nothing_else(workspace):
    incoming = Post.objects.filter(workspace=workspace, direction="in").exclude(channel__kind="feed")

    assert incoming.count() == len(steps(Part.CUSTOMER)) + len(steps(Part.BOUNCE))
    assert Post.objects.filter(workspace=workspace, direction="out").count() == len(steps(Part.REPLY))
    assert Note.objects.filter(workspace=workspace).count() == len(steps(Part.NOTE))
    assert Post.objects.filter(workspace=workspace, posted_at__gt=NOW).count() == 0
    assert RawItem.objects.filter(workspace=workspace).exclude(state=RawState.PROCESSED).count() == 0
    assert set(incoming.values_list("automatic", flat=True)) == {"", Automatic.AUTO_REPLY, Automatic.BOUNCE}


def test_day_settled_every_reply(workspace):
    outcomes = Counter(Outgoing.objects.filter(workspace=workspace).values_list("state", flat=True))

    assert outcomes == {SendState.SENT: len(steps(Part.REPLY)) - 1, SendState.BOUNCED: 1}
    bounced = Case.objects.get(workspace=workspace, subject="Groepsbezoek dakterras voor 30 personen")
    assert bounced.state == CaseState.OPEN


def test_day_threads_mail_by_its_message_ids(workspace):
    case = Case.objects.get(workspace=workspace, subject="Bezorging koffer, dossier WTL-20931")

    posts = [link.post for link in CasePost.objects.filter(case=case).order_by("post__posted_at")]

    assert [post.direction for post in posts] == ["in", "out", "in"]
    assert posts[2].parent == posts[1]
    assert posts[2].text.startswith("Hij is er!")
    assert "Wat een geduld" in posts[2].quoted_text


def test_day_has_html_and_files(workspace):
    html = Post.objects.get(workspace=workspace, subject="Lounge access for a group of 12", direction="in")
    attached = Attachment.objects.filter(workspace=workspace, post__automatic="")

    assert "<b>two hours</b>" in html.html
    assert set(attached.values_list("name", flat=True)) == {"nachtvluchten-deze-maand.csv", "wensen-vergaderruimte.txt"}


def test_day_shows_what_others_said_around_a_case(workspace):
    shuttle = Case.objects.get(workspace=workspace, contact__name="Mo El Amrani")

    around = CasePost.objects.filter(case=shuttle, is_context=True).values_list("post__author__name", flat=True)

    assert list(around) == ["Lotte op reis"]
    assert Case.objects.get(workspace=workspace, contact__name="Lotte op reis").state == CaseState.OPEN


def test_day_lets_partners_see_what_was_handed_to_them(workspace):
    partner = Membership.objects.get(workspace=workspace, role=Role.PARTNER)

    subjects = set(visible_cases(partner).values_list("contact__name", flat=True))

    assert subjects == {"Linda Ouwehand", "Aoife Brennan", "Femke Hulst"}


def test_day_leaves_what_is_open_unread_for_the_administrator(workspace):
    noor = User.objects.get(email="noor@waterland.example")

    read = Seen.objects.filter(user=noor).values("case_id")

    unread = Case.objects.filter(workspace=workspace).exclude(pk__in=read)
    assert set(unread.values_list("state", flat=True)) == {CaseState.OPEN}


def test_day_leaves_no_job_behind(workspace):
    assert ProcrastinateJob.objects.count() == 0


def test_every_post_is_understood_but_what_the_pipeline_stops(workspace):
    understood = Understanding.objects.filter(workspace=workspace)
    others = Post.objects.filter(workspace=workspace).exclude(pk__in=understood.values("post"))

    assert set(others.values_list("automatic", flat=True)) <= {Automatic.BOUNCE, Automatic.DELAY, Automatic.LOOP}
    theirs = Post.objects.filter(workspace=workspace, direction="in", automatic="")
    assert not theirs.filter(sentiment="").exists()
