"""Sources: what is read, how it is doing, what it brought; adding, changing and removing them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.accounts.errors import RefusedError
from luister.base.clock import utc_now
from luister.base.errors import ConnectorError
from luister.channels.models import Channel
from luister.delivery.actions import Found, discover
from luister.delivery.queries import STREAM, sentence
from luister.listening.actions import sources as actions
from luister.listening.actions.sources import NewSource
from luister.listening.forms.sources import AddressForm, NameForm, SourceForm
from luister.listening.queries import sources as queries


@member_view(Permission.SEE_LISTENING)
@require_safe
def sources(request: WorkspaceRequest) -> HttpResponse:
    """List the sources and how they are doing."""
    context = {"sources": queries.sources(request.member, now=utc_now()), **_rights(request)}
    return render(request, "listening/sources/list.html", context)


@member_view(Permission.SEE_LISTENING)
@require_safe
def source(request: WorkspaceRequest, source_id: int) -> HttpResponse:
    """Show how a source is doing, and the latest that it brought; streams have a page of their own."""
    found = _source(request, source_id)
    if found.is_stream:
        return _back(request, found.channel)
    context = {
        "source": found,
        "posts": queries.latest_posts(found, member=request.member),
        "form": NameForm(initial={"name": found.channel.name}),
        **_rights(request),
    }
    return render(request, "listening/sources/source.html", context)


@member_view(Permission.MANAGE_LISTENING)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def add(request: WorkspaceRequest) -> HttpResponse:
    """Look what stands at an address, show it, and add it once it has a name; until then nothing is stored."""
    if request.method != "POST":
        return render(request, "listening/sources/add.html", {"form": AddressForm(initial=_asked(request))})
    is_saving = "name" in request.POST
    form = SourceForm(request.POST) if is_saving else AddressForm(request.POST)
    if not form.is_valid() and "address" not in form.cleaned_data:
        return render(request, "listening/sources/add.html", {"form": form}, status=422)
    values = form.cleaned_data
    try:
        found = discover(values["address"], user=values.get("user", ""), password=values.get("password", ""))
        if is_saving and form.is_valid() and found.is_feed and isinstance(form, SourceForm):
            channel = actions.add_source(NewSource(**form.cleaned_data), by=request.member, now=utc_now())
            messages.success(request, _("%(name)s is read from now on.") % {"name": channel.name})
            return redirect("listening:source", request.member.workspace.slug, channel.pk)
    except ConnectorError as error:
        form.add_error("address", sentence(error.reason.code, error.reason.values))
        return render(request, "listening/sources/add.html", {"form": form}, status=422)
    except RefusedError as error:
        form.add_error(None, str(error))
        return render(request, "listening/sources/add.html", {"form": form, "found": found}, status=422)
    if found.is_feed and not is_saving:
        form = SourceForm(initial=_described(form, found))
    return render(request, "listening/sources/add.html", {"form": form, "found": found})


@member_view(Permission.MANAGE_LISTENING)
@require_POST
def rename(request: WorkspaceRequest, source_id: int) -> HttpResponse:
    """Call a source something else."""
    found, form = _source(request, source_id), NameForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"]
        actions.rename_source(found.channel, name=name, by=request.member, now=utc_now())
    return _back(request, found.channel)


@member_view(Permission.MANAGE_LISTENING)
@require_POST
def pause(request: WorkspaceRequest, source_id: int) -> HttpResponse:
    """Stop reading."""
    found = _source(request, source_id)
    actions.pause_source(found.channel, by=request.member, now=utc_now())
    return _back(request, found.channel)


@member_view(Permission.MANAGE_LISTENING)
@require_POST
def resume(request: WorkspaceRequest, source_id: int) -> HttpResponse:
    """Read again."""
    found = _source(request, source_id)
    actions.resume_source(found.channel, by=request.member, now=utc_now())
    return _back(request, found.channel)


@member_view(Permission.MANAGE_LISTENING)
@require_POST
def read_now(request: WorkspaceRequest, source_id: int) -> HttpResponse:
    """Read at once, whatever the schedule says."""
    found = _source(request, source_id)
    try:
        actions.read_source(found.channel, by=request.member, now=utc_now())
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is read within seconds; what is new appears by itself."))
    return _back(request, found.channel)


@member_view(Permission.MANAGE_LISTENING)
@require_POST
def remove(request: WorkspaceRequest, source_id: int) -> HttpResponse:
    """Take a source off the list; its posts stay."""
    found = _source(request, source_id)
    actions.remove_source(found.channel, by=request.member, now=utc_now())
    messages.success(request, _("%(name)s is read no more. What came in stays.") % {"name": found.channel.name})
    return redirect("listening:sources", request.member.workspace.slug)


def _source(request: WorkspaceRequest, source_id: int) -> queries.Source:
    found = queries.find_source(request.member, source_id=source_id, now=utc_now())
    if found is None:
        raise Http404
    return found


def _back(request: WorkspaceRequest, channel: Channel) -> HttpResponse:
    page = "streams:stream" if channel.kind == STREAM else "listening:source"
    return redirect(page, request.member.workspace.slug, channel.pk)


def _rights(request: WorkspaceRequest) -> dict[str, bool]:
    return {"may_manage": request.member.may(Permission.MANAGE_LISTENING)}


def _asked(request: WorkspaceRequest) -> dict[str, str]:
    return {"address": request.GET.get("address", "")[:2000]}


def _described(form: AddressForm | SourceForm, found: Found) -> dict[str, str]:
    values = form.cleaned_data
    name = found.title or found.address.partition("://")[2]
    return {"address": found.address, "user": values["user"], "password": values["password"], "name": name[:80]}
