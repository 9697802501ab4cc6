"""What users set for themselves."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from luister.accounts import actions
from luister.accounts.access import UserRequest, personal_view
from luister.accounts.forms import KeysForm, ProfileForm
from luister.ui.keys import GROUPS


@personal_view("one's own name, signature, language and colours")
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: UserRequest) -> HttpResponse:
    """Show and change one's profile."""
    user = request.user
    now = {"name": user.name, "signature": user.signature, "language": user.language, "theme": user.theme}
    form = ProfileForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        actions.change_preferences(user, **form.cleaned_data)
        with translation.override(user.language):
            messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/own/profile.html", {"form": form})


@personal_view("one's own keyboard shortcuts")
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: UserRequest) -> HttpResponse:
    """Show and change one's shortcuts, or go back to the usual ones."""
    user = request.user
    if request.method == "POST" and "reset" in request.POST:
        actions.change_preferences(user, single_keys=True, keys={})
        messages.success(request, _("The usual keys are back."))
        return redirect("accounts:keys")
    form = KeysForm(request.POST or None, changed=user.keys, initial={"single_keys": user.single_keys})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        actions.change_preferences(user, single_keys=values["single_keys"], keys=values["keys"])
        messages.success(request, _("Saved."))
        return redirect("accounts:keys")
    groups = [
        (group.heading, [(key, None if key.fixed else form[key.action]) for key in group.keys]) for group in GROUPS
    ]
    return render(request, "accounts/own/keys.html", {"form": form, "groups": groups})
