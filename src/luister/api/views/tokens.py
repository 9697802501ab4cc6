"""Settings › API: tokens are made, shown once, and revoked."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luister.accounts import queries as accounts
from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.accounts.errors import RefusedError
from luister.api.actions import tokens as actions
from luister.api.forms import TokenForm
from luister.api.queries import tokens as queries
from luister.base.clock import utc_now


@member_view(Permission.MANAGE_WORKSPACE)
@require_safe
def tokens(request: WorkspaceRequest) -> HttpResponse:
    """List the tokens, or teach what they are for."""
    found = {"tokens": queries.tokens(request.member), "now": utc_now()}
    return render(request, "api/tokens.html", found | {"address": request.build_absolute_uri("/api/v1/")})


@member_view(Permission.MANAGE_WORKSPACE)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("text")
def make(request: WorkspaceRequest) -> HttpResponse:
    """Make a token, and show it, once."""
    form = TokenForm(request.POST or None, members=accounts.members(request.member), own=request.member)
    if request.method == "POST" and form.is_valid():
        now = utc_now()
        try:
            token, text = actions.make(
                form.cleaned_data["name"],
                member=form.acts_as(),
                scopes=form.cleaned_data["scopes"],
                expires_at=form.expires_at(now=now),
                by=request.member,
                now=now,
            )
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            shown = {"token": token, "text": text, "address": request.build_absolute_uri("/api/v1/me")}
            return render(request, "api/made.html", shown)
    return render(request, "api/make.html", {"form": form}, status=422 if form.errors else 200)


@member_view(Permission.MANAGE_WORKSPACE)
@require_POST
def revoke(request: WorkspaceRequest, token_id: int) -> HttpResponse:
    """End a token at once."""
    token = queries.find_token(request.member, token_id=token_id)
    if token is None:
        raise Http404
    actions.revoke(token, by=request.member, now=utc_now())
    messages.success(request, _("“%(name)s” is revoked: it opens nothing any more.") % {"name": token.name})
    return redirect("api:tokens", request.member.workspace.slug)
