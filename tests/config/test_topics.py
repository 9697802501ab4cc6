"""Who may listen to what."""

import pytest

from luister.accounts.enums import Role
from luister.config.topics import may_listen
from tests.factories import CaseFactory, HandoverFactory, MembershipFactory, TeamFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return MembershipFactory(role=Role.AGENT)


def test_a_member_hears_of_their_workspace_and_no_other(agent):
    assert may_listen(agent.user, f"workspace:{agent.workspace_id}")
    assert not may_listen(agent.user, f"workspace:{MembershipFactory().workspace_id}")


def test_a_member_hears_of_cases_they_may_see(agent):
    own = CaseFactory(workspace=agent.workspace)
    others = CaseFactory(workspace=agent.workspace, team=TeamFactory(workspace=agent.workspace))

    assert may_listen(agent.user, f"case:{own.pk}")
    assert not may_listen(agent.user, f"case:{others.pk}")
    assert not may_listen(agent.user, f"case:{CaseFactory().pk}")


def test_a_partner_hears_of_a_case_while_it_is_handed_to_them():
    partner = MembershipFactory(role=Role.PARTNER)
    case = CaseFactory(workspace=partner.workspace, is_public=True)
    handover = HandoverFactory(case=case, member=partner)
    assert may_listen(partner.user, f"case:{case.pk}")

    handover.delete()

    assert not may_listen(partner.user, f"case:{case.pk}")


def test_a_user_hears_of_themselves_alone(agent):
    assert may_listen(agent.user, f"user:{agent.user_id}")
    assert not may_listen(agent.user, f"user:{MembershipFactory().user_id}")


def test_a_deactivated_member_hears_nothing(agent):
    agent.is_active = False
    agent.save()

    assert not may_listen(agent.user, f"workspace:{agent.workspace_id}")


@pytest.mark.parametrize(
    "topic", ["", ":", "case", "case:", "case:x", "case:-1", "case:٣", "nope:1", "case:1:2", "case:" + "9" * 40]
)
def test_anything_else_is_refused(agent, topic):
    assert not may_listen(agent.user, topic)
