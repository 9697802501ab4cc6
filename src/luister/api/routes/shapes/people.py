"""Contacts, colleagues and channels."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from luister.accounts.enums import Role
from luister.accounts.models import Membership, Team
from luister.api.models import Token
from luister.api.routes.shapes.base import Named, Out
from luister.channels.enums import ChannelState, Owner, Publicness, Purpose
from luister.channels.models import Channel
from luister.people.models import Contact, Identity


class IdentityOut(Out):
    """One handle or address of a contact on one network."""

    id: int
    network: str
    external_id: str
    name: str
    handle: str
    url: str


class ContactOut(Out):
    """A person, as the workspace knows them."""

    id: int
    name: str
    created_at: datetime
    identities: list[IdentityOut]


class UserOut(Out):
    """A colleague; `id` is what cases are assigned to."""

    id: int
    name: str
    email: Annotated[str | None, Field(description="Only for who manages people.")]
    role: Role
    team_ids: list[int]


class ChannelOut(Out):
    """A connected account; what it signs in with is never shown."""

    id: int
    name: str
    kind: str
    network: str
    handle: str
    purpose: Purpose
    owner: Owner
    publicness: Publicness
    state: ChannelState
    team: Named | None


class WorkspaceOut(Out):
    """The workspace of the token."""

    slug: str
    name: str
    time_zone: str


class Me(Out):
    """What the token is, and as whom it acts."""

    token: str
    scopes: list[str]
    expires_at: datetime | None
    workspace: WorkspaceOut
    user: Named
    role: Role


def contact_out(contact: Contact, identities: list[Identity]) -> ContactOut:
    """Return a contact as they are shown."""
    known = [
        IdentityOut(
            id=one.pk, network=one.kind, external_id=one.external_id, name=one.name, handle=one.handle, url=one.url
        )
        for one in identities
    ]
    return ContactOut(id=contact.pk, name=contact.name, created_at=contact.created_at, identities=known)


def user_out(member: Membership, *, with_email: bool) -> UserOut:
    """Return a colleague as they are shown."""
    return UserOut(
        id=member.user_id,
        name=str(member.user),
        email=member.user.email if with_email else None,
        role=Role(member.role),
        team_ids=[team.pk for team in member.teams.all()],
    )


def team_out(team: Team) -> Named:
    """Return a team as it is shown."""
    return Named(id=team.pk, name=team.name)


def channel_out(channel: Channel) -> ChannelOut:
    """Return a channel as it is shown."""
    return ChannelOut(
        id=channel.pk,
        name=channel.name,
        kind=channel.kind,
        network=channel.network,
        handle=channel.handle,
        purpose=Purpose(channel.purpose),
        owner=Owner(channel.owner),
        publicness=Publicness(channel.publicness),
        state=ChannelState(channel.state),
        team=team_out(channel.team) if channel.team else None,
    )


def me(token: Token) -> Me:
    """Return what a token is."""
    member = token.member
    workspace = member.workspace
    return Me(
        token=token.prefix,
        scopes=token.scopes,
        expires_at=token.expires_at,
        workspace=WorkspaceOut(slug=workspace.slug, name=workspace.name, time_zone=workspace.time_zone),
        user=Named(id=member.user_id, name=str(member.user)),
        role=Role(member.role),
    )
