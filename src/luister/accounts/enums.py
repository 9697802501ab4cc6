"""Roles and permissions."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a member of a workspace is; DESIGN: administrator (all), lead (all work and figures, no secrets),
    agent (work in own teams), analyst (public posts and figures), partner (cases handed to them).
    """

    ADMINISTRATOR = "administrator", _("Administrator")
    LEAD = "lead", _("Team lead")
    AGENT = "agent", _("Agent")
    ANALYST = "analyst", _("Analyst")
    PARTNER = "partner", _("Partner")


class Permission(StrEnum):
    """What a route, action or live topic may require of a member."""

    SEE_CASES = "see_cases"  # which ones: luister.inbox.access
    WORK_CASES = "work_cases"  # answer, assign, label, note, snooze, close
    CORRECT = "correct"  # what the machine understood of a post
    TEACH = "teach"  # topics and their rules; what is learned from corrections
    SEE_ALL_WORK = "see_all_work"  # every team's cases
    SEE_FIGURES = "see_figures"
    SEE_LISTENING = "see_listening"  # sources and monitors, and what they found
    MANAGE_LISTENING = "manage_listening"  # add, change and remove them
    SEE_RAW = "see_raw"  # payloads as they came in, the unprocessable bin
    IMPORT = "import"  # posts and cases from files
    MANAGE_CHANNELS = "manage_channels"  # holds secrets
    STOP_SENDING = "stop_sending"  # everything that leaves the workspace, and let it go on
    MANAGE_PEOPLE = "manage_people"
    MANAGE_WORKSPACE = "manage_workspace"


_WORK = frozenset({Permission.SEE_CASES, Permission.WORK_CASES, Permission.CORRECT})

PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.LEAD: _WORK
    | {
        Permission.TEACH,
        Permission.STOP_SENDING,
        Permission.SEE_ALL_WORK,
        Permission.SEE_FIGURES,
        Permission.SEE_LISTENING,
        Permission.MANAGE_LISTENING,
        Permission.IMPORT,
    },
    Role.AGENT: _WORK | {Permission.SEE_LISTENING},
    Role.ANALYST: frozenset(
        {Permission.SEE_CASES, Permission.SEE_ALL_WORK, Permission.SEE_FIGURES, Permission.SEE_LISTENING}
    ),
    Role.PARTNER: _WORK,
}


class Theme(TextChoices):
    """The colours a user chose."""

    SYSTEM = "system", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")
