"""Streams of mentions on screen: what is shown to whom, and a case made with one key."""

import json
from datetime import timedelta

import pytest

from luister.inbox.actions.threading import thread
from luister.inbox.models import Case, CasePost
from luister.listening.models import Mention
from tests import factories as make
from tests.factories import NOW
from tests.listening.helpers import Screens

pytestmark = pytest.mark.django_db


@pytest.fixture
def pim():
    return make.MembershipFactory(role="agent", user__language="en")


@pytest.fixture
def screens(client, pim):
    return Screens(client, pim)


@pytest.fixture
def monitor(pim):
    return make.MonitorFactory(workspace=pim.workspace, name="Koffers", query="koffer OR tas")


def mention(monitor, text="koffer", *, minutes=0, **fields):
    """Store a mention, of a post that is not addressed to us."""
    at = NOW + timedelta(minutes=minutes)
    extra = {name: fields.pop(name) for name in ("state", "is_live") if name in fields}
    plain = {"is_addressed": False, "posted_at": at, "received_at": at, **fields}
    post = make.PostFactory(workspace=monitor.workspace, text=text, **plain)
    return make.MentionFactory(workspace=monitor.workspace, monitor=monitor, post=post, **extra)


def understood(mention):
    """Say of a mention what its post means, and that somebody corrected it."""
    make.UnderstandingFactory(post=mention.post, need="redress")
    make.CorrectionFactory(post=mention.post, aspect="need", after="redress", by=make.UserFactory())
    return mention


def toast(screens):
    return json.loads(screens.answer.headers["HX-Trigger"])["luister:toast"]


def test_stream_shows_the_newest_first_with_words_marked_and_where_it_was_said(screens, monitor):
    mention(monitor, "oude koffer", minutes=-5)
    mention(monitor, "nieuwe tas", url="https://voorbeeld.nl/1")

    shown = screens.get("monitor", monitor.pk)

    assert shown.index("nieuwe <mark>tas</mark>") < shown.index("oude <mark>koffer</mark>")
    assert 'href="https://voorbeeld.nl/1"' in shown


def test_stream_shows_what_was_understood_of_each_post(screens, monitor):
    found = understood(mention(monitor, sentiment="negative", says=["complaint"]))

    shown = screens.get("monitor", monitor.pk)

    for what in ("Negative", "Complaint", "Wants it put right", "corrected by Gebruiker"):
        assert what in shown
    assert f'id="said-{found.post_id}"' in shown


def test_stream_pages_by_the_last_row(screens, monitor):
    for minute in range(55):
        mention(monitor, f"koffer nummer{minute:02}", minutes=minute // 2)

    first = screens.get("monitor", monitor.pk)
    cursor = first.split("?after=")[1].split('"')[0].replace("&amp;", "&")
    second = screens.get("monitor", monitor.pk, query=f"?after={cursor}")

    texts = [f"nummer{minute:02}" for minute in range(55)]
    assert [(text in first) + (text in second) for text in texts] == [1] * 55
    assert 'id="more"' not in second


def test_stream_asks_as_many_queries_for_fifty_as_for_one(screens, monitor):
    def count(name, *arguments):
        screens.get(name, *arguments)
        with screens.counting() as queries:
            screens.get(name, *arguments)
        return len(queries)

    understood(mention(monitor))
    for_one = [count("monitor", monitor.pk), count("mentions")]
    for minute in range(49):
        understood(mention(monitor, minutes=minute))

    assert [count("monitor", monitor.pk), count("mentions")] == for_one
    assert max(for_one) <= 12


def test_every_stream_shows_a_post_once_with_all_that_found_it(screens, monitor):
    found = mention(monitor, "koffer en fiets")
    other = make.MonitorFactory(workspace=monitor.workspace, name="Fietsen", query="fiets")
    make.MentionFactory(workspace=monitor.workspace, monitor=other, post=found.post)

    shown = screens.get("mentions")

    assert shown.count('class="mention"') == 1
    assert "<mark>koffer</mark> en <mark>fiets</mark>" in shown
    assert ">Koffers</span></a>" in shown
    assert ">Fietsen</span></a>" in shown


def test_private_posts_are_shown_to_those_granted_only(client, monitor):
    mention(monitor, "koffer geheim", is_public=False)
    for sees_private in (False, True):
        analyst = make.MembershipFactory(workspace=monitor.workspace, role="analyst", sees_private=sees_private)

        assert ("geheim" in Screens(client, analyst).get("monitor", monitor.pk)) is sees_private
        assert ("geheim" in Screens(client, analyst).get("mentions")) is sees_private


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"vers", "weg", "bezig", "english"}),
        ("?state=new", {"vers", "english"}),
        ("?state=dismissed", {"weg"}),
        ("?state=case", {"bezig"}),
        ("?network=news", {"vers"}),
        ("?lang=en", {"english"}),
        ("?state=onzin&lang=!!", {"vers", "weg", "bezig", "english"}),
    ],
)
def test_filters_narrow_the_stream(screens, monitor, query, expected):
    news = make.ChannelFactory(workspace=monitor.workspace, network="news")
    mention(monitor, "koffer vers", channel=news)
    mention(monitor, "koffer weg", state="dismissed")
    mention(monitor, "koffer english", language="en")
    in_case = mention(monitor, "koffer bezig").post
    make.CasePostFactory(case__workspace=monitor.workspace, post=in_case)

    shown = screens.get("monitor", monitor.pk, query=query)

    assert {word for word in ("vers", "weg", "bezig", "english") if f"</mark> {word}" in shown} == expected


def test_news_are_counted_since_what_is_on_screen(screens, monitor):
    seen = mention(monitor)
    mention(monitor, minutes=1)
    mention(monitor, minutes=2)
    mention(monitor, minutes=3, is_live=False)

    assert screens.get("monitor", monitor.pk, query=f"?since={seen.pk}") == "2 new mentions: show them"


def test_unread_counts_until_the_stream_is_opened_and_not_what_looking_back_found(screens, monitor):
    mention(monitor)
    mention(monitor, is_live=False)
    assert '<span class="count">1</span>' in screens.get("nav")

    assert screens.get("monitor", monitor.pk).count(" data-unread>") == 1
    assert '<span class="count">1</span>' not in screens.get("nav")


def test_case_of_a_mention_is_proactive_and_of_who_made_it(screens, monitor, pim):
    found = mention(monitor)

    shown = screens.post("make_case", {}, found.pk, hx_request="true")

    case = Case.objects.get()
    assert (case.origin, case.assignee, case.state, case.waiting_since) == ("proactive", pim.user, "open", None)
    assert CasePost.objects.get(case=case, is_context=False).post == found.post
    found.refresh_from_db()
    assert (found.state, found.handled_by) == ("case", pim.user)
    assert f"Case #{case.number}" in shown
    assert toast(screens)["text"] == f"Case #{case.number} is yours."
    assert "Koffers" in screens.get("of_case", case.number)


def test_second_press_makes_no_second_case(screens, monitor):
    found = mention(monitor)
    screens.post("make_case", {}, found.pk, hx_request="true")
    screens.post("make_case", {}, found.pk, hx_request="true")

    assert Case.objects.count() == 1
    assert "already" in toast(screens)["text"]


def test_case_of_a_mention_joins_the_open_case_of_that_customer_in_that_thread(screens, monitor):
    first = make.PostFactory(workspace=monitor.workspace, thread_external_id="draad")
    case = thread(first, now=NOW).case
    found = mention(monitor, channel=first.channel, author=first.author, thread_external_id="draad", minutes=9)

    screens.post("make_case", {}, found.pk, hx_request="true")

    assert Case.objects.get() == case
    assert set(CasePost.objects.values_list("post", flat=True)) == {first.pk, found.post_id}
    assert toast(screens)["text"] == f"Added to the customer's case #{case.number}."

    screens.post("take_back", {}, found.pk, query="?" + toast(screens)["undo"].split("?")[1], status=204)

    case.refresh_from_db()
    assert CasePost.objects.get().post == first
    assert (case.last_post, case.last_post_at) == (first, first.posted_at)


def test_case_can_be_taken_back_until_somebody_works_on_it(screens, monitor):
    found = mention(monitor)
    screens.post("make_case", {}, found.pk, hx_request="true")
    undo = "?" + toast(screens)["undo"].split("?")[1]
    note = make.NoteFactory(workspace=monitor.workspace, case=Case.objects.get())
    screens.post("take_back", {}, found.pk, query=undo, status=422, hx_request="true")
    assert Case.objects.exists()
    note.delete()

    screens.post("take_back", {}, found.pk, query=undo, status=204, hx_request="true")

    assert not Case.objects.exists()
    found.refresh_from_db()
    assert found.state == "new"


def test_other_customers_in_the_thread_are_context_of_the_new_case(screens, monitor):
    found = mention(monitor, thread_external_id="draad")
    other = make.PostFactory(workspace=monitor.workspace, channel=found.post.channel, thread_external_id="draad")
    screens.post("make_case", {}, found.pk, hx_request="true")

    assert CasePost.objects.get(is_context=True).post == other


def test_case_of_another_team_is_joined_without_being_shown(screens, monitor):
    first = make.PostFactory(workspace=monitor.workspace, thread_external_id="draad")
    case = thread(first, now=NOW).case
    Case.objects.update(team=make.TeamFactory(workspace=monitor.workspace))
    found = mention(monitor, channel=first.channel, author=first.author, thread_external_id="draad", minutes=9)

    shown = screens.post("make_case", {}, found.pk, hx_request="true")

    assert "With another team" in shown
    assert f"#{case.number}" not in shown + toast(screens)["text"]
    assert "href" not in toast(screens)


def test_post_of_ours_stands_in_the_stream_under_the_name_of_its_channel(screens, monitor):
    mention(monitor, direction="out", author=None, channel__name="Onze winkel")

    assert "<bdi>Onze winkel</bdi>" in screens.get("monitor", monitor.pk)


def test_post_of_ours_becomes_no_case(screens, monitor):
    found = mention(monitor, direction="out", author=None)

    screens.post("make_case", {}, found.pk, status=422, hx_request="true")

    assert "nobody to answer" in toast(screens)["text"]


def test_dismissed_in_one_monitor_stays_in_the_others(screens, monitor):
    found = mention(monitor)
    other = make.MonitorFactory(workspace=monitor.workspace)
    make.MentionFactory(workspace=monitor.workspace, monitor=other, post=found.post)

    shown = screens.post("dismiss", {}, found.pk, hx_request="true")

    assert "Dismissed by" in shown
    assert sorted(Mention.objects.values_list("state", flat=True)) == ["dismissed", "new"]
    screens.post("restore", {}, found.pk, status=204)
    assert set(Mention.objects.values_list("state", flat=True)) == {"new"}


def test_dismissed_in_all_mentions_is_dismissed_in_every_monitor_that_one_sees(screens, monitor):
    found = mention(monitor)
    for sharing in ("all", "own"):
        other = make.MonitorFactory(workspace=monitor.workspace, sharing=sharing, name=sharing)
        make.MentionFactory(workspace=monitor.workspace, monitor=other, post=found.post)

    screens.post("dismiss", {}, found.pk, query="?everywhere", hx_request="true")

    assert list(Mention.objects.filter(state="new").values_list("monitor__name", flat=True)) == ["own"]


def test_mention_is_shown_among_what_was_said_around_it(screens, monitor):
    found = mention(monitor, "koffer", thread_external_id="draad")
    make.PostFactory(
        workspace=monitor.workspace, channel=found.post.channel, thread_external_id="draad", text="en mijn fiets dan"
    )

    assert "en mijn fiets dan" in screens.get("mention", found.pk)


def test_analyst_reads_and_handles_nothing(client, monitor):
    analyst = make.MembershipFactory(workspace=monitor.workspace, role="analyst")
    found = mention(monitor)
    screens = Screens(client, analyst)

    assert 'data-do="case"' not in screens.get("monitor", monitor.pk)
    for name in ("make_case", "dismiss"):
        screens.post(name, {}, found.pk, status=404)
