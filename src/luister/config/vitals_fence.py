"""Whether PostgreSQL keeps workspaces apart as well."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from luister.config.checks import Check, State
from luister.fence import policies

NAME = "row security"


def fence() -> Check:
    """Say whether the second fence around workspaces stands, and what puts it up."""
    if not settings.LUISTER_ROW_SECURITY:
        text = _("Switched off: PostgreSQL does not keep workspaces apart, only Luister itself does")
        return Check(NAME, State.WARN, text, _("Take LUISTER_ROW_SECURITY out of the settings, and restart."))
    found = policies.standing()
    if found.is_up:
        return Check(NAME, State.OK, _("PostgreSQL keeps them apart, as Luister itself does"))
    if found.lacking:
        text = _("PostgreSQL does not keep workspaces apart: it lacks the rule for %(tables)s")
        fix = _("Run “luister migrate”.")
        return Check(NAME, State.FAIL, text % {"tables": ", ".join(found.lacking[:5])}, fix)
    text = _(
        "PostgreSQL does not keep workspaces apart, only Luister itself does: "
        "the database user %(user)s may not make the role or schema that this needs"
    )
    fix = _("As an administrator of the database: %(commands)s Then run “luister migrate”, and restart.")
    return Check(NAME, State.WARN, text % {"user": found.user}, fix % {"commands": found.commands})


def advice() -> str:
    """Return in English what is to be done about a fence that does not stand though it is wanted; else nothing."""
    with translation.override("en"):
        found = fence()
    return f"{found.text}. {found.fix}" if settings.LUISTER_ROW_SECURITY and found.fix else ""
