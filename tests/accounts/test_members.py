"""Who is in a workspace and as what: the last administrator, invitations, removals, and their audit entries."""

import pytest
from django.urls import reverse

from luister.accounts import actions, queries
from luister.accounts.enums import Role
from luister.accounts.errors import RefusedError
from luister.accounts.models import AuditEntry, Membership, User
from tests.accounts.test_links import at_once, is_signed_in
from tests.factories import NOW, MembershipFactory, TeamFactory, UserFactory, WorkspaceFactory


@pytest.fixture
def administrator(db):
    return MembershipFactory(role=Role.ADMINISTRATOR)


def verbs(workspace):
    return list(AuditEntry.objects.filter(workspace=workspace).order_by("id").values_list("verb", flat=True))


def test_creator_of_workspace_is_administrator(db):
    user = UserFactory()

    member = actions.new_workspace(
        name="Zuiderveld", slug="zuiderveld", language="nl", time_zone="Europe/Amsterdam", by_user=user, now=NOW
    )

    assert (member.role, member.user) == (Role.ADMINISTRATOR, user)
    assert verbs(member.workspace) == ["workspace.made"]


def test_address_of_workspace_that_is_taken_is_refused(administrator):
    with pytest.raises(RefusedError, match="werkplek met dit adres"):
        actions.new_workspace(
            name="Nog een",
            slug=administrator.workspace.slug,
            language="nl",
            time_zone="Europe/Amsterdam",
            by_user=administrator.user,
            now=NOW,
        )


@pytest.mark.parametrize("change", ["remove", "demote"])
def test_last_administrator_stays(administrator, change):
    MembershipFactory(workspace=administrator.workspace, role=Role.LEAD)
    MembershipFactory(workspace=administrator.workspace, role=Role.ADMINISTRATOR, is_active=False)
    MembershipFactory(workspace=administrator.workspace, role=Role.ADMINISTRATOR, user=UserFactory(is_active=False))

    with pytest.raises(RefusedError, match="beheerder nodig"):
        leave(administrator, change)

    administrator.refresh_from_db()
    assert (administrator.role, administrator.is_active) == (Role.ADMINISTRATOR, True)
    assert verbs(administrator.workspace) == []


def leave(member, change):
    if change == "remove":
        actions.remove_member(member, by=member, now=NOW)
    else:
        actions.change_member(member, role=Role.AGENT, teams=[], sees_private=False, by=member, now=NOW)


@pytest.mark.sql
def test_two_administrators_who_leave_at_once_leave_one(transactional_db):
    first = MembershipFactory(role=Role.ADMINISTRATOR)
    both = [first, MembershipFactory(workspace=first.workspace, role=Role.ADMINISTRATOR)]

    def go(number):
        try:
            leave(both[number], "remove")
        except RefusedError:
            return False
        return True

    assert sorted(at_once(2, go)) == [False, True]
    assert Membership.objects.filter(is_active=True).count() == 1


def test_invitation_makes_an_account_that_comes_in_by_its_link(client, administrator):
    team = TeamFactory(workspace=administrator.workspace, name="Bagage")

    member, token = actions.invite(
        " Sam@Zuiderveld.example ",
        workspace=administrator.workspace,
        name="Sam Jansen",
        role=Role.AGENT,
        teams=[team],
        by=administrator,
        now=NOW,
    )

    assert member.user.email == "sam@zuiderveld.example"
    assert not member.user.has_usable_password()
    assert actions.use_link(token, now=NOW) == member.user
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.user, entry.at) == ("member.added", administrator.user, NOW)
    assert entry.detail == {
        "user": "sam@zuiderveld.example",
        "role": "agent",
        "teams": ["Bagage"],
        "sees_private": False,
        "needs_approval": False,
    }


def test_invitation_of_someone_who_has_an_account_gives_no_link(administrator):
    known = MembershipFactory().user

    member, token = actions.invite(
        known.email.upper(), workspace=administrator.workspace, name="X", role="lead", by=administrator, now=NOW
    )

    assert token is None
    assert (member.user, member.role) == (known, "lead")


def test_invitation_of_a_member_is_refused(administrator):
    with pytest.raises(RefusedError):
        actions.invite(
            administrator.user.email,
            workspace=administrator.workspace,
            name="X",
            role="agent",
            by=administrator,
            now=NOW,
        )


def test_link_for_a_member_of_another_workspace_too_is_refused(administrator):
    colleague = MembershipFactory(workspace=administrator.workspace)
    MembershipFactory(user=colleague.user)

    with pytest.raises(RefusedError):
        actions.link_for_member(colleague, by=administrator, now=NOW)


def test_link_for_a_member_is_in_the_audit_list(administrator):
    colleague = MembershipFactory(workspace=administrator.workspace)

    token = actions.link_for_member(colleague, by=administrator, now=NOW)

    assert actions.use_link(token, now=NOW) == colleague.user
    assert verbs(administrator.workspace) == ["member.link_made"]


def test_removed_member_is_out_with_the_next_request(client, administrator):
    colleague = MembershipFactory(workspace=administrator.workspace, role=Role.ADMINISTRATOR)
    client.force_login(colleague.user)
    page = reverse("accounts:people", args=[administrator.workspace.slug])
    assert client.get(page).status_code == 200

    actions.remove_member(colleague, by=administrator, now=NOW)

    assert client.get(page).status_code == 302
    assert client.get("/").headers["Location"] == reverse("account_login")


def test_removed_member_of_two_workspaces_keeps_the_other(client, administrator):
    colleague = MembershipFactory(workspace=administrator.workspace, role=Role.ADMINISTRATOR)
    other = MembershipFactory(user=colleague.user, role=Role.ADMINISTRATOR)
    client.force_login(colleague.user)

    actions.remove_member(colleague, by=administrator, now=NOW)

    assert client.get(reverse("accounts:people", args=[administrator.workspace.slug])).status_code == 404
    assert client.get(reverse("accounts:people", args=[other.workspace.slug])).status_code == 200
    assert is_signed_in(client)


def test_removed_member_comes_back_with_new_rights(administrator):
    team = TeamFactory(workspace=administrator.workspace)
    colleague = MembershipFactory(workspace=administrator.workspace, teams=[team], sees_private=True)
    actions.remove_member(colleague, by=administrator, now=NOW)

    again = actions.add_member(
        workspace=administrator.workspace, user=colleague.user, role=Role.PARTNER, by=administrator, now=NOW
    )

    assert (again.pk, again.role, again.sees_private, list(again.teams.all())) == (colleague.pk, "partner", False, [])
    assert User.objects.get(pk=colleague.user_id).is_active


def test_teams_of_another_workspace_are_refused(administrator):
    foreign = TeamFactory()
    colleague = MembershipFactory(workspace=administrator.workspace)

    with pytest.raises(RefusedError):
        actions.change_member(colleague, role="agent", teams=[foreign], sees_private=False, by=administrator, now=NOW)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_others_than_administrators_change_no_rights(administrator, role):
    actor = MembershipFactory(workspace=administrator.workspace, role=role)
    stranger = MembershipFactory(role=Role.ADMINISTRATOR)
    team = TeamFactory(workspace=administrator.workspace)
    workspace = administrator.workspace

    for by in (actor, stranger):
        for refused in (
            lambda by=by: actions.add_member(workspace=workspace, user=UserFactory(), role="lead", by=by, now=NOW),
            lambda by=by: actions.change_member(actor, role="lead", teams=[], sees_private=True, by=by, now=NOW),
            lambda by=by: actions.remove_member(administrator, by=by, now=NOW),
            lambda by=by: actions.link_for_member(administrator, by=by, now=NOW),
            lambda by=by: actions.new_team(workspace=workspace, name="Nieuw", by=by, now=NOW),
            lambda by=by: actions.rename_team(team, name="Anders", by=by, now=NOW),
            lambda by=by: actions.delete_team(team, by=by, now=NOW),
            lambda by=by: actions.change_workspace(
                workspace, name="X", language="en", time_zone="Europe/Lisbon", by=by, now=NOW
            ),
        ):
            with pytest.raises(RefusedError):
                refused()
    assert verbs(workspace) == []


def test_change_of_rights_tells_before_and_after(administrator):
    team = TeamFactory(workspace=administrator.workspace, name="Parkeren")
    colleague = MembershipFactory(workspace=administrator.workspace, role=Role.ANALYST)

    actions.change_member(colleague, role="analyst", teams=[team], sees_private=True, by=administrator, now=NOW)

    detail = AuditEntry.objects.get().detail
    before = {"user": colleague.user.email, "role": "analyst", "teams": []}
    assert detail["before"] == before | {"sees_private": False, "needs_approval": False}
    assert detail["after"] == detail["before"] | {"teams": ["Parkeren"], "sees_private": True}


def test_team_name_that_differs_by_capitals_only_is_refused(administrator):
    actions.new_team(workspace=administrator.workspace, name="Bagage", by=administrator, now=NOW)
    other = actions.new_team(workspace=administrator.workspace, name="Parkeren", by=administrator, now=NOW)

    with pytest.raises(RefusedError):
        actions.new_team(workspace=administrator.workspace, name="BAGAGE", by=administrator, now=NOW)
    with pytest.raises(RefusedError):
        actions.rename_team(other, name="bagage", by=administrator, now=NOW)
    assert actions.new_team(workspace=WorkspaceFactory(), name="Bagage", by=None, now=NOW)


def test_members_and_teams_are_listed_without_those_who_left(administrator, django_assert_num_queries):
    team = TeamFactory(workspace=administrator.workspace, name="Bagage")
    colleague = MembershipFactory(workspace=administrator.workspace, teams=[team], user__name="Anna")
    MembershipFactory(workspace=administrator.workspace, teams=[team], is_active=False)
    MembershipFactory()
    administrator.user.name = "Zeger"
    administrator.user.save()

    with django_assert_num_queries(2):
        found = queries.members(administrator)
        assert [(member.pk, [str(team) for team in member.teams.all()]) for member in found] == [
            (colleague.pk, ["Bagage"]),
            (administrator.pk, []),
        ]
    assert [(found.name, found.people) for found in queries.teams(administrator)] == [("Bagage", 1)]


def test_need_of_approval_is_given_and_audited(administrator):
    colleague = MembershipFactory(workspace=administrator.workspace)

    actions.change_member(
        colleague,
        role=Role.AGENT,
        teams=[],
        sees_private=False,
        needs_approval=True,
        by=administrator,
        now=NOW,
    )

    colleague.refresh_from_db()
    entry = AuditEntry.objects.get(verb="member.changed")
    assert colleague.needs_approval
    assert (entry.detail["before"]["needs_approval"], entry.detail["after"]["needs_approval"]) == (False, True)
