"""Values that are worked out when first asked for."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class lazily(Generic[Value]):  # noqa: N801 - read as a decorator
    """What functools.cached_property is from Python 3.12 on.

    Before, that takes a lock each time, which costs more than most of what is worked out here.
    """

    def __init__(self, work_out: Callable[[Any], Value]) -> None:
        self._work_out = work_out
        self.__doc__ = work_out.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, obj: None, owner: type) -> "lazily[Value]": ...
    @overload
    def __get__(self, obj: object, owner: type) -> Value: ...
    def __get__(self, obj: object | None, owner: type) -> "lazily[Value] | Value":
        """Return the value, and keep it in the object in the place of this."""
        if obj is None:
            return self
        value = obj.__dict__[self._name] = self._work_out(obj)
        return value
