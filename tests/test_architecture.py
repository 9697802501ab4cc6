"""The rules of the house that import-linter cannot see."""

import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from luister import queue

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "luister"
MODULES = sorted(path for path in SRC.rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted(SRC.glob("*/templates/**/*.html"))
LONGEST_MODULE = 500

PRIVATE = re.compile(
    r"^\s*from luister\.(\w+)(?:\.(?:views|forms|jobs|urls)\b| import .*\b(?:views|forms|jobs|urls)\b)", re.MULTILINE
)
USED_TEMPLATE = re.compile(r"""\{%\s*(?:extends|include)\s+["']([a-z_]+)/""")
USED_STATIC = re.compile(r"""\{%\s*static\s+["']([a-z_]+)/""")
DEFERRED = re.compile(r"""\benqueue\(\s*["']([^"']+)["']""")
INLINE = re.compile(r"""<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|<style\b|\sstyle=|\son[a-z]+=["']""")


def rank() -> dict[str, int]:
    """Read the spine from pyproject.toml; 0 is the lowest layer."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    spine = next(contract for contract in contracts if contract["id"] == "spine")["layers"]
    return {name.strip(" ()"): height for height, line in enumerate(reversed(spine)) for name in line.split("|")}


RANK = rank()
OURS = [model for model in apps.get_models() if model.__module__.startswith("luister.")]


def name(path: Path) -> str:
    return str(path.relative_to(SRC))


def app_of(model: type[models.Model]) -> str:
    return model.__module__.split(".")[1]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_foreign_keys_point_downwards_and_hide_their_reverse(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        target = field.related_model
        if field.auto_created or not field.is_relation or target is None:
            continue
        if not target.__module__.startswith("luister.") or app_of(target) == app_of(model):
            continue
        assert RANK[app_of(target)] < RANK[app_of(model)], f"{field} points upwards"
        assert field.remote_field.hidden, f"{field} needs related_name='+'"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_uses_lower_layers_only(path: Path) -> None:
    app = path.relative_to(SRC).parts[0]
    text = path.read_text()
    used = {u for u in USED_TEMPLATE.findall(text) + USED_STATIC.findall(text) if u in RANK}

    assert {u for u in used if u != app and RANK[u] >= RANK[app]} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_keeps_the_content_security_policy(path: Path) -> None:
    text = path.read_text()

    assert INLINE.findall(text) == []
    assert not re.search(r"\|\s*safe\b|\{%\s*autoescape\s+off", text)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_module_is_small_and_says_what_lives_in_it(path: Path) -> None:
    text = path.read_text()

    assert len(text.splitlines()) <= LONGEST_MODULE
    assert not text.strip() or text.startswith('"""')


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_delivery_modules_are_private_to_their_app(path: Path) -> None:
    own = path.relative_to(SRC).parts[0]
    if own != "config":
        assert {app for app in PRIVATE.findall(path.read_text()) if app != own} == set()


def calls_only(path: Path) -> bool:
    parts = {part.removesuffix(".py") for part in path.relative_to(SRC).parts[1:]}
    return bool(parts & {"views", "jobs", "forms", "steps"})


@pytest.mark.parametrize("path", [path for path in MODULES if calls_only(path)], ids=name)
def test_views_jobs_forms_and_steps_leave_rows_to_queries_and_actions(path: Path) -> None:
    assert not re.search(r"\.objects\b", path.read_text())


def test_every_deferred_job_exists() -> None:
    deferred = {job for path in MODULES for job in DEFERRED.findall(path.read_text())}

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
