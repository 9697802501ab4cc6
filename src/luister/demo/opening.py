"""Opening the demo's desk: the workspace, who works there, and its two channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from luister.accounts import actions as accounts
from luister.accounts.enums import Role
from luister.accounts.models import Membership, Team, User, Workspace
from luister.channels import actions as channels
from luister.channels.models import Channel
from luister.demo.script import Colleague, Desk
from luister.practice import actions as practice
from luister.practice.core import Person

PRACTICE_PATH = "/practice"


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """The desk with everyone at it; colleagues and teams by their key in the script."""

    workspace: Workspace
    members: Mapping[str, Membership]
    chief: str  # the administrator's key
    teams: Mapping[str, Team]
    square: Channel  # our account on the practice network
    mailbox: Channel
    brand: Person  # the same account, as the network knows it


def open_desk(desk: Desk, *, stage: str, site_url: str, now: datetime) -> OpenDesk:
    """Make the workspace, its colleagues, teams and channels, as an administrator would.

    Args:
        site_url: where the browser finds Luister, and so the practice network.
    """
    first = next(one for one in desk.colleagues if one.role == Role.ADMINISTRATOR)
    chief = accounts.new_workspace(
        name=desk.name,
        slug=_free_slug(desk.handle),
        language="nl",
        time_zone=desk.time_zone,
        by_user=_user(first),
        now=now,
        is_demo=True,
    )
    workspace = chief.workspace
    teams = {
        key: accounts.new_team(workspace=workspace, name=name, by=chief, now=now) for key, name in desk.teams.items()
    }
    own_teams = [teams[key] for key in first.teams]
    accounts.change_member(chief, role=Role.ADMINISTRATOR, teams=own_teams, sees_private=True, by=None, now=now)
    members = {first.key: chief}
    for colleague in desk.colleagues:
        if colleague is not first:
            members[colleague.key] = accounts.add_member(
                workspace=workspace,
                user=_user(colleague),
                role=colleague.role,
                by=chief,
                now=now,
                teams=[teams[key] for key in colleague.teams],
            )
    brand = practice.open_brand(desk.handle, name=desk.name, now=now)
    square = channels.connect(
        channels.NewChannel(
            kind="practice",
            name=desk.name,
            handle=desk.handle,
            publicness="both",
            settings={**practice_settings(site_url), "demo_stage": stage},
            secrets={"token": brand.token},
            team=teams["webcare"],
            caret_signature=True,
        ),
        workspace=workspace,
        by=chief,
        now=now,
    )
    mailbox = channels.connect(
        channels.NewChannel(
            kind="email",
            name="Klantenservice",
            handle=desk.mail,
            publicness="private",
            settings=mail_settings(desk),
            team=teams["webcare"],
        ),
        workspace=workspace,
        by=chief,
        now=now,
    )
    return OpenDesk(workspace, members, first.key, teams, square, mailbox, brand.person)


def practice_settings(site_url: str) -> dict[str, str]:
    """Return how the practice network is reached where Luister itself is reached."""
    return {"base_url": f"{site_url}{PRACTICE_PATH}/api", "idempotency": "key"}


def mail_settings(desk: Desk) -> dict[str, str]:
    """Return a mailbox without servers: nothing is fetched, and what is sent stays here."""
    return {"address": desk.mail, "from_name": desk.name, "serverless": "true"}


def _user(colleague: Colleague) -> User:
    """Return the colleague's account; one that stayed behind from an earlier demo is taken up again."""
    known = User.objects.filter(email=colleague.mail).first()
    return known or accounts.new_user(
        colleague.mail, name=colleague.name, language=colleague.language, signature=colleague.signature
    )


def _free_slug(wanted: str) -> str:
    taken = set(Workspace.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(slug for slug in (wanted, *(f"{wanted}-{n}" for n in range(2, 1000))) if slug not in taken)
