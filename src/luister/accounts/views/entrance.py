"""The doors: home, one-time links, and the set-up of an empty installation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from luister.accounts import access, actions, queries
from luister.accounts.access import UserRequest, open_view, personal_view
from luister.accounts.errors import RefusedError
from luister.accounts.forms import SetUpForm
from luister.accounts.views.sign_in import after_link, sign_in
from luister.base.clock import utc_now


@open_view("sends everyone to where they belong")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the only workspace, to a choice of several, to signing in, or to setting up."""
    if not request.user.is_authenticated:
        if queries.is_empty():
            return render(request, "accounts/empty.html")
        return redirect("account_login")
    members = access.memberships_of(request.user)
    if len(members) == 1:
        return redirect(members[0].workspace.path)
    return render(request, "accounts/choose.html", {"members": members})


@open_view("the token is the key")
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Use a one-time link; only the button uses it up, so that a mail scanner that follows links does not."""
    now = utc_now()
    if request.method != "POST":
        is_valid = queries.is_sign_in_link(token, now=now)
        return render(request, "accounts/enter.html", {"is_valid": is_valid}, status=200 if is_valid else 410)
    user = actions.use_link(token, now=now)
    if user is None:
        return render(request, "accounts/enter.html", {"is_valid": False}, status=410)
    return sign_in(request, user, target=after_link(user))


@open_view("the token is the key, and only while nobody has an account")
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first administrator and workspace."""
    now = utc_now()
    if not queries.is_setup_link(token, now=now):
        return render(request, "accounts/set_up_closed.html", {"is_empty": queries.is_empty()}, status=410)
    form = SetUpForm(request.POST or None, initial={"language": translation.get_language()})
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/set_up.html", {"form": form})
    try:
        member = actions.set_up(token, **form.cleaned_data, now=now)
    except RefusedError as error:
        form.add_error(None, str(error))
        return render(request, "accounts/set_up.html", {"form": form}, status=409)
    return sign_in(request, member.user, target=f"{member.workspace.path}start/")


@personal_view("the workspaces one belongs to")
@require_safe
def choose(request: UserRequest) -> HttpResponse:
    """Show the workspaces to choose from."""
    return render(request, "accounts/choose.html", {"members": access.memberships_of(request.user)})
