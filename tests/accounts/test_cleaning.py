"""Removing what has expired."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from luister.accounts.actions.cleaning import clean_up
from luister.accounts.models import OneTimeLink
from tests.factories import NOW, OneTimeLinkFactory


@pytest.mark.django_db
def test_clean_up_removes_what_nobody_can_sign_in_with_any_more():
    for hours in (-1, 1):
        at = NOW + timedelta(hours=hours)
        Session.objects.create(session_key=f"key{hours}", session_data="", expire_date=at)
        OneTimeLinkFactory(expires_at=at)

    clean_up(now=NOW)

    assert [session.session_key for session in Session.objects.all()] == ["key1"]
    assert [link.expires_at for link in OneTimeLink.objects.all()] == [NOW + timedelta(hours=1)]
