"""What a token is."""

from luister.api.routes.gate import ApiRequest
from luister.api.routes.offers import area
from luister.api.routes.shapes import people as shapes

AREA = area("Token")


@AREA.offers("GET", "/me", name="getMe", summary="What the token is, and as whom it acts", answers=shapes.Me)
def me(request: ApiRequest) -> shapes.Me:
    """Needs no scope: try a new token with it."""
    return shapes.me(request.token)
