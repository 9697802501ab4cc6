"""How django-allauth behaves here: nobody signs up by themselves, and seeds of authenticator apps are sealed."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from luister.accounts.actions.mailing import may_mail
from luister.accounts.models import User
from luister.accounts.secrets import keys
from luister.base import metrics


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Closes sign-up: people are invited by an administrator."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("This e-mail address and password do not go together."),
        "too_many_login_attempts": _("Too many failed attempts. Wait fifteen minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: accounts are made in Settings › People."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail a person, where their workspace may send."""
        user = context.get("user") or User.objects.filter(email__iexact=email).first()
        if user is None or may_mail(user):
            super().send_mail(template_prefix, email, context)

    def post_login(self, request: HttpRequest, user: User, **known: Any) -> HttpResponse:
        """Count who came in, and by what."""
        records = get_authentication_records(request)
        metrics.logins.labels("accepted", records[-1]["method"] if records else "link").inc()
        response: HttpResponse = super().post_login(request, user, **known)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count who was not let in."""
        metrics.logins.labels("refused", "password").inc()
        super().authentication_failed(request, **credentials)


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Stores the seeds of authenticator apps and recovery codes sealed."""

    def encrypt(self, text: str) -> str:
        """Seal a seed."""
        return keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` sealed."""
        return keys().decrypt(encrypted_text.encode()).decode()
