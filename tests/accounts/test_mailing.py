"""Mail of our own: held where nothing may leave."""

import pytest
from django.core import mail

from luister.accounts.actions import tell_administrator
from luister.base.clock import utc_now
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


def test_administrator_is_told_unless_nothing_may_leave_the_workspace():
    member = MembershipFactory(role="administrator")
    restored = MembershipFactory(role="administrator", workspace__outbound_locked_at=utc_now())

    assert tell_administrator(member, "A token\nwas revoked", "Make a new one.")
    assert not tell_administrator(restored, "A token was revoked", "Make a new one.")

    assert [(message.subject, message.to) for message in mail.outbox] == [("A token was revoked", [member.user.email])]
