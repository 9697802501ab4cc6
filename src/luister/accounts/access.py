"""Who may enter which workspace, and the gate that every view of a workspace passes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from luister.accounts.enums import Permission
from luister.accounts.models import Membership, User
from luister.base import metrics
from luister.fence.scope import as_person, in_workspace

Rest = ParamSpec("Rest")


class UserRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User
    htmx: Any


class WorkspaceRequest(UserRequest):
    """A request that has passed the gate."""

    member: Membership


def memberships_of(user: User | AnonymousUser) -> list[Membership]:
    """Return the workspaces a user may enter, by name."""
    if not user.is_authenticated:
        return []
    found = Membership.objects.filter(user=user, is_active=True, user__is_active=True)
    with as_person(user.pk):
        return list(found.select_related("workspace", "user").order_by("workspace__name", "id"))


def membership(user: User | AnonymousUser, *, slug: str) -> Membership | None:
    """Return the user's membership of the workspace, or None: unknown and forbidden look alike."""
    if not user.is_authenticated:
        return None
    found = Membership.objects.filter(user=user, workspace__slug=slug, is_active=True, user__is_active=True)
    with as_person(user.pk):
        return found.select_related("workspace", "user").first()


def membership_by_id(user: User, *, workspace_id: int) -> Membership | None:
    """Return the user's membership of the workspace, or None."""
    found = Membership.objects.filter(user=user, workspace_id=workspace_id, is_active=True, user__is_active=True)
    with as_person(user.pk):
        return found.select_related("workspace", "user").first()


def member_view(
    permission: Permission,
) -> Callable[
    [Callable[Concatenate[WorkspaceRequest, Rest], HttpResponse]],
    Callable[..., HttpResponse],
]:
    """Let only members with this permission in; everyone else gets 404, whether the workspace exists or not.

    The permission stays readable as `view.permission`: the generated matrix of route × role × workspace checks
    every route against it, and a route without one fails the build.
    """

    def gate(
        view: Callable[Concatenate[WorkspaceRequest, Rest], HttpResponse],
    ) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def guarded(
            request: WorkspaceRequest,
            slug: str,
            *args: Rest.args,
            **kwargs: Rest.kwargs,
        ) -> HttpResponse:
            member = membership(request.user, slug=slug)
            if member is None or not member.may(permission):
                metrics.denied.labels(view.__module__.split(".")[1]).inc()
                raise Http404
            request.member = member
            with timezone.override(member.workspace.time_zone), in_workspace(member.workspace_id):
                return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the matrix test
        return guarded

    return gate


def open_view(
    reason: str,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Declare that a route needs no membership, and why."""

    def declare(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        view.open_because = reason  # type: ignore[attr-defined]  # read by the matrix test
        return view

    return declare


def personal_view(reason: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Declare that a route shows signed-in people only what is their own, and say what that is."""

    def declare(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        guarded = login_required(view)
        guarded.personal_because = reason  # type: ignore[attr-defined]  # read by the matrix test
        return guarded

    return declare
