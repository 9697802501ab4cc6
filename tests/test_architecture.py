"""The rules of the house that import-linter cannot see."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models

from luister import queue

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "luister"
LONGEST_MODULE = 500

PRIVATE = re.compile(
    r"^\s*from luister\.(\w+)(?:\.(?:views|forms|jobs|urls)\b| import .*\b(?:views|forms|jobs|urls)\b)", re.MULTILINE
)
USED_TEMPLATE = re.compile(r"""\{%\s*(?:extends|include)\s+["']([a-z_]+)/""")
USED_STATIC = re.compile(r"""\{%\s*static\s+["']([a-z_]+)/""")
DEFERRED = re.compile(r"""\benqueue\(\s*["']([^"']+)["']""")
UNESCAPED = re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off")
INLINE = re.compile(r"""<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|<style\b|\sstyle=|\son[a-z]+=["']""")


def rank() -> dict[str, int]:
    """Read the spine from pyproject.toml; 0 is the lowest layer."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    spine = next(contract for contract in contracts if contract["id"] == "spine")["layers"]
    return {name.strip(" ()"): height for height, line in enumerate(reversed(spine)) for name in line.split("|")}


def texts(paths: Iterable[Path]) -> dict[str, str]:
    """Read files, by their path within the product."""
    return {path.relative_to(SRC).as_posix(): path.read_text() for path in sorted(paths)}


def faults(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out the files in which nothing was found."""
    return {path: what for path, what in found.items() if what}


RANK = rank()
MODULES = texts(path for path in SRC.rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = texts(SRC.glob("*/templates/**/*.html"))
OURS = [model for model in apps.get_models() if model.__module__.startswith("luister.")]


def app_of(model: type[models.Model]) -> str:
    return model.__module__.split(".")[1]


def test_foreign_keys_point_downwards_and_hide_their_reverse() -> None:
    fields = [field for model in OURS for field in model._meta.get_fields() if points_elsewhere(field)]
    assert fields

    assert [str(field) for field in fields if RANK[app_of(field.related_model)] >= RANK[app_of(field.model)]] == []
    shown = [str(field) for field in fields if not field.remote_field.hidden]
    assert shown == [], "These need related_name='+'."


def points_elsewhere(field: Any) -> bool:
    """Say whether a field is a key to a model in another app of ours."""
    if field.auto_created or not field.is_relation or field.related_model is None:
        return False
    target = field.related_model
    return target.__module__.startswith("luister.") and app_of(target) != app_of(field.model)


def test_templates_use_lower_layers_only() -> None:
    above = {}
    for path, text in TEMPLATES.items():
        app = path.split("/")[0]
        used = {u for u in USED_TEMPLATE.findall(text) + USED_STATIC.findall(text) if u in RANK}
        above[path] = {u for u in used if u != app and RANK[u] >= RANK[app]}

    assert faults(above) == {}


def test_templates_keep_the_content_security_policy() -> None:
    assert faults({path: INLINE.findall(text) for path, text in TEMPLATES.items()}) == {}
    assert faults({path: UNESCAPED.findall(text) for path, text in TEMPLATES.items()}) == {}


def test_modules_are_small_and_say_what_lives_in_them() -> None:
    lengths = {path: len(text.splitlines()) for path, text in MODULES.items()}

    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}
    assert [path for path, text in MODULES.items() if text.strip() and not text.startswith('"""')] == []


def test_delivery_modules_are_private_to_their_app() -> None:
    reached = {path: set(PRIVATE.findall(text)) - {path.split("/")[0]} for path, text in MODULES.items()}

    assert faults({path: apps for path, apps in reached.items() if not path.startswith("config/")}) == {}


def test_views_jobs_forms_and_steps_leave_rows_to_queries_and_actions() -> None:
    callers = {path: text for path, text in MODULES.items() if calls_only(path)}
    assert callers

    assert [path for path, text in callers.items() if re.search(r"\.objects\b", text)] == []


def calls_only(path: str) -> bool:
    parts = {part.removesuffix(".py") for part in path.split("/")[1:]}
    return bool(parts & {"views", "jobs", "forms", "steps"})


def test_every_deferred_job_exists() -> None:
    deferred = {job for text in MODULES.values() for job in DEFERRED.findall(text)}

    assert deferred - queue.job_names() == set()


def test_every_connector_has_tests_and_a_page() -> None:
    folder = SRC / "connectors"
    kinds = {path.stem for path in folder.iterdir() if not path.stem.startswith("_")} - {"locale"}

    assert {
        k
        for k in kinds
        if not list((ROOT / "tests" / "connectors").glob(f"test_{k}*"))
        and not (ROOT / "tests" / "connectors" / k).is_dir()
    } == set()
    assert {k for k in kinds if not (ROOT / "docs" / "connectors" / f"{k}.md").exists()} == set()


def test_every_dependency_says_what_it_is_needed_for() -> None:
    lines = (ROOT / "pyproject.toml").read_text().split("dependencies = [", 1)[1].split("[project.scripts]")[0]
    named = [
        line for line in lines.splitlines() if line.strip().startswith('"') and "=" in line and "[" not in line[:3]
    ]

    assert [line for line in named if "# Needed for: " not in line] == []
