"""A workspace with a token, and a case."""

import pytest


@pytest.fixture
def lead(db):
    from tests import factories as make  # noqa: PLC0415 - needs Django set up

    return make.MembershipFactory(role="administrator", user__name="Pim de Vries", user__language="nl")


@pytest.fixture
def app(lead):
    from tests.api.programs import program  # noqa: PLC0415

    return program(lead)


@pytest.fixture
def case(lead):
    """A case with one public post of a customer, on a channel of the practice network."""
    from tests import factories as make  # noqa: PLC0415

    channel = make.ChannelFactory(workspace=lead.workspace)
    identity = make.IdentityFactory(workspace=lead.workspace, contact__name="Sanne Bakker")
    case = make.CaseFactory(workspace=lead.workspace, channel=channel, identity=identity, is_public=True, version=1)
    post = make.PostFactory(workspace=lead.workspace, channel=channel, author=identity, text="Waar is mijn koffer?")
    make.CasePostFactory(case=case, post=post, version=1)
    return case
