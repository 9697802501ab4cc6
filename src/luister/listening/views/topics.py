"""Topics: the list, making and changing one with a preview of its rule, deleting."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luister.accounts.access import WorkspaceRequest, member_view
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.base.errors import Reason
from luister.listening.forms.topics import TopicForm
from luister.listening.queries.preview import preview as preview_of
from luister.listening.views.answers import refused
from luister.posts.models import Topic
from luister.query import QueryError, as_value, explain, parse
from luister.ui.query_field import mistake, mistake_of
from luister.understanding.actions import topics as actions
from luister.understanding.actions.correcting import RefusedError
from luister.understanding.queries import topics as queries
from luister.understanding.queries.rules import forbidden_in
from luister.understanding.sentences import refusal


@member_view(Permission.TEACH)
@require_safe
def topics(request: WorkspaceRequest) -> HttpResponse:
    """List the topics, their rules and how many posts have them."""
    now = utc_now()
    rows = [
        {
            "topic": one.topic,
            "count": one.count,
            "mistake": _mistake_of(one.topic.query),
            "search": urlencode({"q": f"topic:{as_value(one.topic.name)} after:{queries.DAYS}d"}),
            **progress_of(one.topic),
        }
        for one in queries.topics(request.member, now=now)
    ]
    context = {"rows": rows, "is_running": any(row["share"] is not None for row in rows)}
    return render(request, "listening/topics/list.html", context)


@member_view(Permission.TEACH)
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: WorkspaceRequest) -> HttpResponse:
    """Make a topic."""
    form = TopicForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            topic = actions.make_topic(**form.wish, by=request.member, now=utc_now())
        except RefusedError as error:
            form.add_error("query" if error.reason.code == "topic.rule_asks_for" else "name", refusal(error.reason))
        else:
            return _saved(request, topic)
    return _form_page(request, form, None)


@member_view(Permission.TEACH)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: WorkspaceRequest, topic_id: int) -> HttpResponse:
    """Change a topic: its name, its rule."""
    topic = _found(request, topic_id)
    kept = {"name": topic.name, "query": topic.query}
    form = TopicForm(request.POST if request.method == "POST" else None, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            topic = actions.change_topic(topic.pk, **form.wish, by=request.member, now=utc_now())
        except RefusedError as error:
            form.add_error("query" if error.reason.code == "topic.rule_asks_for" else "name", refusal(error.reason))
        else:
            return _saved(request, topic)
    return _form_page(request, form, topic)


@member_view(Permission.TEACH)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: WorkspaceRequest, topic_id: int) -> HttpResponse:
    """Ask whether a topic may go, saying what goes with it; POST deletes it."""
    topic = _found(request, topic_id)
    if request.method != "POST":
        context = {"topic": topic, "post_count": queries.post_count(topic)}
        return render(request, "listening/topics/delete.html", context)
    try:
        name = actions.delete_topic(topic.pk, by=request.member, now=utc_now())
    except RefusedError as error:
        return refused(request, refusal(error.reason), back=_list(request))
    messages.success(request, _("“%(name)s” was deleted. The posts stayed.") % {"name": name})
    return HttpResponseRedirect(_list(request))


@member_view(Permission.TEACH)
@require_POST
def preview(request: WorkspaceRequest) -> HttpResponse:
    """Show what a rule says and would have found, or what is wrong with it."""
    # Posted rather than asked for in an address: a query may be long, and belongs in no log.
    return render(request, "listening/topics/preview.html", _preview(request, request.POST.get("query", "").strip()))


def progress_of(topic: Topic) -> dict[str, Any]:
    """Return how far a topic's rule has gone through what is stored; no share where it has, or there is none."""
    run = getattr(topic, "run", None)
    if run is None or run.state != "running":
        return {"run": run, "share": None}
    return {"run": run, "share": min(round(100 * run.examined / run.total) if run.total else 0, 100)}


def _preview(request: WorkspaceRequest, query: str) -> dict[str, Any]:
    if not query:
        return {"is_empty": True}
    try:
        node = parse(query, standing=True)
    except QueryError as error:
        return {"mistake": mistake_of(error, text=query)}
    if field := forbidden_in(node):
        said = refusal(Reason("topic.rule_asks_for", {"field": field}))
        return {"mistake": mistake(query, start=0, length=0, sentence=said), "refusal": said}
    found = preview_of(node, member=request.member, now=utc_now())
    return {"says": explain(node, translate=_), "preview": found}


def _mistake_of(query: str) -> str:
    if not query:
        return ""
    try:
        field = forbidden_in(parse(query, standing=True))
    except QueryError as error:
        return mistake_of(error, text=query).sentence
    return refusal(Reason("topic.rule_asks_for", {"field": field})) if field else ""


def _saved(request: WorkspaceRequest, topic: Topic) -> HttpResponse:
    if getattr(topic, "run", None) is not None and topic.run.state == "running":
        said = _("“%(name)s” is saved. Its rule goes through what is stored now.")
    else:
        said = _("“%(name)s” is saved.")
    messages.success(request, said % {"name": topic.name})
    return HttpResponseRedirect(_list(request))


def _form_page(request: WorkspaceRequest, form: TopicForm, topic: Topic | None) -> HttpResponse:
    context = _preview(request, str(form["query"].value() or "").strip())
    context |= {"form": form, "topic": topic}
    return render(request, "listening/topics/form.html", context, status=422 if form.errors else 200)


def _found(request: WorkspaceRequest, topic_id: int) -> Topic:
    topic = queries.find_topic(request.member, topic_id=topic_id)
    if topic is None:
        raise Http404
    return topic


def _list(request: WorkspaceRequest) -> str:
    return reverse("listening:topics", args=[request.member.workspace.slug])
