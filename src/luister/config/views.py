"""Settings › Status: how the installation does, for who administers a workspace."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.config.checks import State
from luister.config.home import home
from luister.config.vitals import label, vitals

TONES = {State.OK: "ok", State.WARN: "warn", State.FAIL: "danger"}
WORDS = {State.OK: _("Well"), State.WARN: _("Worth a look"), State.FAIL: _("Fails")}
ICONS = {State.OK: "check-circle", State.WARN: "warning", State.FAIL: "failed"}
ORDER = tuple(reversed(State))  # what fails first


@member_view(Permission.MANAGE_WORKSPACE)
@require_safe
def status(request: WorkspaceRequest) -> HttpResponse:
    """Show every check: of what belongs to a workspace, only this one's."""
    found = list(vitals(home(), now=utc_now(), clock=utc_now, scope=[request.member.workspace_id]))
    worst = max((check.state for check in found), key=list(State).index)
    rows = [
        {
            "check": check,
            "label": label(check),
            "tone": TONES[check.state],
            "icon": ICONS[check.state],
            "word": WORDS[check.state],
        }
        for check in sorted(found, key=lambda check: ORDER.index(check.state))
    ]
    context = {"rows": rows, "worst": worst, "tone": TONES[worst], "icon": ICONS[worst]}
    return render(request, "config/status.html", context)
