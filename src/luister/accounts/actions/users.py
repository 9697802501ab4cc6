"""Making users, and what they choose for themselves."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from luister.accounts.errors import RefusedError
from luister.accounts.models import User


def new_user(
    email: str,
    *,
    name: str,
    password: str | None = None,
    language: str = "nl",
    signature: str = "",
) -> User:
    """Store a user; without a password they can only enter by a sign-in link.

    Raises:
        RefusedError: the address is taken.
    """
    try:
        with transaction.atomic():
            return User.objects.create_user(
                email.strip(), password, name=name.strip(), language=language, signature=signature
            )
    except IntegrityError as error:
        raise RefusedError(_("There is already an account with this e-mail address.")) from error


def change_preferences(  # noqa: PLR0913 - keyword-only, each something the caller decides
    user: User,
    *,
    name: str | None = None,
    language: str | None = None,
    theme: str | None = None,
    signature: str | None = None,
    single_keys: bool | None = None,
    keys: Mapping[str, str] | None = None,
) -> None:
    """Store what a user chose; what is None stays as it was."""
    chosen = {
        "name": name,
        "language": language,
        "theme": theme,
        "signature": signature,
        "single_keys": single_keys,
        "keys": None if keys is None else dict(keys),
    }
    changed = {field: value for field, value in chosen.items() if value is not None}
    for field, value in changed.items():
        setattr(user, field, value)
    if changed:
        user.save(update_fields=list(changed))
