"""The pages of streams: adding one, how it is doing, changing it. Pausing and removing is done as for every source."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.accounts.errors import RefusedError
from luister.base.clock import utc_now
from luister.base.errors import ConnectorError
from luister.channels.models import Channel
from luister.delivery.actions import look_at_stream
from luister.delivery.queries import sentence
from luister.listening.actions.streams import StreamSource, add_stream, change_stream
from luister.listening.queries.sources import latest_posts
from luister.streams.forms import StreamForm
from luister.streams.queries import streams as queries


@member_view(Permission.SEE_LISTENING)
@require_safe
def stream(request: WorkspaceRequest, stream_id: int) -> HttpResponse:
    """Show how a stream is doing, who reads it, and the latest that was found in it."""
    found = _stream(request, stream_id)
    context = {
        "stream": found,
        "source": found.source,
        "posts": latest_posts(found.source, member=request.member),
        "may_manage": request.member.may(Permission.MANAGE_LISTENING),
    }
    return render(request, "streams/stream.html", context)


@member_view(Permission.MANAGE_LISTENING)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("address", "password")
def add(request: WorkspaceRequest) -> HttpResponse:
    """Add a stream; that its server is not there yet is said, and is no obstacle."""
    form = StreamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            channel = add_stream(_typed(form), by=request.member, now=utc_now())
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(name)s is added.") % {"name": channel.name})
            return _looked_at(request, channel)
    status = 422 if form.errors else 200
    return render(request, "streams/add.html", {"form": form}, status=status)


@member_view(Permission.MANAGE_LISTENING)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("address", "password")
def change(request: WorkspaceRequest, stream_id: int) -> HttpResponse:
    """Change how a stream is called and reached."""
    channel = _stream(request, stream_id).channel
    form = StreamForm(request.POST) if request.method == "POST" else StreamForm.of(channel)
    if request.method == "POST" and form.is_valid():
        try:
            change_stream(channel, _typed(form), by=request.member, now=utc_now())
        except RefusedError as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, _("%(name)s is changed.") % {"name": form.cleaned_data["name"]})
            return _looked_at(request, channel)
    status = 422 if form.errors else 200
    return render(request, "streams/change.html", {"form": form, "channel": channel}, status=status)


@member_view(Permission.MANAGE_LISTENING)
@require_POST
def look(request: WorkspaceRequest, stream_id: int) -> HttpResponse:
    """Look whether the server answers and has the stream."""
    return _looked_at(request, _stream(request, stream_id).channel)


def _looked_at(request: WorkspaceRequest, channel: Channel) -> HttpResponse:
    channel.refresh_from_db()
    try:
        seen = look_at_stream(channel)
    except ConnectorError as error:
        reason = sentence(error.reason.code, error.reason.values)
        messages.warning(request, _("The stream could not be looked at from here. %(reason)s") % {"reason": reason})
    else:
        number = number_format(seen.messages, use_l10n=True, force_grouping=True)
        messages.success(request, _("The server has the stream; posts in it: %(number)s.") % {"number": number})
    return redirect("streams:stream", request.member.workspace.slug, channel.pk)


def _typed(form: StreamForm) -> StreamSource:
    return StreamSource(form.stream, form.cleaned_data["name"])


def _stream(request: WorkspaceRequest, stream_id: int) -> queries.Stream:
    found = queries.find_stream(request.member, stream_id=stream_id, now=utc_now())
    if found is None:
        raise Http404
    return found
