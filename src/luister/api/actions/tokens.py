"""Making and revoking tokens."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from luister.accounts.actions import write_audit
from luister.accounts.errors import RefusedError
from luister.accounts.models import Membership
from luister.api.access import MAY_MANAGE, PREFIX
from luister.api.enums import Ending, whole
from luister.api.models import Token
from luister.base.ids import new_token, token_digest
from luister.fence.scope import of_all_workspaces
from luister.queue import enqueue

SHOWN = len(PREFIX) + 6  # characters of a token by which it is recognised; the rest is enough to keep it secret


@transaction.atomic
def make(
    name: str,
    *,
    member: Membership,
    scopes: Iterable[str],
    expires_at: datetime | None,
    by: Membership | None,
    now: datetime,
) -> tuple[Token, str]:
    """Make a token that acts as a member and return it with its text, which is known only now.

    Raises:
        RefusedError: not allowed, nothing to use it for, no longer valid, or for somebody who is not here.
    """
    _require(by, member=member)
    chosen = whole(scopes)
    if not chosen:
        raise RefusedError(_("Choose what the token may be used for."))
    if expires_at is not None and expires_at <= now:
        raise RefusedError(_("Choose a date to come."))
    if not (member.is_active and member.user.is_active):
        raise RefusedError(_("Choose somebody who is in this workspace."))
    text = PREFIX + new_token()
    token = Token.objects.create(
        workspace_id=member.workspace_id,
        member=member,
        name=" ".join(name.split())[:80] or str(member.user),
        prefix=text[:SHOWN],
        digest=token_digest(text),
        scopes=chosen,
        made_by=by.user if by else None,
        created_at=now,
        expires_at=expires_at,
    )
    write_audit("token.made", workspace=member.workspace, by=by, target=token, now=now, detail=_described(token))
    return token, text


@transaction.atomic
def revoke(token: Token, *, by: Membership | None, now: datetime) -> bool:
    """End a token at once; False when it had ended.

    Raises:
        RefusedError: not allowed.
    """
    _require(by, member=token.member)
    return _end(token, Ending.REVOKED, by=by, now=now)


@of_all_workspaces("end a token that stood in an address")
@transaction.atomic
def revoke_leaked(text: str, *, now: datetime) -> bool:
    """End a token that stood in an address, where logs and histories keep it, and tell the administrators.

    False when there is none like this that still works.
    """
    token = Token.objects.select_related("member__workspace", "member__user").filter(digest=token_digest(text)).first()
    if token is None or not _end(token, Ending.LEAKED, by=None, now=now):
        return False
    enqueue("api.tell_of_leak", token_id=token.pk)
    return True


def _end(token: Token, ending: Ending, *, by: Membership | None, now: datetime) -> bool:
    if not Token.objects.filter(pk=token.pk, ended_at__isnull=True).update(ended_at=now, ending=ending):
        return False
    workspace = token.member.workspace
    write_audit(f"token.{ending}", workspace=workspace, by=by, target=token, now=now, detail=_described(token))
    return True


def _described(token: Token) -> dict[str, object]:
    return {"name": token.name, "prefix": token.prefix, "user": token.member.user.email, "scopes": token.scopes}


def _require(by: Membership | None, *, member: Membership) -> None:
    """None is the command line, which may."""
    if by is not None and not (by.workspace_id == member.workspace_id and by.may(MAY_MANAGE)):
        raise RefusedError(_("You may not do this."))
