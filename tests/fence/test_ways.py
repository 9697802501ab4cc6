"""Every table is some workspace's or, for a reason, none's; every job says whose rows it reaches."""

import re
from pathlib import Path

from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass

from luister.fence.ways import OF_NO_WORKSPACE, SEARCHED, all_models, condition_of, meta, ways

SRC = Path(__file__).parents[2] / "src" / "luister"
JOB = re.compile(r"^@(?:job|periodic|scheduled)\(.*\n(?P<next>.*)", re.MULTILINE)


def test_every_table_has_a_way_to_a_workspace_or_a_reason_for_none():
    tables = {meta(model).db_table: model for model in all_models()}

    wayless = {table for table, model in tables.items() if not condition_of(model)}
    lacking = sorted(wayless - set(OF_NO_WORKSPACE))

    assert lacking == [], (
        "Give these a foreign key `workspace` (or one to a row that has it), "
        "or a line in OF_NO_WORKSPACE of luister/fence/ways.py that says why they are no workspace's."
    )
    assert set(OF_NO_WORKSPACE) <= set(tables), "These are gone: take them out of OF_NO_WORKSPACE."


def test_table_with_a_column_workspace_is_never_excused():
    excused = [meta(model) for model in all_models() if meta(model).db_table in OF_NO_WORKSPACE]

    assert [one.label for one in excused if any(field.name == "workspace" for field in one.fields)] == []


def test_what_postgresql_does_not_trust_is_not_asked_of_an_index_behind_a_policy():
    """Such an index would never be used: a policy is asked first. These tables are reached through a view."""
    indexed = set()
    for model in all_models():
        for index in meta(model).indexes:
            classes = [part for part in index.expressions if "OpClass" in repr(part) or isinstance(part, OpClass)]
            if isinstance(index, GinIndex | GistIndex) or classes:
                indexed.add(meta(model).db_table)
    fenced = {way.table for way in ways()}

    assert indexed & fenced == set(SEARCHED)


def test_every_job_says_whose_rows_it_reaches():
    silent = [
        f"{path.relative_to(SRC)}: {found['next']}"
        for path in SRC.glob("*/jobs.py")
        for found in JOB.finditer(path.read_text())
        if not found["next"].startswith(("@of_workspace(", "@of_all_workspaces("))
    ]

    assert silent == [], "Put @of_workspace(Model) or @of_all_workspaces('why') from luister.fence.scope below @job."
