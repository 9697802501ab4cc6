"""Settings › Channels: connect, change, try, pause."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luister.accounts import queries as accounts
from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.accounts.errors import RefusedError
from luister.base.clock import utc_now
from luister.base.errors import ConnectorError
from luister.channels import actions as channel_actions
from luister.channels import queries as channel_queries
from luister.channels.models import Channel
from luister.delivery import actions, queries
from luister.delivery.forms import ChannelForm
from luister.delivery.sentences import KINDS, kind_label


@member_view(Permission.MANAGE_CHANNELS)
@require_safe
def channels(request: WorkspaceRequest) -> HttpResponse:
    """List the channels and how they are doing."""
    found = [
        (channel, kind_label(channel.kind))
        for channel in channel_queries.channels(request.member)
        if channel.kind not in queries.SOURCE_KINDS
    ]
    return render(request, "delivery/channels.html", {"channels": found})


@member_view(Permission.MANAGE_CHANNELS)
@require_safe
def add(request: WorkspaceRequest) -> HttpResponse:
    """Let a network be chosen."""
    kinds = [(kind.kind, *KINDS[kind.kind]) for kind in queries.kinds()]
    return render(request, "delivery/add.html", {"kinds": kinds})


@member_view(Permission.MANAGE_CHANNELS)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def connect(request: WorkspaceRequest, kind: str) -> HttpResponse:
    """Connect an account; what does not answer is not stored, and says why."""
    found = queries.kind_of(kind)
    if found is None:
        raise Http404
    form = ChannelForm(request.POST or None, kind=found, teams=accounts.teams(request.member))
    if request.method == "POST" and form.is_valid():
        try:
            channel = actions.connect_checked(form.new_channel(), by=request.member, now=utc_now())
        except ConnectorError as error:
            form.add_error(None, queries.sentence(error.reason.code, error.reason.values))
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(name)s answers and is connected.") % {"name": channel.name})
            return redirect("delivery:channel", request.member.workspace.slug, channel.pk)
    signs_in = any(field.secret for field in found.fields)
    return render(request, "delivery/connect.html", {"form": form, "label": kind_label(kind), "signs_in": signs_in})


@member_view(Permission.MANAGE_CHANNELS)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def channel(request: WorkspaceRequest, channel_id: int) -> HttpResponse:
    """Show how a channel is doing, and change it."""
    found = _channel(request, channel_id)
    kind = queries.kind_of(found.kind)
    if kind is None:  # its connector is gone, since an upgrade perhaps
        return render(request, "delivery/channel.html", {"channel": found})
    form = ChannelForm(request.POST or None, kind=kind, teams=accounts.teams(request.member), channel=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_checked(found, form.changed(), secrets=form.secrets(), by=request.member, now=utc_now())
        except ConnectorError as error:
            form.add_error(None, queries.sentence(error.reason.code, error.reason.values))
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved: the channel answers."))
            return redirect("delivery:channel", request.member.workspace.slug, channel_id)
    return render(request, "delivery/channel.html", {"form": form, "channel": found})


@member_view(Permission.MANAGE_CHANNELS)
@require_POST
def check(request: WorkspaceRequest, channel_id: int) -> HttpResponse:
    """Try a channel as it is set."""
    found = _channel(request, channel_id)
    try:
        actions.check_again(found, now=utc_now())
    except ConnectorError as error:
        messages.error(request, queries.sentence(error.reason.code, error.reason.values))
    else:
        messages.success(request, _("The channel answers: reading and sending work."))
    return redirect("delivery:channel", request.member.workspace.slug, channel_id)


@member_view(Permission.MANAGE_CHANNELS)
@require_POST
def pause(request: WorkspaceRequest, channel_id: int) -> HttpResponse:
    """Stop reading and sending."""
    channel_actions.pause(_channel(request, channel_id), by=request.member, now=utc_now())
    return redirect("delivery:channel", request.member.workspace.slug, channel_id)


@member_view(Permission.MANAGE_CHANNELS)
@require_POST
def resume(request: WorkspaceRequest, channel_id: int) -> HttpResponse:
    """Read and send again."""
    channel_actions.resume(_channel(request, channel_id), by=request.member, now=utc_now())
    return redirect("delivery:channel", request.member.workspace.slug, channel_id)


def _channel(request: WorkspaceRequest, channel_id: int) -> Channel:
    found = channel_queries.find_channel(request.member, channel_id=channel_id)
    if found is None:
        raise Http404
    return found
