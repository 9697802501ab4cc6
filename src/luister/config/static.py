"""Static files, straight from the packages that bring them: nothing to collect before a start."""

from pathlib import Path

from django.apps import apps
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send


class AppStaticFiles(StaticFiles):
    """The static folders of all installed apps under one address."""

    def __init__(self) -> None:
        configs = [config for config in apps.get_app_configs() if (Path(config.path) / "static").is_dir()]
        super().__init__(packages=[(config.name, "static") for config in configs])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request below /static/."""
        await super().__call__({**scope, "root_path": "/static"}, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Have browsers ask whether a file changed (by ETag), so that an upgrade is seen at once."""
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            response = PlainTextResponse(error.detail, error.status_code)
        except ValueError:  # a name that no file can have
            response = PlainTextResponse("Not Found", 404)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
