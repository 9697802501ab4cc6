"""Keeps each request from all workspaces until a gate lets it into one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from luister.fence.scope import NOTHING, within


class NoWorkspaceYet:
    """Let a request begin with nothing of any workspace in reach, whatever the process may reach by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer within the fence."""
        with within(NOTHING):
            return self.get_response(request)
