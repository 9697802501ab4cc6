"""How every table belongs to a workspace: by a column, by a row that does, or not at all, and why."""

from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db import models

WORKSPACE: Final = "NULLIF(current_setting('luister.workspace', true), '')::bigint"
PERSON: Final = "NULLIF(current_setting('luister.person', true), '')::bigint"

# Tables that are no workspace's. What is not here and has no way to a workspace fails a test.
OF_NO_WORKSPACE: Final = {
    "accounts_user": "a person may belong to several workspaces, and is looked for before any is known",
    "accounts_one_time_link": "lets somebody in who is nobody yet; holds a digest",
    "account_emailaddress": "of a person",
    "account_emailconfirmation": "of a person",
    "mfa_authenticator": "of a person",
    "django_session": "of a person, or of nobody yet",
    "auth_group": "Django's own, not used",
    "auth_group_permissions": "Django's own, not used",
    "auth_permission": "Django's own, not used",
    "django_content_type": "names of tables",
    "procrastinate_workers": "processes",
    "procrastinate_jobs": "numbers of rows, never what they say",
    "procrastinate_events": "what became of jobs",
    "procrastinate_periodic_defers": "what became of jobs",
    "posts_indexing": "how far one index over all posts has come",
    "understanding_backlog": "how far all posts have been understood",
    "streams_matcher_report": "how matchers are doing, of streams that several workspaces listen to",
    "schedules_leadership": "which process keeps the schedules",
    "schedules_worker_report": "how workers are doing",
    "schedules_recovered": "jobs that were taken from workers that died",
    "webhooks_reached": "how far events have been read, of which webhooks of all workspaces are told",
    "practice_account": "the practice network: outside, as far as workspaces are concerned",
    "practice_post": "the practice network",
    "practice_picture": "the practice network",
    "practice_event": "the practice network",
    "practice_faults": "the practice network",
}
# Searched by operators that PostgreSQL does not trust with rows behind a policy (`@@`, `&&`, LIKE): such a policy would
# be asked first, of every row, and their indexes never. These are reached through a view instead. See ADR 14.
SEARCHED: Final = ("posts_search", "posts_author", "understanding_understanding")


@dataclass(frozen=True, slots=True)
class Way:
    """How the rows of a table are told to be of the workspace at work: an SQL condition."""

    table: str
    condition: str


def meta(model: Any) -> Any:
    """Return what Django knows of a model's table."""
    return model._meta  # noqa: SLF001 - which Django documents


def all_models() -> list[Any]:
    """Return every model that has a table, those of many-to-many fields too."""
    return list(apps.get_models(include_auto_created=True))


def ways() -> list[Way]:
    """Return the way of every table that has one, by name."""
    found = {meta(model).db_table: condition_of(model) for model in all_models()}
    return [Way(table, condition) for table, condition in sorted(found.items()) if condition]


def condition_of(model: Any) -> str:
    """Return the condition under which a row is of the workspace at work; empty for a table of no workspace."""
    table = meta(model).db_table
    if table in OF_NO_WORKSPACE:
        return ""
    if table == "accounts_workspace":
        own = f"SELECT workspace_id FROM accounts_membership WHERE user_id = {PERSON}"  # noqa: S608 - our own words
        return f"id = {WORKSPACE} OR id IN ({own})"
    if table == "accounts_membership":
        return f"workspace_id = {WORKSPACE} OR user_id = {PERSON}"
    parent = _parent(model)
    if parent is None:
        return ""
    if parent.column == "workspace_id":
        return f"workspace_id = {WORKSPACE}"
    # The other table has a policy of its own, which leaves the rows of other workspaces out.
    other = meta(parent.related_model)
    return f"EXISTS (SELECT FROM {other.db_table} AS whole WHERE whole.{other.pk.column} = {table}.{parent.column})"


def _parent(model: Any) -> Any:
    """Return the foreign key to the workspace, or else the first one to a row that has a way to it."""
    fields = meta(model).concrete_fields
    keys = [field for field in fields if isinstance(field, models.ForeignKey) and field.related_model != model]
    keys.sort(key=lambda key: key.name != "workspace")
    may_lead = (key for key in keys if key.name == "workspace" or not key.null)
    return next((key for key in may_lead if condition_of(key.related_model)), None)
