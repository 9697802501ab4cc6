"""One module or package a network, found by looking; each has a `CONNECTOR` and its `REASONS`."""

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from typing import Protocol, cast

from luister.base.connector import Connector


class _Module(Protocol):
    CONNECTOR: Connector
    REASONS: Mapping[str, str]


def get(kind: str) -> Connector:
    """Return the connector of a kind.

    Raises:
        KeyError: there is none.
    """
    return _found()[kind]


def kinds() -> tuple[str, ...]:
    """Return the kinds of all connectors, by name."""
    return tuple(sorted(_found()))


def all_connectors() -> tuple[Connector, ...]:
    """Return all connectors, by kind."""
    return tuple(get(kind) for kind in kinds())


@functools.cache
def reasons() -> Mapping[str, str]:
    """Return the English sentence of every code that a connector can give, with `{value}` for its values."""
    return {code: sentence for module in _modules() for code, sentence in module.REASONS.items()}


@functools.cache
def _found() -> Mapping[str, Connector]:
    return {module.CONNECTOR.kind: module.CONNECTOR for module in _modules()}


@functools.cache
def _modules() -> tuple[_Module, ...]:
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    # Looking is the point here: a new connector is a new file, and nothing else has to name it.
    found = (importlib.import_module(f"{__name__}.{name}") for name in names)  # noqa: TID251
    return tuple(cast("_Module", module) for module in found)
