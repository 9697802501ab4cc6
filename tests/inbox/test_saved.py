"""Saved views: whose they are, what they hold, and what happens to them."""

from datetime import timedelta

import pytest

from luister.accounts.enums import Role
from luister.inbox.actions.changes import RefusedError
from luister.inbox.actions.saved import Draft, change_view, delete_view, move_view, restore_view, save_view
from luister.inbox.enums import Audience
from luister.inbox.models import SavedView
from luister.inbox.queries import cases
from luister.inbox.queries.saved import broken_condition, counted, saved_views
from luister.posts.index.store import index_posts
from luister.query import QueryError
from tests.factories import (
    NOW,
    CaseFactory,
    CasePostFactory,
    LabelFactory,
    MembershipFactory,
    PostFactory,
    SavedViewFactory,
    TeamFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return MembershipFactory(role=Role.LEAD, user__name="Marit Smit")


@pytest.fixture
def agent(lead):
    team = TeamFactory(workspace=lead.workspace, name="Eerste lijn")
    return MembershipFactory(workspace=lead.workspace, role=Role.AGENT, teams=[team])


def names(member):
    return [saved.name for saved in saved_views(member=member)]


def keep(member, name, query="status:open", **fields):
    return save_view(Draft(name, query, **fields), view="all", by=member)


def test_a_view_is_seen_by_its_audience_alone(lead, agent):
    team = agent.teams.get()
    other = MembershipFactory(workspace=lead.workspace, role=Role.AGENT)
    keep(agent, "van mij")
    keep(agent, "van het team", audience=Audience.TEAM, team_id=team.pk)
    keep(lead, "van iedereen", audience=Audience.ALL)
    SavedViewFactory(name="van een ander")

    assert names(agent) == ["van mij", "van het team", "van iedereen"]
    assert names(lead) == ["van het team", "van iedereen"]
    assert names(other) == ["van iedereen"]


def test_only_leads_share_with_all_and_only_with_teams_that_are_ones_own(lead, agent):
    foreign = TeamFactory(workspace=lead.workspace)
    with pytest.raises(RefusedError):
        keep(agent, "voor iedereen", audience=Audience.ALL)
    for team_id in (foreign.pk, TeamFactory().pk, None):
        with pytest.raises(RefusedError):
            keep(agent, "voor een team", audience=Audience.TEAM, team_id=team_id)

    assert not SavedView.objects.exists()


def test_what_is_shared_is_changed_by_leads_and_what_is_private_by_its_owner(lead, agent):
    shared, own = keep(lead, "gedeeld", audience=Audience.ALL), keep(agent, "eigen")
    for saved, member in ((shared, agent), (own, lead)):
        with pytest.raises(RefusedError):
            change_view(saved.pk, Draft("anders", "koffer"), by=member)
        with pytest.raises(RefusedError):
            delete_view(saved.pk, by=member, at=NOW)

    change_view(own.pk, Draft("anders", "koffer"), by=agent)

    assert names(agent) == ["gedeeld", "anders"]


@pytest.mark.parametrize("query", ["", "(", "naam:*", "status:nieuw"])
def test_what_is_no_query_is_not_saved(lead, query):
    with pytest.raises(QueryError):
        keep(lead, "fout", query)

    assert not SavedView.objects.exists()


def test_views_are_put_in_order_also_where_positions_are_equal(lead):
    first, second, third = (keep(lead, name) for name in ("een", "twee", "drie"))
    SavedView.objects.update(position=1)

    move_view(third.pk, step=-1, by=lead)
    move_view(first.pk, step=-1, by=lead)
    assert names(lead) == ["een", "drie", "twee"]
    move_view(first.pk, step=1, by=lead)
    assert names(lead) == ["drie", "een", "twee"]
    move_view(second.pk, step=1, by=lead)
    assert names(lead) == ["drie", "een", "twee"]


def test_a_deleted_view_comes_back_where_it_was_and_is_gone_for_good_later(lead):
    first, second = keep(lead, "een"), keep(lead, "twee")
    delete_view(first.pk, by=lead, at=NOW)
    assert names(lead) == ["twee"]

    restore_view(first.pk, by=lead)
    assert names(lead) == ["een", "twee"]

    delete_view(first.pk, by=lead, at=NOW)
    delete_view(second.pk, by=lead, at=NOW + timedelta(days=2))
    with pytest.raises(RefusedError):
        restore_view(first.pk, by=lead)
    assert SavedView.objects.count() == 1


def test_counts_stop_at_a_hundred(lead, monkeypatch):
    monkeypatch.setattr(cases, "MOST_COUNTED", 3)
    for n in range(5):
        case = CaseFactory(workspace=lead.workspace, assignee=lead.user if n < 2 else None)
        post = PostFactory(workspace=lead.workspace, channel=case.channel, text="koffer" if n else "tas")
        CasePostFactory(case=case, post=post)
        index_posts([post])
    for query in ("assignee:me", "status:open", "tas", "koffer", "paraplu"):
        keep(lead, query, query)

    assert [number for _, number in counted(member=lead, now=NOW)] == ["2", "3+", "1", "3+", "0"]


def test_counting_a_view_of_case_fields_takes_one_query(lead, django_assert_num_queries):
    CaseFactory(workspace=lead.workspace)
    for query in ("status:open", "assignee:me", "-priority:urgent"):
        keep(lead, query, query)

    with django_assert_num_queries(1 + 3):
        counted(member=lead, now=NOW)


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("status:open label:weg koffer", "weg"),
        ('status:open label:"helemaal weg"', '"helemaal weg"'),
        ('label:(bagage OR "weg hier")', '"weg hier"'),
        ("koffer assignee:niemand", "niemand"),
        ("team:tweede", "tweede"),
        ("CHANNEL:nergens", "nergens"),
        ("label:bagage assignee:me team:none", None),
        ('label:"BÁGAGE"', None),
        ("koffer (", None),
    ],
)
def test_a_condition_that_names_what_is_gone_is_pointed_at(lead, query, marked):
    LabelFactory(workspace=lead.workspace, name="Bagage")
    LabelFactory(name="weg")

    broken = broken_condition(query, member=lead)

    assert (query[broken.start : broken.start + broken.length] if broken else None) == marked
