"""How django-allauth behaves here: nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Closes sign-up: people are invited by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: accounts are made in Settings › People."""
        return False
