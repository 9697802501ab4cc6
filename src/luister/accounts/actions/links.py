"""Links that work once: for signing in, and for setting up an empty installation."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from luister.accounts.actions.users import new_user
from luister.accounts.actions.workspaces import new_workspace
from luister.accounts.errors import RefusedError
from luister.accounts.models import Membership, OneTimeLink, User
from luister.base.ids import lock_key, new_token, token_digest

SIGN_IN_LIFETIME: Final = timedelta(minutes=15)
INVITATION_LIFETIME: Final = timedelta(days=7)
SETUP_LIFETIME: Final = timedelta(days=1)


def new_sign_in_link(user: User, *, now: datetime, lifetime: timedelta = SIGN_IN_LIFETIME) -> str:
    """Return the token of a link (`/enter/<token>`) that signs this user in, once; it replaces earlier ones."""
    OneTimeLink.objects.filter(user=user, used_at__isnull=True).delete()
    token = new_token()
    OneTimeLink.objects.create(user=user, token_digest=token_digest(token), expires_at=now + lifetime)
    return token


def use_link(token: str, *, now: datetime) -> User | None:
    """Use up a sign-in link and return whom it lets in; None when it is unknown, used, or too old.

    One conditional UPDATE on the link's own columns decides, so that of two uses at the same moment one wins.
    """
    digest = token_digest(token)
    links = OneTimeLink.objects.filter(token_digest=digest)
    if not links.filter(user__isnull=False, used_at__isnull=True, expires_at__gt=now).update(used_at=now):
        return None
    user = User.objects.get(pk=links.values("user_id")[:1])
    return user if user.is_active else None


def new_setup_link(*, now: datetime) -> str:
    """Return the token of a link (`/setup/<token>`) that opens the set-up page; earlier ones stop working.

    Raises:
        RefusedError: somebody has an account already.
    """
    with transaction.atomic():
        _lock_setup()
        _refuse_unless_empty()
        OneTimeLink.objects.filter(user__isnull=True).delete()
        token = new_token()
        OneTimeLink.objects.create(user=None, token_digest=token_digest(token), expires_at=now + SETUP_LIFETIME)
    return token


def set_up(  # noqa: PLR0913 - keyword-only, each something the caller decides
    token: str,
    *,
    name: str,
    email: str,
    password: str,
    workspace_name: str,
    language: str,
    time_zone: str,
    now: datetime,
) -> Membership:
    """Make the first user and the first workspace of an empty installation; works once.

    Raises:
        RefusedError: the link is unknown, used or too old, or somebody has an account already.
    """
    with transaction.atomic():
        _lock_setup()
        _refuse_unless_empty()
        links = OneTimeLink.objects.filter(token_digest=token_digest(token), user__isnull=True)
        if not links.filter(used_at__isnull=True, expires_at__gt=now).update(used_at=now):
            raise RefusedError(_("This link no longer works: start Luister again for a new one."))
        user = new_user(email, name=name, password=password, language=language)
        slug = slugify(workspace_name)[:50].strip("-") or "desk"
        return new_workspace(
            name=workspace_name, slug=slug, language=language, time_zone=time_zone, by_user=user, now=now
        )


def _lock_setup() -> None:
    """Make two set-ups at once wait for each other until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key("accounts", "set_up")])


def _refuse_unless_empty() -> None:
    if User.objects.exists():
        raise RefusedError(_("Luister has been set up already: sign in instead."))
