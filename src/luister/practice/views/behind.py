"""Behind the scenes: brands and their tokens, and what goes wrong."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from luister.base.clock import utc_now
from luister.practice import actions, queries
from luister.practice.core import Brand, RefusedError
from luister.practice.enums import Repeats
from luister.practice.faults import STORM, FaultPlan
from luister.practice.forms import BrandChangeForm, BrandForm, FaultsForm
from luister.practice.refusals import sentence
from luister.practice.views.gate import practice_view

OPEN = "Whoever tries the practice network may make it go wrong; nothing real is there."
TOKEN = "practice_token"  # noqa: S105 - where in the session it waits to be shown once


@require_GET
@practice_view(OPEN)
def behind(request: HttpRequest) -> HttpResponse:
    """Show the brands and the faults."""
    return _page(request)


@require_POST
@practice_view(OPEN)
def faults(request: HttpRequest) -> HttpResponse:
    """Set what goes wrong: nothing, a storm, or what was filled in."""
    preset = request.POST.get("preset", "")
    form = FaultsForm(request.POST)
    if preset == "calm":
        actions.change_faults(FaultPlan())
    elif preset == "storm":
        actions.change_faults(STORM)
    elif form.is_valid():
        actions.change_faults(form.plan())
    else:
        return _page(request, faults_form=form)
    messages.success(request, _("Saved. It holds from the next request on."))
    return redirect("practice:behind")


@require_POST
@practice_view(OPEN)
def new_brand(request: HttpRequest) -> HttpResponse:
    """Make a brand, or give one a new token, and show the token once."""
    form = BrandForm(request.POST)
    if not form.is_valid():
        return _page(request, brand_form=form)
    given = form.cleaned_data
    try:
        opened = actions.open_brand(
            given["handle"], name=given["name"], repeats=Repeats(given["repeats"]), now=utc_now()
        )
    except RefusedError as refused:
        form.add_error("handle", sentence(refused))
        return _page(request, brand_form=form)
    request.session[TOKEN] = {"handle": opened.person.handle, "token": opened.token}
    return redirect("practice:behind")


@require_POST
@practice_view(OPEN)
def renew_token(request: HttpRequest) -> HttpResponse:
    """Give a brand a new token, and show it once."""
    handle = request.POST.get("handle", "")[:30]
    try:
        request.session[TOKEN] = {"handle": handle, "token": actions.renew_token(handle)}
    except RefusedError as refused:
        messages.error(request, sentence(refused))
    return redirect("practice:behind")


@require_POST
@practice_view(OPEN)
def change_brand(request: HttpRequest) -> HttpResponse:
    """Set what a brand's API does."""
    form = BrandChangeForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        actions.change_brand(given["handle"], repeats=Repeats(given["repeats"]), token_expired=given["token_expired"])
        messages.success(request, _("Saved. It holds from the next request on."))
    return redirect("practice:behind")


def _page(
    request: HttpRequest, *, faults_form: FaultsForm | None = None, brand_form: BrandForm | None = None
) -> HttpResponse:
    plan = queries.fault_plan()
    context = {
        "page": "behind",
        "plan": plan,
        "is_calm": plan == FaultPlan(),
        "brands": [(brand, _change_form(brand)) for brand in queries.brands()],
        "faults_form": faults_form or FaultsForm(initial=FaultsForm.initial_of(plan)),
        "brand_form": brand_form or BrandForm(),
        "shown_once": request.session.pop(TOKEN, None),
    }
    status = 422 if faults_form or brand_form else 200
    return render(request, "practice/behind.html", context, status=status)


def _change_form(brand: Brand) -> BrandChangeForm:
    handle = brand.person.handle
    initial = {"handle": handle, "repeats": brand.idempotency.value, "token_expired": brand.token_expired}
    return BrandChangeForm(initial=initial, auto_id=f"brand-{handle}-%s")
