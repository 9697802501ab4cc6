"""Refuses migrations that old and new processes cannot run beside, or that hold a lock for long.

Those in `tools/migrations-baseline` were made before there was anybody to disturb. A migration that is safe for a
reason that the rules do not see says so: a comment `# safe: the reason` accepts all of it.

The linters on PyPI ask sqlmigrate, which wants a database; this one asks the operations, and so needs none.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django

ROOT = Path(__file__).parents[1]
BASELINE = ROOT / "tools" / "migrations-baseline"
SAFE = re.compile(r"^\s*# safe: \S.{9,}", re.MULTILINE)

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luister.config.settings")
    django.setup()

from django.contrib.postgres.operations import (  # noqa: E402
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
)
from django.db import connection, models  # noqa: E402
from django.db.migrations import Migration  # noqa: E402
from django.db.migrations import operations as ops  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402
from django.db.migrations.operations.base import Operation  # noqa: E402
from django.db.migrations.state import ProjectState  # noqa: E402

REMOVALS = (ops.RemoveField, ops.DeleteModel, ops.RenameField, ops.RenameModel, ops.AlterModelTable)
RISKY_SQL = re.compile(
    r"\b(alter\s+table|drop\s+|lock\s+table|truncate|create\s+(unique\s+)?index(?!\s+concurrently))", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a migration."""

    migration: str
    text: str


def findings(migration: Migration, state: ProjectState) -> Iterator[str]:
    """Yield what is wrong with the operations of a migration, given the state before it."""
    label, made = migration.app_label, set[str]()
    flat = list(_flat(migration.operations))
    has_data = any(isinstance(one, ops.RunPython) for one in flat)
    if has_data and any(not isinstance(one, (ops.RunPython, ops.RunSQL)) for one in flat):
        yield "RunPython beside changes of tables: rows stay locked until both are done; give it a migration of its own"
    for operation in flat:
        if isinstance(operation, ops.CreateModel):
            made.add(operation.name_lower)
        elif _model_of(operation) not in made:
            yield from _of_one(operation, label, state)
        operation.state_forwards(label, state)


def _flat(operations: list[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, ops.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _model_of(operation: Operation) -> str:
    return str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower()


def _of_one(operation: Operation, label: str, state: ProjectState) -> Iterator[str]:
    words = operation.describe()
    if isinstance(operation, REMOVALS):
        yield f"{words}: processes of the version before still ask for it; take it out of the code one release earlier"
    elif isinstance(operation, ops.AddField):
        yield from _of_new_field(operation.field, words)
    elif isinstance(operation, ops.AlterField):
        after = state.clone()
        operation.state_forwards(label, after)
        yield from _of_changed_field(_field(operation, label, state), _field(operation, label, after), words)
    elif isinstance(operation, ops.AddIndex) and not isinstance(operation, AddIndexConcurrently):
        yield f"{words}: nobody can write meanwhile; use AddIndexConcurrently, with atomic = False"
    elif isinstance(operation, ops.RemoveIndex) and not isinstance(operation, RemoveIndexConcurrently):
        yield f"{words}: use RemoveIndexConcurrently, with atomic = False"
    elif isinstance(operation, ops.AddConstraint) and not isinstance(operation, AddConstraintNotValid):
        yield f"{words}: every row is looked at under a lock; add it as not valid, or over an index made concurrently"
    elif isinstance(operation, ops.RunSQL) and RISKY_SQL.search(str(operation.sql)):
        yield f"{words}: this SQL takes a lock; split it, or say why it is safe"


def _field(operation: ops.AlterField, label: str, state: ProjectState) -> models.Field:
    """Return a field with what it points to, which tells its type."""
    model = state.apps.get_model(label, operation.model_name)
    field: models.Field = model._meta.get_field(operation.name)  # noqa: SLF001 - Django's own name for it
    return field


def _of_new_field(field: models.Field, words: str) -> Iterator[str]:
    if field.many_to_many:
        return
    if not field.null and not field.has_db_default():
        yield f"{words}: the version before cannot add rows; give it db_default, or null=True"
    if field.unique or field.db_index:
        yield f"{words}: its index is made while nobody can write; db_index=False, and AddIndexConcurrently after it"


def _of_changed_field(before: models.Field, after: models.Field, words: str) -> Iterator[str]:
    old, new = before.db_type(connection) or "", after.db_type(connection) or ""
    if old != new and not _grows(old, new):
        yield f"{words}: from {old} to {new} every row is written anew under a lock; add a field, fill it in batches"
    if before.null and not after.null:
        yield f"{words}: every row is looked at under a lock; add a check that is not valid, and validate it"
    if (after.unique or after.db_index) and not (before.unique or before.db_index):
        yield f"{words}: its index is made while nobody can write; use AddIndexConcurrently"


def _grows(old: str, new: str) -> bool:
    """Whether a text column only takes longer texts, which needs no look at any row."""
    sizes = [re.fullmatch(r"varchar\((\d+)\)", kind) for kind in (old, new)]
    if sizes[0] and new == "text":
        return True
    return bool(sizes[0] and sizes[1] and int(sizes[0][1]) <= int(sizes[1][1]))


def imports(source: str) -> Iterator[str]:
    """Yield what is wrong with what a migration imports: code changes, and old migrations must not."""
    for node in ast.walk(ast.parse(source)):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [name.name for name in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            if name.partition(".")[0] == "luister":
                yield f"imports {name}, which will change; write down here what it needs"


def check() -> Iterator[Finding]:
    """Yield what is wrong with the migrations that are not in the baseline."""
    known = set(BASELINE.read_text().split())
    loader = MigrationLoader(None)
    for (label, name), migration in sorted((loader.disk_migrations or {}).items()):
        module = sys.modules[type(migration).__module__]
        path = Path(module.__file__ or "")
        if f"{label}.{name}" in known or ROOT / "src" not in path.parents:
            continue
        source = path.read_text()
        if SAFE.search(source):
            continue
        state = loader.project_state((label, name), at_end=False)
        for text in [*findings(migration, state), *imports(source)]:
            yield Finding(f"{label}.{name}", text)


def main() -> int:
    """Print what is wrong, and return 1 when anything is."""
    found = list(check())
    for finding in found:
        print(f"{finding.migration}: {finding.text}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
