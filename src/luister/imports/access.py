"""Which imports a member may see."""

from django.db.models import QuerySet

from luister.accounts.enums import Permission
from luister.accounts.models import Membership
from luister.imports.models import Import


def visible_imports(member: Membership) -> QuerySet[Import]:
    """Return the imports of the workspace, for who may import."""
    if not member.may(Permission.IMPORT):
        return Import.objects.none()
    return Import.objects.filter(workspace_id=member.workspace_id)
