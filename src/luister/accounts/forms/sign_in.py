"""The forms of django-allauth, without the placeholders that repeat their labels."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as second_step
from allauth.mfa.totp import forms as totp
from django.utils.translation import gettext_lazy as _


class _Plain:
    """Labels say what belongs in a field; a placeholder would vanish while one types."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]  # of the form it is mixed into
            field.widget.attrs.pop("placeholder", None)


class SignInForm(_Plain, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    """E-mail address and password; the link to a new password stands in the template."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
        self.fields["login"].widget.attrs["autofocus"] = True


class ConfirmForm(_Plain, account.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The password once more, before something delicate."""


class NewPasswordForm(_Plain, account.ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """The old password and the new one."""


class FirstPasswordForm(_Plain, account.SetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """The first password of who came in by a link."""


class ForgottenPasswordForm(_Plain, account.ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Where to send a link for a new password."""


class ReplacedPasswordForm(_Plain, account.ResetPasswordKeyForm):  # type: ignore[misc]  # allauth has no types
    """The new password of who followed that link."""


class CodeForm(_Plain, second_step.AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code of an authenticator app, or a recovery code, while signing in."""


class ConfirmCodeForm(_Plain, second_step.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code once more, before something delicate."""


class FirstCodeForm(_Plain, totp.ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    """The first code of an app that is being connected."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
