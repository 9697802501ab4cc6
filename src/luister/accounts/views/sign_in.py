"""Signing a user in without a password: by a one-time link, or after setting up."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from luister.accounts import access
from luister.accounts.models import User


def sign_in(request: HttpRequest, user: User, *, target: str) -> HttpResponse:
    """Sign a user in and return the redirect to `target`, by way of the second step where they have one."""
    if request.user.is_authenticated:
        logout(request)
    record_authentication(request, user, method="link")
    response: HttpResponse = perform_login(request, Login(user=user, redirect_url=target))
    return response


def after_link(user: User) -> str:
    """Return where a one-time link leads: to choosing a password, for who has none and works here for real."""
    home = reverse("accounts:home")
    is_visitor = all(member.workspace.is_demo for member in access.memberships_of(user))
    if user.has_usable_password() or is_visitor:
        return home
    return f"{reverse('account_set_password')}?{urlencode({'next': home})}"
