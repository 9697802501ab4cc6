"""What stands in the sidebar of the settings, and who sees it."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from luister.accounts.enums import Permission


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """One entry; `covers` are the addresses, by name, on which it is the current one."""

    address: str
    icon: str
    label: str | Promise
    permission: Permission
    covers: tuple[str, ...] = ()


WORKSPACE_PAGES: Final = (
    SettingsPage("accounts:general", "settings", _("General"), Permission.MANAGE_WORKSPACE),
    SettingsPage(
        "accounts:people",
        "users",
        _("People"),
        Permission.MANAGE_PEOPLE,
        ("accounts:invite", "accounts:member", "accounts:link"),
    ),
    SettingsPage("accounts:teams", "flag", _("Teams"), Permission.MANAGE_PEOPLE, ("accounts:team",)),
    SettingsPage(
        "delivery:channels",
        "inbox",
        _("Channels"),
        Permission.MANAGE_CHANNELS,
        ("delivery:add", "delivery:connect", "delivery:channel"),
    ),
    SettingsPage("api:tokens", "code", _("API"), Permission.MANAGE_WORKSPACE, ("api:make",)),
    SettingsPage("delivery:sending", "send", _("Sending"), Permission.STOP_SENDING),
    SettingsPage("imports:imports", "arrow-down", _("Imports"), Permission.IMPORT, ("imports:import",)),
    SettingsPage(
        "listening:topics",
        "label",
        _("Topics"),
        Permission.TEACH,
        ("listening:topic", "listening:make_topic", "listening:delete_topic"),
    ),
    SettingsPage("inbox:understanding", "pen", _("Corrections"), Permission.TEACH),
    SettingsPage(
        "webhooks:webhooks",
        "forward",
        _("Webhooks"),
        Permission.MANAGE_WORKSPACE,
        ("webhooks:add", "webhooks:webhook", "webhooks:change", "webhooks:delivery"),
    ),
    SettingsPage("delivery:bin", "archive", _("Bin"), Permission.SEE_RAW),
    SettingsPage("status", "check-circle", _("Status"), Permission.MANAGE_WORKSPACE),
    SettingsPage("accounts:audit", "eye", _("Audit list"), Permission.MANAGE_WORKSPACE),
)
OWN_PAGES: Final = (
    ("accounts:profile", "user", _("Profile"), ()),
    ("accounts:keys", "keyboard", _("Keyboard"), ()),
    ("account_change_password", "lock", _("Password"), ("account_set_password",)),
    ("mfa_index", "phone", _("Second step"), ("mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes")),
)
