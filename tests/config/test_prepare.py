"""Starting brings the tables up to date and finds whom to let in."""

import pytest

from luister.accounts.actions import use_link
from luister.accounts.enums import Role
from luister.accounts.models import OneTimeLink
from luister.base.clock import utc_now
from luister.base.ids import token_digest
from luister.config import migrating
from luister.config.errors import GroundError
from luister.config.prepare import way_in
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


def test_empty_installation_is_set_up_first() -> None:
    path = way_in(to_demo=False)

    digest = token_digest(path.removeprefix("/setup/"))
    assert OneTimeLink.objects.get().token_digest == digest
    assert OneTimeLink.objects.get().user is None


@pytest.mark.parametrize("to_demo", [True, False])
def test_administrator_of_what_was_started_comes_first(*, to_demo: bool) -> None:
    MembershipFactory(role=Role.AGENT, workspace__is_demo=to_demo)
    other = MembershipFactory(role=Role.ADMINISTRATOR, workspace__is_demo=not to_demo)
    MembershipFactory(role=Role.ADMINISTRATOR, is_active=False, workspace__is_demo=to_demo)

    assert use_link(way_in(to_demo=to_demo).removeprefix("/enter/"), now=utc_now()) == other.user

    wanted = MembershipFactory(role=Role.ADMINISTRATOR, workspace__is_demo=to_demo)
    assert use_link(way_in(to_demo=to_demo).removeprefix("/enter/"), now=utc_now()) == wanted.user


def test_nobody_to_let_in() -> None:
    MembershipFactory(role=Role.AGENT)

    assert way_in(to_demo=False) == "/"


def test_tables_that_are_up_to_date() -> None:
    told: list[tuple[int, int]] = []

    assert migrating.pending() == []
    assert migrating.migrate(progress=lambda done, total: told.append((done, total))) == 0
    assert told == [(0, 0)]


def test_database_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "OLDEST_POSTGRES", 99)

    with pytest.raises(GroundError, match=r"^This database is PostgreSQL \d+: Luister needs 99 or newer\.$"):
        migrating.migrate(progress=lambda done, total: None)
