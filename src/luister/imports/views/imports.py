"""Settings › Imports: bring a file, choose, try, import, watch, and read what became of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.base.errors import SentenceError
from luister.imports import actions, queries
from luister.imports.enums import ImportState
from luister.imports.forms import ChoicesForm, FileForm
from luister.imports.models import Import
from luister.imports.sentences import DELIMITERS, EXAMPLE, FIELDS, sentence, time_left

QUIET: Final = timedelta(minutes=1)  # an import that does not move for so long has lost its worker


@member_view(Permission.IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: WorkspaceRequest) -> HttpResponse:
    """List the imports, and take a file in."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = actions.receive(
                file.name, file.chunks(), workspace=request.member.workspace, by=request.member, now=utc_now()
            )
        except SentenceError as error:
            form.add_error("file", sentence(error.reason))
        else:
            return redirect("imports:import", request.member.workspace.slug, batch.pk)
    found = {"form": form, "imports": queries.imports(request.member), "fields": FIELDS}
    return render(request, "imports/imports.html", found, status=422 if form.errors else 200)


@member_view(Permission.IMPORT)
@require_safe
def example(request: WorkspaceRequest) -> HttpResponse:
    """Hand out a small file that can be imported as it is."""
    return HttpResponse(
        f"\ufeff{EXAMPLE}",
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="luister-voorbeeld.csv"'},
    )


@member_view(Permission.IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: WorkspaceRequest, import_id: int) -> HttpResponse:
    """Show an import as it stands; before it begins, choose what its columns are."""
    batch = _import(request, import_id)
    if batch.state != ImportState.NEW:
        return render(request, "imports/import.html", _shown(batch))
    form = _form(request, batch)
    if request.method == "POST" and form.is_valid():
        try:
            _choose(request, batch, form)
        except SentenceError as error:
            form.add_error(None, sentence(error.reason))
        else:
            return redirect("imports:import", request.member.workspace.slug, import_id)
    lacking = queries.lacking(batch)
    found = {**_shown(batch), "form": form, "preview": queries.preview(batch)}
    found["lacking"] = sentence(lacking) if lacking is not None and not form.errors else ""
    return render(request, "imports/import.html", found, status=422 if form.errors else 200)


def _form(request: WorkspaceRequest, batch: Import) -> ChoicesForm:
    source = queries.source_of(batch)
    return ChoicesForm(
        request.POST or None,
        columns=source.columns,
        format=source.format,
        mapping=batch.mapping,
        options=queries.options_of(batch),
    )


def _choose(request: WorkspaceRequest, batch: Import, form: ChoicesForm) -> None:
    workspace, by, now = request.member.workspace, request.member, utc_now()
    actions.choose(batch.pk, mapping=form.mapping(), options=form.options(), workspace=workspace, by=by, now=now)
    match request.POST.get("do"):
        case "try":
            actions.try_out(batch.pk, workspace=workspace, by=by, now=now)
        case "start":
            actions.start(batch.pk, workspace=workspace, by=by, now=now)


def _shown(batch: Import) -> dict[str, object]:
    now = utc_now()
    done, total = queries.progress(batch)
    return {
        "batch": batch,
        "source": queries.source_of(batch),
        "delimiter": DELIMITERS.get(queries.source_of(batch).delimiter, ""),
        "notes": [sentence(note) for note in queries.source_of(batch).notes],
        "done": done,
        "total": total,
        "time_left": time_left(left) if (left := queries.seconds_left(batch, now=now)) is not None else "",
        "is_quiet": queries.is_under_way(batch) and batch.moved_at is not None and now - batch.moved_at > QUIET,
        "is_under_way": queries.is_under_way(batch),
        "can_go_on": queries.can_go_on(batch),
        "refusals": [(refusal, sentence(queries.reason_of(refusal))) for refusal in queries.refusals(batch)],
        "problem": sentence(queries.reason_of_end(batch)) if batch.reason_code else "",
        "rows_left": batch.rows_read - batch.rows_broken,
    }


@member_view(Permission.IMPORT)
@require_POST
def cancel(request: WorkspaceRequest, import_id: int) -> HttpResponse:
    """Stop after the part that is being stored."""
    return _do(request, import_id, actions.cancel)


@member_view(Permission.IMPORT)
@require_POST
def go_on(request: WorkspaceRequest, import_id: int) -> HttpResponse:
    """Take it up where it was left."""

    def again(import_id: int, **rest: object) -> None:
        actions.go_on(import_id, without_broken="without_broken" in request.POST, **rest)  # type: ignore[arg-type]

    return _do(request, import_id, again)


@member_view(Permission.IMPORT)
@require_POST
def remove(request: WorkspaceRequest, import_id: int) -> HttpResponse:
    """Take it off the list; what was stored stays."""
    batch = _import(request, import_id)
    try:
        actions.remove(batch.pk, workspace=request.member.workspace, by=request.member, now=utc_now())
    except SentenceError as error:
        messages.error(request, sentence(error.reason))
        return redirect("imports:import", request.member.workspace.slug, import_id)
    messages.success(request, _("Removed from the list. Posts that were stored stay."))
    return redirect("imports:imports", request.member.workspace.slug)


@member_view(Permission.IMPORT)
@require_safe
def refused(request: WorkspaceRequest, import_id: int) -> HttpResponse:
    """Hand out the rows that were refused, each with its reason, as a table that no spreadsheet runs."""
    batch = _import(request, import_id)
    return HttpResponse(
        "".join(queries.refused_csv(batch)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="refused-{batch.pk}.csv"', "Cache-Control": "no-store"},
    )


def _do(request: WorkspaceRequest, import_id: int, action: Callable[..., None]) -> HttpResponse:
    batch = _import(request, import_id)
    try:
        action(batch.pk, workspace=request.member.workspace, by=request.member, now=utc_now())
    except SentenceError as error:
        messages.error(request, sentence(error.reason))
    return redirect("imports:import", request.member.workspace.slug, import_id)


def _import(request: WorkspaceRequest, import_id: int) -> Import:
    found = queries.find_import(request.member, import_id=import_id)
    if found is None:
        raise Http404
    return found
