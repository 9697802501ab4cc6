"""Monitors on screen: made with a preview, mended by the message, shared, muted and deleted."""

from datetime import timedelta

import pytest
from django.urls import reverse

from luister.base.clock import utc_now
from luister.listening.actions.looking_back import look_back
from luister.listening.models import LookBack, Mention, Monitor
from luister.listening.queries import preview
from luister.posts.index.store import index_posts
from luister.queue import collecting
from tests import factories as make
from tests.listening.helpers import Screens


@pytest.fixture
def pim(db):
    return make.MembershipFactory(role="agent", user__language="en")


@pytest.fixture
def screens(client, pim):
    return Screens(client, pim)


pytestmark = pytest.mark.django_db

WISH = {"name": "Suitcases", "query": "koffer", "sharing": "all", "look_back": "30"}


def said(member, text, *, days_ago=1.0, **fields):
    at = utc_now() - timedelta(days=days_ago)
    post = make.PostFactory(workspace=member.workspace, text=text, posted_at=at, received_at=at, **fields)
    index_posts([post])
    return post


def test_list_teaches_when_there_is_none(screens):
    shown = screens.get("monitors")

    assert "Hear what is not said to you" in shown
    assert shown.count("?example=") == 4


def test_example_fills_in_the_form(screens):
    shown = screens.get("make", query="?example=competitor")

    assert "(concurrent OR @concurrent)" in shown


def test_preview_says_what_the_query_means_and_would_have_found(screens, pim):
    said(pim, "Mijn koffer is weg")
    said(pim, "koffers en koffer", days_ago=2)
    said(pim, "koffer van vorige maand", days_ago=30)
    said(pim, "fiets")
    make.PostFactory(text="koffer van een ander")

    shown = screens.post("preview", {"query": "koffer"})

    assert "the word “koffer”" in shown
    assert "this would have found 2 posts" in shown
    assert "Mijn <mark>koffer</mark> is weg" in shown
    assert "vorige maand" not in shown


def test_preview_waits_for_a_query_that_is_in_order(screens):
    shown = screens.post("preview", {"query": "koffer kleur:rood"})

    assert "As soon as the query is in order" in shown


def test_preview_says_that_streams_are_stored_only_where_they_were_found(screens, pim):
    assert "Of streams" not in screens.post("preview", {"query": "koffer"})
    make.ChannelFactory(workspace=pim.workspace, kind="stream", handle="127.0.0.1:4222/POSTS")

    assert "Of streams only what other monitors found" in screens.post("preview", {"query": "koffer"})


def test_preview_warns_of_what_nobody_could_read(screens, pim):
    for _ in range(60):
        said(pim, "koffer")

    assert "more than anyone can read" in screens.post("preview", {"query": "koffer"})


def test_preview_says_that_nothing_was_found_and_what_to_try(screens, pim):
    said(pim, "koffer")

    shown = screens.post("preview", {"query": "kameel"})

    assert "would have found nothing" in shown
    assert "One post came in" in shown


def test_preview_shows_private_posts_only_to_whom_may_read_them(client):
    analyst = make.MembershipFactory(role="analyst", user__language="en")
    said(analyst, "koffer geheim", is_public=False)

    assert "found nothing" in Screens(client, analyst).post("preview", {"query": "koffer"})


def test_preview_knows_labels_of_those_cases_alone_that_its_reader_sees(client):
    pim = make.MembershipFactory(role="agent", user__language="en", teams=[make.TeamFactory()])
    label = make.LabelFactory(workspace=pim.workspace, name="vip")
    for team in (make.TeamFactory(workspace=pim.workspace), None):
        case = make.CaseFactory(workspace=pim.workspace, team=team)
        make.CaseLabelFactory(case=case, label=label)
        make.CasePostFactory(case=case, post=said(pim, f"team {team}"))

    shown = Screens(client, pim).post("preview", {"query": "label:vip"})

    assert "this would have found 1 post." in shown
    assert "team None" in shown


def test_preview_counts_what_we_wrote_only_for_who_asks_for_it(screens, pim):
    said(pim, "koffer", direction="out", author=None)
    said(pim, "koffer")

    assert "found 1 post." in screens.post("preview", {"query": "koffer"})
    assert "found 2 posts." in screens.post("preview", {"query": "koffer (is:outbound OR is:inbound)"})


def test_preview_says_from_when_it_counts_where_there_is_too_much(screens, pim, monkeypatch):
    monkeypatch.setattr(preview, "MOST_COUNTED", 3)
    for days in range(5):
        said(pim, "koffer", days_ago=days)

    shown = screens.post("preview", {"query": "koffer"})

    assert "found 3 posts." in shown
    assert "this counts what was said since" in shown
    assert "more than anyone can read" in shown


def test_made_monitor_looks_back_and_shows_its_stream(screens, pim):
    said(pim, "Mijn koffer is weg")
    said(pim, "koffer van vorig jaar", days_ago=300)
    with collecting() as deferred:
        shown = screens.post("make", WISH, follow=True)

    monitor = Monitor.objects.get()
    assert (monitor.owner, monitor.sharing, monitor.query) == (pim.user, "all", "koffer")
    assert "“Suitcases” listens from now on." in shown.replace("&quot;", '"')
    for job in deferred:
        look_back(job.arguments["monitor_id"], run=job.arguments["run"], clock=utc_now)
    assert "Mijn <mark>koffer</mark> is weg" in screens.get("monitor", monitor.pk)
    assert Mention.objects.count() == 1
    assert LookBack.objects.get().state == "done"


def test_mistake_is_said_beside_the_form_and_what_was_typed_stays(screens):
    shown = screens.post("make", {**WISH, "query": "koffer lang:nl kleur:rood"}, status=422)

    assert not Monitor.objects.exists()
    assert "koffer lang:nl <mark>kleur" in shown
    assert 'aria-invalid="true"' in shown
    assert "Suitcases" in shown


def test_query_that_would_find_everything_is_refused(screens):
    shown = screens.post("make", {**WISH, "query": "-koffer"}, status=422)

    assert "no words at all" in shown


def test_analyst_has_monitors_of_their_own_and_shares_none(client):
    analyst = make.MembershipFactory(role="analyst")
    with collecting():
        Screens(client, analyst).post("make", WISH, follow=True)

    assert Monitor.objects.get().sharing == "own"


def test_monitor_for_a_team_asks_which_one(screens, pim):
    team = make.TeamFactory(workspace=pim.workspace)

    assert "Choose the team that sees it." in screens.post("make", {**WISH, "sharing": "team"}, status=422)
    with collecting():
        screens.post("make", {**WISH, "sharing": "team", "team": team.pk}, follow=True)
    assert Monitor.objects.get().team == team


def test_changed_query_looks_back_again_and_keeps_what_people_handled(screens, pim):
    monitor = make.MonitorFactory(workspace=pim.workspace, owner=pim.user)
    make.MentionFactory(workspace=pim.workspace, monitor=monitor, state="dismissed")
    make.MentionFactory(workspace=pim.workspace, monitor=monitor)
    with collecting() as deferred:
        screens.post("change", {**WISH, "query": "tas"}, monitor.pk, follow=True)

    assert list(Mention.objects.values_list("state", flat=True)) == ["dismissed"]
    assert [job.name for job in deferred] == ["listening.look_back"]


def test_new_name_keeps_all_mentions_and_looks_back_at_nothing(screens, pim):
    monitor = make.MonitorFactory(workspace=pim.workspace, owner=pim.user)
    make.MentionFactory(workspace=pim.workspace, monitor=monitor)
    with collecting() as deferred:
        screens.post("change", WISH, monitor.pk, follow=True)

    monitor.refresh_from_db()
    assert (monitor.name, monitor.version) == ("Suitcases", 1)
    assert Mention.objects.count() == 1
    assert not deferred


@pytest.mark.parametrize(
    ("role", "may"), [("administrator", True), ("lead", True), ("agent", False), ("analyst", False)]
)
def test_only_owner_and_leads_change_a_monitor(client, role, may):
    member = make.MembershipFactory(role=role)
    monitor = make.MonitorFactory(workspace=member.workspace)
    screens = Screens(client, member)

    for page in ("change", "delete"):
        screens.get(page, monitor.pk, status=200 if may else 302)
    assert (reverse("listening:change", args=[member.workspace.slug, monitor.pk]) in screens.get("monitors")) is may


@pytest.mark.parametrize(
    ("sharing", "person", "sees"),
    [
        ("own", "agent", False),
        ("own", "lead", True),
        ("team", "agent", True),
        ("team", "agent elsewhere", False),
        ("team", "analyst", False),
        ("all", "agent elsewhere", True),
        ("all", "analyst", True),
        ("all", "partner", False),
    ],
)
def test_monitor_is_seen_by_those_it_is_shared_with(client, sharing, person, sees):
    team = make.TeamFactory()
    role, _, elsewhere = person.partition(" ")
    teams = [] if elsewhere or role == "analyst" else [team]
    member = make.MembershipFactory(workspace=team.workspace, role=role, teams=teams)
    monitor = make.MonitorFactory(workspace=team.workspace, sharing=sharing, team=team if sharing == "team" else None)

    Screens(client, member).get("monitor", monitor.pk, status=200 if sees else 404)


def test_delete_says_what_goes_and_what_stays(screens, pim):
    monitor = make.MonitorFactory(workspace=pim.workspace, owner=pim.user, name="Koffers")
    for _ in range(3):
        make.MentionFactory(workspace=pim.workspace, monitor=monitor)

    assert "its 3 mentions" in screens.get("delete", monitor.pk)
    shown = screens.post("delete", {}, monitor.pk, follow=True)

    assert "“Koffers” was deleted" in shown
    assert not Mention.objects.exists()


def test_muted_monitor_counts_nothing(screens, pim):
    monitor = make.MonitorFactory(workspace=pim.workspace, owner=pim.user)
    make.MentionFactory(workspace=pim.workspace, monitor=monitor)
    assert '<span class="count">1</span>' in screens.get("nav")

    screens.post("mute", {"muted": "1"}, monitor.pk, follow=True)

    assert '<span class="count">1</span>' not in screens.get("nav")


def test_monitor_whose_query_no_longer_parses_says_so(screens, pim):
    make.MonitorFactory(workspace=pim.workspace, query='"koffer')

    assert "Finds nothing:" in screens.get("monitors")


def test_list_asks_as_many_queries_for_fifty_as_for_one(screens, pim, django_assert_num_queries):
    make.MonitorFactory(workspace=pim.workspace)
    screens.get("monitors")
    with screens.counting() as for_one:
        screens.get("monitors")
    for _ in range(49):
        make.MonitorFactory(workspace=pim.workspace)
    with screens.counting() as for_fifty:
        screens.get("monitors")

    assert len(for_one) == len(for_fifty) <= 6


def test_preview_and_stream_tell_which_posts_the_monitor_looks_at(screens, pim):
    said(pim, "de treinstel")
    said(pim, "de bus")

    shown = screens.post("preview", {"query": "de (treinstel OR busdeur)"})

    assert "Looks only at posts with one of: treinstel, busdeur." in shown
    assert "Of the 2 posts of these days, 1 had that and were held against the query." in shown
    monitor = make.MonitorFactory(workspace=pim.workspace, query="treinstel de", owner=pim.user)
    assert "Looks only at posts with treinstel." in screens.get("monitor", monitor.pk)


def test_query_that_is_held_against_every_post_is_saved_only_by_who_was_told(screens):
    wish = {**WISH, "query": "rating:<3"}
    shown = screens.post("make", wish, status=422)

    assert not Monitor.objects.exists()
    assert "This query names nothing that has to be in a post it finds" in shown
    assert "as the warning says. Save again to have it so." in shown
    assert '<input type="hidden" name="told" value="rating:&lt;3">' in shown
    screens.post("make", {**wish, "told": "another query"}, status=422)
    with collecting():
        screens.post("make", {**wish, "told": "rating:<3"}, follow=True)
    assert Monitor.objects.get().query == "rating:<3"
