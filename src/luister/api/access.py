"""Whose token this is, and who may see and make tokens."""

from datetime import datetime

from django.db.models import QuerySet

from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.api.models import Token
from luister.base.ids import token_digest
from luister.fence.scope import across_workspaces

PREFIX = "luister_"  # what tokens begin with, so that people and scanners recognise one
MAY_MANAGE = Permission.MANAGE_WORKSPACE
MOST_CHARACTERS = 200


def bearer(text: str, *, now: datetime) -> Token | None:
    """Return the token that was shown, with whom it acts as; None when it opens nothing (any more)."""
    if not text.startswith(PREFIX) or len(text) > MOST_CHARACTERS:
        return None
    found = Token.objects.filter(digest=token_digest(text)).select_related("member__user", "member__workspace")
    with across_workspaces("find whose token was shown"):
        token = found.first()
    if token is None or not token.is_alive(now=now) or not is_held(token):
        return None
    return token


def is_held(token: Token) -> bool:
    """Whether whom a token acts as is still there."""
    return token.member.is_active and token.member.user.is_active


def tokens_of(member: Membership) -> QuerySet[Token]:
    """Return the tokens of a workspace, for who may manage them."""
    tokens = Token.objects.filter(workspace_id=member.workspace_id)
    return tokens if member.may(MAY_MANAGE) else tokens.none()
