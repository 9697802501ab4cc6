"""An administrator can be made from the command line, and errors are sentences."""

import pytest

from luister.accounts.actions import use_link
from luister.accounts.enums import Role
from luister.accounts.models import Membership, User
from luister.config.administrator import create_admin, workspace_names
from luister.config.errors import GroundError
from tests.factories import NOW, PASSWORD, WorkspaceFactory

pytestmark = pytest.mark.django_db


def test_first_administrator_makes_the_workspace() -> None:
    link = create_admin("anna@haven.example", name="Anna", password=PASSWORD, workspace="De Haven", now=NOW)

    member = Membership.objects.get()
    assert link is None
    assert (member.role, member.workspace.name, member.workspace.slug) == (Role.ADMINISTRATOR, "De Haven", "de-haven")
    assert member.user.check_password(PASSWORD)
    assert workspace_names() == ["De Haven"]


def test_administrator_of_a_workspace_that_exists_comes_in_by_link() -> None:
    WorkspaceFactory(name="Haven", slug="haven")

    link = create_admin("bo@haven.example", name="Bo", password=None, workspace="haven", now=NOW)

    member = Membership.objects.get()
    assert member.workspace.name == "Haven"
    assert use_link((link or "").removeprefix("/enter/"), now=NOW) == member.user


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("anna", PASSWORD, "Enter a valid email address."),
        ("anna@haven.example", "kort", "This password is too short. It must contain at least 10 characters."),
        ("bo@haven.example", PASSWORD, "There is already an account with this e-mail address."),
    ],
)
def test_what_cannot_be_accepted_changes_nothing(email: str, password: str, sentence: str) -> None:
    User.objects.create_user("bo@haven.example", None, name="Bo")

    with pytest.raises(GroundError) as caught:
        create_admin(email, name="Anna", password=password, workspace="Haven", now=NOW)

    assert str(caught.value) == sentence
    assert (User.objects.count(), Membership.objects.count(), workspace_names()) == (1, 0, [])
