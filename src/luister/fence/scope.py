"""Which rows the running code may reach: those of one workspace, of one person, or, by name, of all workspaces."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from django.db.models import Model

from luister.base import metrics

Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Scope:
    """What PostgreSQL shows: nothing of any workspace, unless said here."""

    workspace_id: int | None = None
    person_id: int | None = None  # who sees their own memberships, before it is known which workspace they enter
    across: str = ""  # why the rows of all workspaces are needed


NOTHING = Scope()
_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)


def current() -> Scope | None:
    """Return what was entered; None where nothing was, and the process decides."""
    return _scope.get()


@contextmanager
def within(scope: Scope) -> Iterator[None]:
    """Reach what this scope says, and nothing else."""
    before = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(before)


def in_workspace(workspace_id: int) -> AbstractContextManager[None]:
    """Reach the rows of this workspace (a context manager)."""
    return within(Scope(workspace_id=workspace_id))


@contextmanager
def as_person(user_id: int) -> Iterator[None]:
    """Reach a person's own memberships, and their workspaces, beside what could be reached already."""
    with within(replace(_scope.get() or NOTHING, person_id=user_id)):
        yield


@contextmanager
def across_workspaces(reason: str) -> Iterator[None]:
    """Reach the rows of all workspaces: for what belongs to none. Keep it short; it is counted by its reason."""
    metrics.across_workspaces.labels(reason).inc()
    with within(Scope(across=reason)):
        yield


def workspaces_of(model: type[Model], ids: Collection[int]) -> list[int]:
    """Return the workspaces of the rows of a model with these ids."""
    rows = model._base_manager.filter(pk__in=ids).order_by()  # noqa: SLF001 - which Django documents
    with across_workspaces(f"find whose {model._meta.label} it is"):  # noqa: SLF001 - the same
        return sorted(rows.values_list("workspace_id", flat=True).distinct())


def of_workspace(model: type[Model] | None = None) -> Callable[[Callable[Given, None]], Callable[Given, None]]:
    """Let a job reach only the workspace of the rows of this model that its first argument, an id or several, names.

    Rows of several workspaces are worked off one workspace after the other: each time the others are not there.
    Without a model the argument is the workspace's own id. A job whose rows are gone does nothing.
    """

    def fenced(job: Callable[Given, None]) -> Callable[Given, None]:
        name = next(iter(signature(job).parameters))

        @wraps(job)
        def run(*args: Given.args, **kwargs: Given.kwargs) -> None:
            first = args[0] if args else kwargs[name]
            ids: list[Any] = list(first) if isinstance(first, Iterable) else [first]
            for workspace_id in workspaces_of(model, ids) if model else ids:
                with in_workspace(workspace_id):
                    job(*args, **kwargs)

        return run

    return fenced


def of_all_workspaces(reason: str) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Let a job reach the rows of all workspaces, and say why it must."""

    def exempt(job: Callable[Given, Result]) -> Callable[Given, Result]:
        @wraps(job)
        def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
            with across_workspaces(reason):
                return job(*args, **kwargs)

        return run

    return exempt
