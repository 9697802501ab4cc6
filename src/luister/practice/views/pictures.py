"""Pictures of posts, one at a time."""

from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from luister.practice import queries
from luister.practice.views.gate import practice_view
from luister.practice.views.pages import OPEN, PLAYED


@require_GET
@practice_view(OPEN)
def picture(request: HttpRequest, picture_id: int) -> HttpResponse:
    """Show a picture; one of a private message to whoever plays one of its two parties."""
    found = queries.picture(picture_id, reader=queries.customer(request.session.get(PLAYED)))
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(found.name)}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
