"""The gate of every view of the practice network."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest

from luister.accounts.access import open_view

View = Callable[..., Any]


def practice_view(reason: str) -> Callable[[View], View]:
    """Declare a view of the practice network: open to everyone for this reason, and absent where it is off."""

    def gate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> Any:
            if not settings.LUISTER_PRACTICE:
                raise Http404
            return view(request, *args, **kwargs)

        return open_view(reason)(guarded)

    return gate
