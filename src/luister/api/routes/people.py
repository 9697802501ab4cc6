"""Contacts, labels, colleagues, teams and channels: what can be read of them."""

from typing import Annotated

from django.http import Http404
from ninja import Path, Query
from pydantic import Field

from luister.accounts import queries as accounts
from luister.accounts.enums import Permission
from luister.api.queries import lists
from luister.api.routes import pages
from luister.api.routes.gate import ApiRequest
from luister.api.routes.offers import area
from luister.api.routes.pages import Asked, Paging
from luister.api.routes.shapes import people as shapes
from luister.api.routes.shapes.base import MOST_ID, NO_NUL, Named, Page
from luister.channels import queries as channels
from luister.inbox.queries import around

CONTACTS, LABELS, USERS, CHANNELS = area("Contacts"), area("Labels"), area("Users and teams"), area("Channels")


class Called(Paging):
    """Which contacts are asked for."""

    name: str = Field("", max_length=200, pattern=NO_NUL, description="Part of a name or handle.")


@CONTACTS.offers(
    "GET",
    "/contacts",
    name="listContacts",
    summary="List contacts",
    scope="contacts:read",
    permission=Permission.SEE_CASES,
    answers=Page[shapes.ContactOut],
    problems=("cursor_invalid",),
)
def list_contacts(request: ApiRequest, asked: Annotated[Called, Query()]) -> Page[shapes.ContactOut]:
    """The contacts of the cases that may be read, by id."""
    at = pages.place(request, asked)
    found = lists.contacts(
        request.member, text=asked.name.strip(), after_id=int(at) if at else 0, limit=asked.limit + 1
    )
    page = found[: asked.limit]
    identities = lists.identities(page)
    rows = [shapes.contact_out(one, identities.get(one.pk, [])) for one in page]
    return Page(rows=rows, next_cursor=pages.cursor(request, str(page[-1].pk) if len(found) > asked.limit else ""))


@CONTACTS.offers(
    "GET",
    "/contacts/{contact_id}",
    name="getContact",
    summary="Read a contact",
    scope="contacts:read",
    permission=Permission.SEE_CASES,
    answers=shapes.ContactOut,
)
def get_contact(request: ApiRequest, contact_id: Annotated[int, Path(ge=1, le=MOST_ID)]) -> shapes.ContactOut:
    """With handles and addresses; the cases are in the list of cases, with `contact_id`."""
    contact = lists.one_contact(request.member, contact_id=contact_id)
    if contact is None:
        raise Http404
    return shapes.contact_out(contact, lists.identities([contact]).get(contact.pk, []))


@LABELS.offers(
    "GET",
    "/labels",
    name="listLabels",
    summary="List labels",
    scope="labels:read",
    permission=Permission.SEE_CASES,
    answers=Page[Named],
    problems=("cursor_invalid",),
)
def list_labels(request: ApiRequest, asked: Asked) -> Page[Named]:
    """The words that people put on cases, by name."""
    every = [Named(id=one.pk, name=one.name) for one in around.labels(member=request.member)]
    rows, cursor = pages.cut(every, request=request, paging=asked, key=lambda one: (one.name, one.id))
    return Page(rows=list(rows), next_cursor=cursor)


@USERS.offers(
    "GET",
    "/users",
    name="listUsers",
    summary="List colleagues",
    scope="users:read",
    permission=Permission.WORK_CASES,
    answers=Page[shapes.UserOut],
    problems=("cursor_invalid",),
)
def list_users(request: ApiRequest, asked: Asked) -> Page[shapes.UserOut]:
    """Who is in the workspace, by name."""
    with_email = request.member.may(Permission.MANAGE_PEOPLE)
    every = [shapes.user_out(one, with_email=with_email) for one in accounts.members(request.member)]
    rows, cursor = pages.cut(every, request=request, paging=asked, key=lambda one: (one.name, one.id))
    return Page(rows=list(rows), next_cursor=cursor)


@USERS.offers(
    "GET",
    "/teams",
    name="listTeams",
    summary="List teams",
    scope="users:read",
    permission=Permission.WORK_CASES,
    answers=Page[Named],
    problems=("cursor_invalid",),
)
def list_teams(request: ApiRequest, asked: Asked) -> Page[Named]:
    """The teams of the workspace, by name."""
    every = [shapes.team_out(one) for one in accounts.teams(request.member)]
    rows, cursor = pages.cut(every, request=request, paging=asked, key=lambda one: (one.name, one.id))
    return Page(rows=list(rows), next_cursor=cursor)


@CHANNELS.offers(
    "GET",
    "/channels",
    name="listChannels",
    summary="List channels",
    scope="channels:read",
    permission=Permission.SEE_CASES,
    answers=Page[shapes.ChannelOut],
    problems=("cursor_invalid",),
)
def list_channels(request: ApiRequest, asked: Asked) -> Page[shapes.ChannelOut]:
    """The connected accounts, by name, and how they are doing."""
    every = [shapes.channel_out(one) for one in channels.channels(request.member)]
    rows, cursor = pages.cut(every, request=request, paging=asked, key=lambda one: (one.name, one.id))
    return Page(rows=list(rows), next_cursor=cursor)


@CHANNELS.offers(
    "GET",
    "/channels/{channel_id}",
    name="getChannel",
    summary="Read a channel",
    scope="channels:read",
    permission=Permission.SEE_CASES,
    answers=shapes.ChannelOut,
)
def get_channel(request: ApiRequest, channel_id: Annotated[int, Path(ge=1, le=MOST_ID)]) -> shapes.ChannelOut:
    """One connected account."""
    found = channels.find_channel(request.member, channel_id=channel_id)
    if found is None:
        raise Http404
    return shapes.channel_out(found)
