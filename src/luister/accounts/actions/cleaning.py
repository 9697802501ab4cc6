"""Removing what has expired."""

from datetime import datetime

from django.contrib.sessions.models import Session

from luister.accounts.models import OneTimeLink


def clean_up(*, now: datetime) -> None:
    """Remove sessions and links that have expired: nobody can sign in with them any more."""
    Session.objects.filter(expire_date__lt=now).delete()
    OneTimeLink.objects.filter(expires_at__lt=now).delete()
