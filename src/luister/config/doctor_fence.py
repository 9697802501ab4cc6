"""Whether PostgreSQL keeps workspaces apart as well."""

from django.conf import settings

from luister.config.checks import Check, State
from luister.fence import policies


def fence() -> Check:
    """Say whether the second fence around workspaces stands, and what puts it up."""
    if not settings.LUISTER_ROW_SECURITY:
        text = "Off: a query that forgot its filter could show another workspace's rows"
        return Check("row security", State.WARN, text, "Set LUISTER_ROW_SECURITY=yes.")
    found = policies.standing()
    if found.is_up:
        return Check("row security", State.OK, "PostgreSQL keeps workspaces apart")
    text = f"PostgreSQL does not keep workspaces apart: {found.problem}"
    if found.remedy == policies.MIGRATE:
        return Check("row security", State.FAIL, text, "Run “luister migrate”.")
    fix = f"As an administrator of the database: {found.remedy} Then run “luister migrate”."
    return Check("row security", State.WARN, text, fix)
