"""The shortest way from an empty workspace to a first case."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.base.errors import ConnectorError
from luister.delivery.queries import sentence
from luister.practice.connecting import connect_brand


@member_view(Permission.MANAGE_CHANNELS)
@require_POST
def connect(request: WorkspaceRequest) -> HttpResponse:
    """Open an account for the workspace and connect it."""
    if not settings.LUISTER_PRACTICE:
        raise Http404
    api_url = request.build_absolute_uri(reverse("practice:square")) + "api"
    try:
        channel = connect_brand(api_url=api_url, by=request.member, now=utc_now())
    except ConnectorError as error:
        messages.error(request, sentence(error.reason.code, error.reason.values))
        return redirect("delivery:start", request.member.workspace.slug)
    said = _("@%(handle)s is connected. Write to it as a customer, and look at your desk.")
    messages.success(request, said % {"handle": channel.handle})
    return redirect("practice:square")
