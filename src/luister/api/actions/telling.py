"""Telling administrators that a token is no longer secret."""

from django.utils import translation
from django.utils.translation import gettext as _

from luister.accounts.actions import tell_administrator
from luister.accounts.enums import Role
from luister.accounts.models import Membership
from luister.api.models import Token


def tell_of_leak(token_id: int) -> None:
    """Mail the administrators of a token's workspace, each in their own language."""
    token = Token.objects.select_related("workspace").filter(pk=token_id).first()
    if token is None:
        return
    administrators = Membership.objects.filter(
        workspace_id=token.workspace_id, role=Role.ADMINISTRATOR, is_active=True, user__is_active=True
    )
    for member in administrators.select_related("user", "workspace").order_by("id"):
        with translation.override(member.user.language):
            values = {"name": token.name, "prefix": token.prefix, "workspace": token.workspace.name}
            subject = _("A token of the API was revoked: %(name)s") % values
            text = _(
                "The token “%(name)s” (%(prefix)s…) of %(workspace)s was sent as part of an address. Addresses are kept"
                " in logs and histories, so the token was revoked at once.\n\nMake a new one under Settings › API, and"
                " have the program send it in the header “Authorization: Bearer …”."
            )
            tell_administrator(member, subject, text % values)
