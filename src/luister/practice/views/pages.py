"""Pages on which anyone plays a customer: the square, threads, private messages and who one is."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from luister.base.clock import utc_now
from luister.base.ids import new_uuid
from luister.practice import actions, queries
from luister.practice.core import PRIVATE_LENGTH, PUBLIC_LENGTH, Person, Post, RefusedError
from luister.practice.forms import SayForm
from luister.practice.refusals import sentence
from luister.practice.views.gate import practice_view

OPEN = "Anyone may play a customer on the practice network; nothing real is there."
PLAYED = "practice_customer"


@require_http_methods(["GET", "HEAD", "POST"])
@practice_view(OPEN)
def square(request: HttpRequest) -> HttpResponse:
    """Show the public posts, newest first, and take a new one."""
    refused = None
    if request.method == "POST":
        said = _say(request)
        if isinstance(said, Post):
            return redirect(f"{reverse('practice:thread', args=[said.id])}#post-{said.id}")
        refused = said
    before = _number(request, "before") or None
    mention = request.GET.get("mention", "")[:30]
    context = {
        **_common(request, refused, limit=PUBLIC_LENGTH, draft=f"@{mention} " if mention else ""),
        "square": queries.square(before=before),
        "page": "square",
        "is_first": before is None,
        "newest": queries.newest_id(),
        "brands": [brand.person for brand in queries.brands()],
    }
    return _page(request, "practice/square.html", context, refused)


@require_GET
@practice_view(OPEN)
def square_news(request: HttpRequest) -> HttpResponse:
    """Say how many posts are new; 204 when that is known already."""
    after, shown = _number(request, "after"), _number(request, "shown")
    count = queries.count_since(after)
    if count == shown:
        return HttpResponse(status=204)
    return render(request, "practice/square_news.html", {"after": after, "count": count})


@require_http_methods(["GET", "HEAD", "POST"])
@practice_view(OPEN)
def thread(request: HttpRequest, post_id: int) -> HttpResponse:
    """Show a thread, and take an answer."""
    posts = queries.thread(post_id)
    if posts is None:
        raise Http404
    refused = None
    if request.method == "POST":
        said = _say(request)
        if isinstance(said, Post):
            return redirect(f"{reverse('practice:thread', args=[posts[0].post.id])}#post-{said.id}")
        refused = said
    wanted = request.GET.get("answer", "") or request.POST.get("parent_id", "")
    answered = next((one.post for one in posts if one.post.id == wanted), posts[0].post)
    context = {
        **_common(request, refused, limit=PUBLIC_LENGTH, parent=answered),
        "posts": posts,
        "root": posts[0].post,
        "answered": answered,
        "news_url": reverse("practice:thread_news", args=[posts[0].post.id]),
        "last_id": posts[-1].id,
    }
    return _page(request, "practice/thread.html", context, refused)


@require_GET
@practice_view(OPEN)
def thread_news(request: HttpRequest, post_id: int) -> HttpResponse:
    """Show what came into a thread since; 204 for nothing."""
    posts = queries.thread(post_id, after=_number(request, "after"))
    return _news(request, posts or [], reverse("practice:thread_news", args=[post_id]), where="thread")


@require_GET
@practice_view(OPEN)
def profile(request: HttpRequest, handle: str) -> HttpResponse:
    """Show an account and what it said in public."""
    person = _person(handle)
    before = _number(request, "before") or None
    context = {**_common(request), "person": person, "square": queries.square(author=person, before=before)}
    return render(request, "practice/profile.html", context)


@require_GET
@practice_view(OPEN)
def talks(request: HttpRequest) -> HttpResponse:
    """Show the private conversations of the customer who is played."""
    common = _common(request)
    me: Person | None = common["me"]
    context = {
        **common,
        "page": "talks",
        "talks": queries.talks(me) if me else [],
        "brands": [brand.person for brand in queries.brands()],
    }
    return render(request, "practice/talks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@practice_view(OPEN)
def talk(request: HttpRequest, handle: str) -> HttpResponse:
    """Show a private conversation, and take a message."""
    other = _person(handle)
    refused = None
    if request.method == "POST":
        said = _say(request, to=other.handle)
        if isinstance(said, Post):
            return redirect(f"{reverse('practice:talk', args=[other.handle])}#post-{said.id}")
        refused = said
    common = _common(request, refused, limit=PRIVATE_LENGTH)
    me: Person | None = common["me"]
    posts = queries.talk(me, other) if me else []
    context = {
        **common,
        "other": other,
        "posts": posts,
        "news_url": reverse("practice:talk_news", args=[other.handle]),
        "last_id": posts[-1].id if posts else 0,
    }
    return _page(request, "practice/talk.html", context, refused)


@require_GET
@practice_view(OPEN)
def talk_news(request: HttpRequest, handle: str) -> HttpResponse:
    """Show what came into a private conversation since; 204 for nothing."""
    me = queries.customer(request.session.get(PLAYED))
    posts = queries.talk(me, _person(handle), after=_number(request, "after")) if me else []
    return _news(request, posts, reverse("practice:talk_news", args=[handle]), where="talk")


@require_http_methods(["GET", "HEAD", "POST"])
@practice_view(OPEN)
def who(request: HttpRequest) -> HttpResponse:
    """Choose a customer to play, or make one up."""
    refused = None
    if request.method == "POST":
        chosen = _choose(request)
        if isinstance(chosen, Person):
            _play(request, chosen)
            return redirect(_next(request))
        refused = chosen
    context = {**_common(request, refused), "people": queries.latest_customers(), "next": _next(request)}
    return _page(request, "practice/who.html", context, refused)


@require_POST
@practice_view(OPEN)
def delete(request: HttpRequest, post_id: int) -> HttpResponse:
    """Delete a post of the customer who is played."""
    me = queries.customer(request.session.get(PLAYED))
    if me is None:
        raise Http404
    try:
        actions.delete_post(str(post_id), by=me, now=utc_now())
    except RefusedError:
        raise Http404 from None
    return redirect(_next(request))


def _say(request: HttpRequest, *, to: str = "") -> Post | RefusedError:
    form = SayForm(request.POST)
    if not form.is_valid():
        code = "text_too_long" if "text" in form.errors else "bad_request"
        return RefusedError(422, code, "The form is not as it was sent out.")
    now = utc_now()
    try:
        me = queries.customer(request.session.get(PLAYED))
        if me is None:
            me = actions.new_customer(form.cleaned_data["name"], now=now)
            _play(request, me)
        return actions.say_on_page(by=me, to=to, now=now, **form.what())
    except RefusedError as refused:
        return refused


def _choose(request: HttpRequest) -> Person | RefusedError:
    chosen = queries.customer(request.POST.get("person", ""))
    if chosen is not None:
        return chosen
    try:
        return actions.new_customer(request.POST.get("name", ""), now=utc_now())
    except RefusedError as refused:
        return refused


def _play(request: HttpRequest, person: Person) -> None:
    request.session[PLAYED] = person.id


def _person(handle: str) -> Person:
    person = queries.person(handle)
    if person is None:
        raise Http404
    return person


def _common(
    request: HttpRequest,
    refused: RefusedError | None = None,
    *,
    limit: int = 0,
    parent: Post | None = None,
    draft: str = "",
) -> dict[str, Any]:
    """Return what every page shows; a text that was refused is kept, with the key of its form."""
    posted = request.POST if refused else {}
    return {
        "me": queries.customer(request.session.get(PLAYED)),
        "refusal": sentence(refused) if refused else "",
        "limit": limit,
        "parent_id": parent.id if parent else "",
        "text": posted.get("text", draft),
        "name": posted.get("name", ""),
        "key": new_uuid(),
    }


def _page(request: HttpRequest, template: str, context: dict[str, Any], refused: RefusedError | None) -> HttpResponse:
    return render(request, template, context, status=refused.status if refused else 200)


def _news(request: HttpRequest, posts: Sequence[queries.Shown], url: str, *, where: str) -> HttpResponse:
    if not posts:
        return HttpResponse(status=204)
    me = queries.customer(request.session.get(PLAYED))
    context = {
        "me": me,
        "posts": posts,
        "news_url": url,
        "last_id": posts[-1].id,
        "where": where,
        "here": url.removesuffix("news/"),
    }
    return render(request, "practice/news.html", context)


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _next(request: HttpRequest) -> str:
    """Return where to go on: only to pages of this network."""
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    home = reverse("practice:square")
    is_ours = wanted.startswith(home) and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else home
