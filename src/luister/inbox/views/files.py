"""What came with posts: mail as it was designed, in a frame that may do nothing, and files to download."""

from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.delivery.models import OutgoingFile
from luister.inbox.queries.around import attachment_of, post_of, sent_file_of
from luister.inbox.templatetags.inbox import PICTURES
from luister.posts.files import is_dangerous, path_of
from luister.posts.models import Attachment

# The frame is a page of no origin: no scripts, no forms, no cookies, nothing fetched from outside.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups; frame-ancestors 'self'"
)
FILE_POLICY = "default-src 'none'; sandbox"

FRAME = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer"><base target="_blank"><title>{title}</title>
<style>:root{{color-scheme:light}}body{{margin:12px;font:15px/1.5 sans-serif;overflow-wrap:anywhere}}
img{{max-width:100%;height:auto}}table{{max-width:100%}}</style></head><body>{body}</body></html>"""


@member_view(Permission.SEE_CASES)
@require_GET
def post_html(request: WorkspaceRequest, post_id: int) -> HttpResponse:
    """Show the sanitised HTML of a mail in a frame of its own."""
    post = post_of(post_id, member=request.member)
    if post is None or not post.html:
        raise Http404
    response = HttpResponse(FRAME.format(language=get_language(), title="", body=post.html))
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@member_view(Permission.SEE_CASES)
@require_GET
def attachment(request: WorkspaceRequest, attachment_id: int) -> HttpResponse:
    """Send a file: small pictures to look at, everything else to keep."""
    found = attachment_of(attachment_id, member=request.member)
    if found is None:
        raise Http404
    return _file(request, found, may_run=found.is_dangerous)


@member_view(Permission.SEE_CASES)
@require_GET
def sent_file(request: WorkspaceRequest, file_id: int) -> HttpResponse:
    """Send a file that went along with a reply."""
    found = sent_file_of(file_id, member=request.member)
    if found is None:
        raise Http404
    return _file(request, found, may_run=is_dangerous(found.name))


def _file(request: WorkspaceRequest, found: Attachment | OutgoingFile, *, may_run: bool) -> HttpResponse:
    inline = found.content_type in PICTURES and not may_run and "download" not in request.GET
    kind = found.content_type if inline else "application/octet-stream"
    path = path_of(found.stored_as)
    if not path.is_file():  # restored from a backup without its files
        raise Http404
    response = HttpResponse(path.read_bytes(), content_type=kind)
    manner = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f"{manner}; filename*=UTF-8''{quote(found.name)}"
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
