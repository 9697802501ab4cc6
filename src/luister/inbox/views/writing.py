"""Writing: replies, notes, drafts, taking back, settling, and saying that one is here."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.base.errors import SentenceError
from luister.delivery.enums import SendState
from luister.inbox.actions.approval import approve, send_back
from luister.inbox.actions.files import attach, detach
from luister.inbox.actions.replies import (
    ChangedMeanwhileError,
    Written,
    hesitate,
    resolve,
    send_reply,
    take_back,
)
from luister.inbox.actions.writing import add_note, leave, save_draft, show_presence
from luister.inbox.enums import Activity, Mode, ReplyEffect
from luister.inbox.forms.compose import DecisionForm, DraftForm, JudgeForm, NoteForm, PresenceForm, ReplyForm
from luister.inbox.models import Reply
from luister.inbox.queries.around import case_id, draft_files, reply_of
from luister.inbox.queries.cases import View
from luister.inbox.queries.screens import CaseScreen, case_screen
from luister.inbox.queries.timeline import said_since
from luister.inbox.sentences import refusal
from luister.inbox.views.answers import back, case_url, refused, view_of, with_event, with_toast
from luister.inbox.views.composer import composer_context
from luister.inbox.views.desk import case_context
from luister.inbox.views.thread import entry_items
from luister.ui.times import clock_time


@member_view(Permission.WORK_CASES)
@require_GET
def composer(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Return the composer in another mode."""
    return _composer(request, number, _Again(asked=request.GET.get("mode", "")))


@member_view(Permission.WORK_CASES)
@require_POST
def reply(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Send a reply, or show what was said meanwhile."""
    found = _id(request, number)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return refused(request, _("That could not be read. Reload the page; your draft is kept."))
    fields = form.cleaned_data
    written = Written(**fields | {"effect": ReplyEffect(fields["effect"])})
    try:
        sent = send_reply(found, written, by=request.member, now=utc_now())
    except ChangedMeanwhileError as changed:
        return _conflict(request, number, since=changed.since_version, text=written.text, client_id=written.client_id)
    except SentenceError as error:
        asked = "public" if written.is_public else "private"
        again = _Again(asked, text=written.text, client_id=written.client_id, error=refusal(error.reason))
        return _composer(request, number, again)
    return _after_sending(request, number, sent)


@member_view(Permission.WORK_CASES)
@require_POST
def note(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Leave a note."""
    found = _id(request, number)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return refused(request, _("That could not be read. Reload the page; your draft is kept."))
    text, client_id = form.cleaned_data["text"], form.cleaned_data["client_id"]
    try:
        add_note(found, text=text, client_id=client_id, by=request.member, now=utc_now())
    except SentenceError as error:
        again = _Again("note", text=text, client_id=client_id, error=refusal(error.reason))
        return _composer(request, number, again)
    if not request.htmx:
        return back_to(request, number)
    return _composer(request, number, _Again("note", with_thread=True))


@member_view(Permission.WORK_CASES)
@require_POST
def draft(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Keep what is being written, and say how long it is as the network counts."""
    case = _id(request, number)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return JsonResponse({}, status=422)
    found = form.cleaned_data
    now = utc_now()
    save_draft(
        case,
        mode=Mode(found["mode"]),
        text=found["text"],
        is_public=found["is_public"],
        by=request.member,
        now=now,
    )
    return JsonResponse({"saved_at": clock_time(now)})


@member_view(Permission.WORK_CASES)
@require_POST
def files(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Add files to the reply that is being written, or take one out."""
    found = _id(request, number)
    error = ""
    try:
        for file in request.FILES.getlist("file"):
            attach(
                found,
                name=file.name or "",
                content=file.read(),
                is_public="is_public" in request.POST,
                by=request.member,
                now=utc_now(),
            )
    except SentenceError as refused_file:
        error = refusal(refused_file.reason)
    gone = request.POST.get("remove", "")
    if gone.isascii() and gone.isdigit() and len(gone) < 19:
        detach(int(gone), by=request.member)
    if not request.htmx:
        return back_to(request, number)
    context = {"draft_files": draft_files(_screen(request, number).case, member=request.member), "file_error": error}
    return render(request, "inbox/draft_files.html", context)


@member_view(Permission.WORK_CASES)
@require_POST
def take_reply_back(request: WorkspaceRequest, reply_id: int) -> HttpResponse:
    """Undo a reply before it leaves; its text goes back to the composer."""
    if reply_of(reply_id, member=request.member) is None:
        raise Http404
    try:
        taken = take_back(reply_id, by=request.member, now=utc_now())
    except SentenceError as error:
        return refused(request, refusal(error.reason))
    if not request.htmx:
        return back(request, case=taken.case)
    response = HttpResponse(status=204)
    with_event(response, "luister:reply-taken-back", number=taken.case.number, url=_own_url(request, taken))
    return with_toast(response, _("Taken back. Nothing was sent."), seconds=5)


@member_view(Permission.WORK_CASES)
@require_POST
def hold(request: WorkspaceRequest, reply_id: int) -> HttpResponse:
    """Wait while the writer has the undo button under their pointer or focus; answer how long is left."""
    if reply_of(reply_id, member=request.member) is None:
        raise Http404
    now = utc_now()
    try:
        held = hesitate(reply_id, by=request.member, now=now)
    except SentenceError as error:
        return JsonResponse({"text": refusal(error.reason)}, status=409)
    return JsonResponse({"seconds": (held.outgoing.send_after - now).total_seconds()})


@member_view(Permission.WORK_CASES)
@require_POST
def settle(request: WorkspaceRequest, reply_id: int) -> HttpResponse:
    """Say what became of a reply of which nobody knew, or have it sent again."""
    form = DecisionForm(request.POST)
    if reply_of(reply_id, member=request.member) is None or not form.is_valid():
        raise Http404
    decision = form.cleaned_data["decision"]
    try:
        settled = resolve(reply_id, decision=decision, by=request.member, now=utc_now())
    except SentenceError as error:
        return refused(request, refusal(error.reason))
    if not request.htmx:
        return back(request, case=settled.case)
    done = {"sent": _("Marked as sent."), "again": _("It goes out again."), "give_up": _("Given up.")}
    response = HttpResponse(status=204)
    with_event(response, "luister:case-changed", case=settled.case_id)
    return with_toast(response, done[decision], seconds=5)


@member_view(Permission.WORK_CASES)
@require_POST
def judge(request: WorkspaceRequest, reply_id: int) -> HttpResponse:
    """Approve a reply that a colleague proposed, or send it back to them."""
    form = JudgeForm(request.POST)
    if reply_of(reply_id, member=request.member) is None or not form.is_valid():
        raise Http404
    is_approved, now = form.cleaned_data["decision"] == "approve", utc_now()
    try:
        if is_approved:
            judged = approve(reply_id, by=request.member, now=now)
        else:
            judged = send_back(reply_id, by=request.member, now=now, why_note=form.cleaned_data["why"])
    except SentenceError as error:
        return refused(request, refusal(error.reason))
    if not request.htmx:
        return back(request, case=judged.case)
    response = HttpResponse(status=204)
    with_event(response, "luister:case-changed", case=judged.case_id)
    with_event(response, "luister:cases-changed", case=judged.case_id)
    done = _("Approved: it goes out.") if is_approved else _("Sent back to its writer.")
    return with_toast(response, done, seconds=5)


@member_view(Permission.WORK_CASES)
@require_POST
def be_present(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Take in that someone looks, types, is away or left."""
    form = PresenceForm(request.POST)
    found = case_id(number, member=request.member)
    if not form.is_valid() or found is None:
        raise Http404
    activity = form.cleaned_data["activity"]
    if activity == "gone":
        leave(found, by=request.member)
    else:
        show_presence(found, activity=Activity(activity), by=request.member, now=utc_now())
    return HttpResponse(status=204)


def back_to(request: WorkspaceRequest, number: int) -> HttpResponse:
    """Go back to a case by a whole page."""
    response = HttpResponse(status=303)
    response.headers["Location"] = case_url(request, number)
    return response


def _id(request: WorkspaceRequest, number: int) -> int:
    found = case_id(number, member=request.member)
    if found is None:
        raise Http404
    return found


def _own_url(request: WorkspaceRequest, taken: Reply) -> str:
    return reverse("inbox:case", args=[request.member.workspace.slug, View.ALL, taken.case.number])


def _after_sending(request: WorkspaceRequest, number: int, sent: Reply) -> HttpResponse:
    """Clear the composer and offer to take the reply back."""
    if not request.htmx:
        return back_to(request, number)
    response = _composer(request, number, _Again(with_thread=True))
    is_proposed = sent.outgoing.state == SendState.PROPOSED
    seconds = 10 if is_proposed else max(0, round((sent.outgoing.send_after - utc_now()).total_seconds()))
    undo = reverse("inbox:take_back", args=[request.member.workspace.slug, sent.pk])
    hold_url = None if is_proposed else reverse("inbox:hold", args=[request.member.workspace.slug, sent.pk])
    with_toast(response, _sending(sent), seconds=seconds, undo=undo if seconds else None, hold=hold_url)
    if sent.effect == ReplyEffect.COMPLETE:
        with_event(response, "luister:go-on", number=number)
    return response


def _sending(sent: Reply) -> str:
    if sent.outgoing.state == SendState.PROPOSED:
        return _("Proposed: it goes out once a colleague approves it")
    if sent.outgoing.is_public:
        return _("Your public reply is about to be sent")
    return _("Your reply is about to be sent")


@dataclass(frozen=True, slots=True)
class _Again:
    """A composer that is drawn again; where something was refused, with the reason and what was written."""

    asked: str = ""
    text: str | None = None
    client_id: UUID | None = None
    error: str = ""
    with_thread: bool = False


def _composer(request: WorkspaceRequest, number: int, again: _Again) -> HttpResponse:
    screen = _screen(request, number)
    context = case_context(request, screen, view_of(request))
    client_id = again.client_id or uuid4()
    context |= composer_context(request, screen, asked=again.asked, client_id=client_id, text=again.text)
    context |= {"error": again.error, "with_thread": again.with_thread}
    status = 422 if again.error else 200
    template = "inbox/composer_alone.html" if request.htmx else "inbox/case_page.html"
    return render(request, template, context, status=status)


def _screen(request: WorkspaceRequest, number: int) -> CaseScreen:
    screen = case_screen(number, member=request.member, now=utc_now())
    if screen is None:
        raise Http404
    return screen


def _conflict(request: WorkspaceRequest, number: int, *, since: int, text: str, client_id: UUID) -> HttpResponse:
    """Refuse, and show what was said meanwhile beside what was written."""
    screen = _screen(request, number)
    asked = "public" if request.POST.get("is_public") else "private"
    context = case_context(request, screen, view_of(request))
    context |= composer_context(request, screen, asked=asked, client_id=client_id, text=text)
    said = said_since(screen.case, version=since, member=request.member)
    context |= {
        "meanwhile": entry_items(said, screen, member=request.member, now=utc_now()),
        "effect": request.POST.get("effect", ReplyEffect.WAIT),
        "with_thread": True,
    }
    template = "inbox/composer_alone.html" if request.htmx else "inbox/case_page.html"
    return render(request, template, context, status=409)
