"""Reading tokens, always within the reader's workspace."""

from collections.abc import Sequence

from luister.accounts.models import Membership, Workspace
from luister.api.access import tokens_of
from luister.api.models import Token


def tokens(member: Membership) -> Sequence[Token]:
    """Return the tokens of the reader's workspace, those that still work first, the newest of each."""
    found = tokens_of(member).select_related("member__user", "made_by").order_by("-id")
    return sorted(found, key=lambda token: token.ended_at is not None)


def find_token(member: Membership, *, token_id: int) -> Token | None:
    """Return a token of the reader's workspace, or None."""
    return tokens_of(member).filter(pk=token_id).select_related("member__user").first()


def tokens_of_workspace(workspace: Workspace) -> Sequence[Token]:
    """Return the tokens of a workspace, the newest first, for the command line."""
    found = Token.objects.filter(workspace=workspace).select_related("member__user", "made_by")
    return list(found.order_by("-id"))


def workspace_called(slug: str) -> Workspace | None:
    """Return a workspace by its name in addresses, for the command line."""
    return Workspace.objects.filter(slug=slug).first()


def workspace_slugs() -> Sequence[str]:
    """Return the names in addresses of all workspaces, for the command line."""
    return list(Workspace.objects.order_by("slug").values_list("slug", flat=True))


def member_called(workspace: Workspace, *, email: str) -> Membership | None:
    """Return who is in a workspace with this address, for the command line."""
    members = Membership.objects.filter(workspace=workspace, is_active=True, user__is_active=True)
    return members.filter(user__email=email.strip().lower()).select_related("user", "workspace").first()
