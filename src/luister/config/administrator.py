"""Making an administrator from the command line, for whoever cannot or will not use the set-up page."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import override

from luister.accounts import actions
from luister.accounts.enums import Role
from luister.accounts.errors import RefusedError
from luister.accounts.models import Workspace
from luister.config.errors import GroundError


@override("en")  # the command line speaks English
def create_admin(email: str, *, name: str, password: str | None, workspace: str, now: datetime) -> str | None:
    """Make a user who administers that workspace (made if it is new).

    Returns:
        Without a password, the path of the link by which they sign in once; else nothing.

    Raises:
        GroundError: an address, name or password that cannot be accepted, or an account that exists.
    """
    try:
        validate_email(email)
        if password is not None:
            validate_password(password)
        with transaction.atomic():
            user = actions.new_user(email, name=name, password=password)
            slug = slugify(workspace)[:50].strip("-") or "desk"
            known = Workspace.objects.filter(slug=slug).first()
            if known is None:
                actions.new_workspace(
                    name=workspace, slug=slug, language="nl", time_zone="Europe/Amsterdam", by_user=user, now=now
                )
            else:
                actions.add_member(workspace=known, user=user, role=Role.ADMINISTRATOR, by=None, now=now)
            return None if password else f"/enter/{actions.new_sign_in_link(user, now=now)}"
    except ValidationError as error:
        raise GroundError(" ".join(error.messages)) from error
    except RefusedError as error:
        raise GroundError(str(error)) from error


def workspace_names() -> list[str]:
    """Return the names of the workspaces that are no demo."""
    return list(Workspace.objects.filter(is_demo=False).order_by("pk").values_list("name", flat=True))
