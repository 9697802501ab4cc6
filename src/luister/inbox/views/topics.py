"""The topics of a post: why it has them, giving one and taking one off."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.inbox.actions import topics as actions
from luister.inbox.queries import understood as queries
from luister.inbox.views.answers import with_toast
from luister.inbox.views.understood import number_in, refused_row, row
from luister.understanding.actions.correcting import RefusedError
from luister.understanding.queries.topics import choices, rule_of


@member_view(Permission.SEE_CASES)
@require_safe
def topics(request: WorkspaceRequest, said_id: int) -> HttpResponse:
    """Show why a post has a topic, or which it could be given: inside the page for htmx, else as a page of its own."""
    shown = queries.understood(said_id, member=request.member)
    if shown is None:
        raise Http404
    asked = number_in(request.GET.get("topic", ""))
    topic = next((one for one in shown.topics if one.topic_id == asked), None)
    context: dict[str, Any] = {
        "shown": shown,
        "topic": topic,
        "rule": rule_of(topic) if topic else "",
        "choices": [] if topic else choices(shown, member=request.member),
        "may_correct": request.member.may(Permission.CORRECT),
    }
    return render(request, f"understanding/{'topics' if request.htmx else 'topics_page'}.html", context)


@member_view(Permission.CORRECT)
@require_POST
def give_topic(request: WorkspaceRequest, said_id: int) -> HttpResponse:
    """Give a post a topic."""
    name = request.POST.get("name", "")
    try:
        given = actions.give_topic(said_id, name=name, by=request.member, now=utc_now())
    except RefusedError as error:
        return refused_row(request, error, said_id)
    if not request.htmx:
        return _page(request, said_id)
    response = row(request, said_id)
    if given is None:
        return with_toast(response, _("The post has this topic already."), seconds=4)
    topic, was_removed = given
    undo = _url(request, "remove_topic" if was_removed else "undo_topic", said_id, topic=topic.pk, new=1)
    return with_toast(response, _("Topic “%(name)s” given.") % {"name": topic.name}, undo=undo, seconds=10)


@member_view(Permission.CORRECT)
@require_POST
def remove_topic(request: WorkspaceRequest, said_id: int) -> HttpResponse:
    """Take a topic off a post."""
    topic_id = number_in(request.GET.get("topic", ""))
    try:
        topic = actions.remove_topic(said_id, topic_id=topic_id, by=request.member, now=utc_now())
    except RefusedError as error:
        return refused_row(request, error, said_id)
    if not request.htmx:
        return _page(request, said_id)
    said = _("Topic “%(name)s” taken off. It is not given to this post by itself again.") % {"name": topic.name}
    undo = _url(request, "undo_topic", said_id, topic=topic.pk)
    return with_toast(row(request, said_id), said, undo=undo, seconds=10)


@member_view(Permission.CORRECT)
@require_POST
def undo_topic(request: WorkspaceRequest, said_id: int) -> HttpResponse:
    """Undo that a topic was given or taken off."""
    topic_id, was_new = number_in(request.GET.get("topic", "")), request.GET.get("new") == "1"
    try:
        actions.undo_topic(said_id, topic_id=topic_id, was_new=was_new, by=request.member, now=utc_now())
    except RefusedError as error:
        return refused_row(request, error, said_id)
    if not request.htmx:
        return _page(request, said_id)
    return with_toast(row(request, said_id), _("Undone: the topics are as they were."), seconds=4)


def _url(request: WorkspaceRequest, name: str, post_id: int, **asked: int) -> str:
    url = reverse(f"inbox:{name}", args=[request.member.workspace.slug, post_id])
    return f"{url}?{urlencode(asked)}"


def _page(request: WorkspaceRequest, post_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("inbox:topics", args=[request.member.workspace.slug, post_id]))
