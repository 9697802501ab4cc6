"""Nobody reaches what they may not: every route × every person × every kind of thing, and every live topic.

The routes are read from the URL configuration, so that a new one is in the matrix by itself. What must be said by
hand is in tests/access_world.py.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from luister.api.urls.api import urlpatterns as rest_addresses
from luister.config.topics import TOPICS, may_listen
from tests import access_world
from tests.access_filled import FILLED_IN, HIDDEN, TOLD_WHY_NOT, Filled, Filler
from tests.access_world import (
    ARGUMENTS,
    CASE_KINDS,
    EVERYONE,
    EXPORTS,
    INSIDERS,
    NOBODIES,
    NOWHERE,
    PERMISSIONS,
    PRIVATE_KINDS,
    READS_PRIVATE,
    World,
    canary,
    reaches,
    role_of,
)

pytestmark = pytest.mark.django_db

# django-allauth's own views carry no declaration of ours: what each may show, and why.
ALLAUTH = {
    "account_login": "the door",
    "account_logout": "ends one's own session",
    "account_inactive": "says that an account is switched off, without saying whose",
    "account_reauthenticate": "asks the signed-in user for their own password",
    "account_change_password": "one's own password",
    "account_set_password": "one's own password",
    "account_reset_password": "answers alike for known and unknown addresses",
    "account_reset_password_done": "says the same to everyone",
    "account_reset_password_from_key": "the key from the mail opens it",
    "account_reset_password_from_key_done": "says the same to everyone",
    "mfa_index": "one's own second step",
    "mfa_authenticate": "the second step of a sign-in that is under way",
    "mfa_reauthenticate": "asks the signed-in user for their own code",
    "mfa_activate_totp": "one's own second step",
    "mfa_deactivate_totp": "one's own second step",
    "mfa_view_recovery_codes": "one's own recovery codes",
    "mfa_generate_recovery_codes": "one's own recovery codes",
    "mfa_download_recovery_codes": "one's own recovery codes",
}
# Routes that answer unsafe methods without a CSRF token, and why that is safe.
WITHOUT_CSRF: dict[str, str] = {"practice:api": "asks for a brand's token in a header, which no other site can send"}
WITHOUT_CSRF |= {
    f"rest:{pattern.name}": "asks for a token in a header, which no other site can send" for pattern in rest_addresses
}


@dataclass(frozen=True)
class Route:
    """One address pattern of the URL configuration."""

    name: str
    pattern: str
    arguments: tuple[str, ...]
    view: Any

    @property
    def permission(self) -> str | None:
        """The permission that its gate asks for."""
        return getattr(self.view, "permission", None)

    @property
    def is_personal(self) -> bool:
        """Whether it shows signed-in people what is their own."""
        return hasattr(self.view, "personal_because")

    @property
    def is_open(self) -> bool:
        """Whether anyone may come here."""
        return hasattr(self.view, "open_because")


def routes(patterns: Any = None, *, namespace: str = "", before: str = "") -> Iterator[Route]:
    """Yield every route of the URL configuration."""
    for entry in get_resolver(settings.ROOT_URLCONF).url_patterns if patterns is None else patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry.url_patterns, namespace=inner, before=route)
        elif isinstance(entry, URLPattern):
            arguments = re.findall(r"<(?:\w+:)?(\w+)>", route)
            yield Route(f"{namespace}{entry.name}", route, tuple(arguments), entry.callback)


ROUTES = list(routes())
GATED = [route for route in ROUTES if route.permission]
UNGATED = [route for route in ROUTES if not route.permission]
named = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.pattern)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """One world for all: every request is taken back after it was answered."""
    # Sessions in cookies save a question for each of some ten thousand requests.
    ours = override_settings(LUISTER_PRACTICE=True, SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies")
    with django_db_blocker.unblock(), transaction.atomic(), ours:
        yield access_world.build()
        transaction.set_rollback(True)


def test_every_route_declares_who_may_come():
    def ways(route):
        is_allauths = route.view.__module__.startswith("allauth.") and route.name in ALLAUTH
        return sum([bool(route.permission), route.is_personal, route.is_open, is_allauths])

    assert [route.pattern for route in ROUTES if ways(route) != 1] == [], (
        "These do not say who may come: put @member_view(Permission.…), @personal_view('what') or "
        "@open_view('why') from luister.accounts.access on their views."
    )
    assert [route.pattern for route in ROUTES if route.name.endswith(("None", ":"))] == [], "These need a name."


def test_every_route_takes_arguments_that_the_matrix_knows():
    unknown = {route.pattern: set(route.arguments) - {"slug", *ARGUMENTS} for route in ROUTES}

    assert {pattern: names for pattern, names in unknown.items() if names} == {}, (
        "Add to ARGUMENTS in tests/access_world.py which values to try, or use a name that is there."
    )


def test_every_route_of_a_workspace_has_a_gate():
    assert [route.pattern for route in ROUTES if ("slug" in route.arguments) != bool(route.permission)] == [], (
        "What lies in a workspace is reached through @member_view, and nothing else is."
    )


def addresses(route: Route, world: World, slug: str, *, kinds: Collection[str] | None = None) -> dict[str, str]:
    """Return the addresses to try, by the kind of thing that they lead to."""
    names = [name for name in route.arguments if name != "slug"]
    values = [ARGUMENTS[name](world) for name in names]
    all_kinds = set.intersection(*(set(found) for found in values)) if values else {"own"}
    fixed = {"slug": slug} if "slug" in route.arguments else {}
    return {
        kind: reverse(route.name, kwargs=fixed | {name: found[kind] for name, found in zip(names, values, strict=True)})
        for kind in sorted(all_kinds if kinds is None else all_kinds.intersection(kinds))
    }


def ask(
    world: World, person: str, method: str, address: str, *, filler: Filler | None = None, kind: str = ""
) -> HttpResponse:
    """Send one request and take back whatever it changed; `filler` readies what it is about."""
    point = transaction.savepoint()
    try:
        filled = filler(world, person, kind) if filler else Filled()
        asked = f"{address}?{urlencode(filled.query)}" if filled.query else address
        answer = getattr(world.browser(person), method)(asked, data=filled.form if method == "post" else {})
    finally:
        transaction.savepoint_rollback(point)
    assert answer.status_code < 500, f"{person}: {method.upper()} {address} answers {answer.status_code}"
    assert_defended(answer, address)
    return answer


# What a browser would run although our policy forbids it: the page would be broken, and the policy tested by luck.
INLINE = re.compile(r"<script(?![^>]*(?:src=|application/json))|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def assert_defended(answer: HttpResponse, address: str) -> None:
    """Refuse an answer without the headers that defend the browser, or with code in its markup."""
    policy = answer.headers.get("Content-Security-Policy", "")
    assert "default-src" in policy, address
    assert "unsafe" not in policy.replace("style-src 'unsafe-inline'", "" if "sandbox" in policy else policy), address
    assert answer.headers["X-Content-Type-Options"] == "nosniff", address
    assert answer.headers["Referrer-Policy"] == "same-origin", address
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        assert "no-store" in answer.headers["Cache-Control"], address
        if "sandbox" not in policy:
            found = INLINE.search(answer.content.decode())
            assert not found, f"{address}: {found}"


def ask_once(world: World, person: str, method: str, address: str) -> HttpResponse:
    """Send a request whose answer is always the same, and remember it."""
    key = (person, method, address)
    if key not in world.remembered:
        world.remembered[key] = ask(world, person, method, address)
    return world.remembered[key]


def words_of(answer: HttpResponse) -> str:
    """Return what an answer says, without what differs each time."""
    if answer.streaming:
        return b"".join(answer.streaming_content).decode(errors="replace")
    said = answer.content.decode(errors="replace")
    said = re.sub(r"<code>[0-9a-f]{8}</code>", "", said)
    return re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]+"', "", said)


def let_in(answer: HttpResponse) -> bool:
    """Say whether the person got what they came for, and was not told on the next page why not."""
    told = getattr(answer.wsgi_request, "_messages", None)
    refusals = [said for said in getattr(told, "_queued_messages", ()) if said.level == messages.ERROR]
    return 200 <= answer.status_code < 400 and not is_at_the_door(answer) and not refusals


def is_at_the_door(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer.headers["Location"].startswith(reverse(settings.LOGIN_URL))


# Whom a gate turns away never comes to what lies behind it, whichever case it is: one address for each place does.
AT_THE_GATE = {"no team", "own", "elsewhere", "nowhere"}


@pytest.mark.parametrize("route", GATED, ids=lambda route: route.pattern)
def test_gate_lets_in_whom_the_table_names(world, route):
    leads_nowhere: set[str] = set()  # methods that the route has not, be the gate passed
    for person in EVERYONE:
        passes = person in INSIDERS and route.permission in PERMISSIONS[role_of(person)]
        for kind, address in addresses(route, world, "eigen", kinds=None if passes else AT_THE_GATE).items():
            filler = FILLED_IN.get(route.name)
            answers = {
                method: ask(world, person, method, address, kind=kind, filler=filler)
                for method in ("get", "post")
                if not (passes and method in leads_nowhere)
            }

            if person in NOBODIES:
                assert all(is_at_the_door(answer) for answer in answers.values()), f"{person}: {address} ({kind})"
            elif reaches(person, route.permission, kind) and not is_hidden(route, person, kind):
                assert_let_in(route, person, answers, f"{person} cannot reach {address} ({kind})")
            else:
                assert_alike(world, person, route, answers, f"{person} reaches {address} ({kind})")
            assert_no_foreign_words(person, answers.values(), address)
            assert_hears_what_it_names(world, person, answers.values(), address)
            if any("Content-Disposition" in answer.headers for answer in answers.values()):
                assert route.name in EXPORTS, "Add it to EXPORTS in tests/access_world.py."
            # This is said before anything is looked for: once is enough.
            leads_nowhere |= {method for method, answer in answers.items() if answer.status_code == 405}


@pytest.mark.parametrize("route", GATED, ids=lambda route: route.pattern)
def test_gate_keeps_everyone_of_ours_out_of_another_workspace(world, route):
    for person in ("administrator", "agent", "partner", "removed", "without workspace"):
        for kind, address in list(addresses(route, world, "ander").items())[:2]:
            answers = {method: ask(world, person, method, address) for method in ("get", "post")}

            assert_alike(world, person, route, answers, f"{person} reaches {address} ({kind})")


def is_hidden(route: Route, person: str, kind: str) -> bool:
    """Say whether the table of what is hidden names this."""
    hidden, _why = HIDDEN.get(route.name, (set(), ""))
    return (person, kind) in hidden


def assert_let_in(route: Route, person: str, answers: dict[str, HttpResponse], reproach: str) -> None:
    """Insist that a route does what it is for by one of its methods at least, and hides behind none of them."""
    had = {method: answer for method, answer in answers.items() if answer.status_code != 405}
    said = {method: answer.status_code for method, answer in had.items()}
    assert not {403, 404} & {*said.values()}, f"{reproach}: {said}"
    assert not any(is_at_the_door(answer) for answer in had.values()), f"{reproach}: {said}"
    others, _why = TOLD_WHY_NOT.get(route.name, ((), ""))
    assert any(let_in(answer) for answer in had.values()) == (person not in others), f"{reproach}: {said}"


def assert_alike(world: World, person: str, route: Route, answers: dict[str, HttpResponse], reproach: str) -> None:
    """Hold the answers against those of a workspace that does not exist: nothing may tell the two apart."""
    names = [name for name in route.arguments if name != "slug"]
    nowhere = reverse(route.name, kwargs={"slug": "nergens"} | dict.fromkeys(names, NOWHERE))
    for method, answer in answers.items():
        if answer.status_code == 405:  # this method leads nowhere for anyone
            continue
        expected = ask_once(world, person, method, nowhere)
        assert (answer.status_code, words_of(answer)) == (404, words_of(expected)), reproach


def assert_no_foreign_words(person: str, answers: Any, address: str) -> None:
    """Refuse any word of a thing that this person may not see, wherever it would have come from."""
    hidden = {"elsewhere"} | {kind for kind in CASE_KINDS if kind not in access_world.VISIBLE_CASES.get(person, ())}
    if person not in READS_PRIVATE:
        hidden |= PRIVATE_KINDS
    if person == "administrator elsewhere":
        hidden.discard("elsewhere")
    for answer in answers:
        said = words_of(answer)
        found = sorted(kind for kind in hidden if canary(kind) in said)
        assert not found, f"{address} shows {person} what is {', '.join(found)}"


NAMED_TOPICS = re.compile(rb'\bdata-live="([^"]*)"')


def assert_hears_what_it_names(world: World, person: str, answers: Any, address: str) -> None:
    """Refuse a page that asks for a topic which its reader may not hear: it would be told of nothing at all."""
    for answer in answers:
        named = b" ".join(NAMED_TOPICS.findall(b"" if answer.streaming else answer.content))
        for topic in sorted(set(named.decode().split())):
            key = (person, "hears", topic)
            if key not in world.remembered:
                world.remembered[key] = may_listen(world.users[person], topic)
            assert world.remembered[key], f"{address} has {person} listen to {topic}"


@pytest.mark.parametrize("route", UNGATED, ids=lambda route: route.pattern)
def test_route_without_gate_shows_nothing_of_any_workspace(world, route):
    for person in EVERYONE:
        for address in list(addresses(route, world, "").values())[:2]:
            answers = [ask(world, person, method, address) for method in ("get", "post")]

            if route.is_personal:
                assert all(is_at_the_door(answer) == (person in NOBODIES) for answer in answers), address
            assert_no_foreign_words(person, answers, address)


@named
def test_unsafe_method_asks_for_a_token(world, route):
    assert getattr(route.view, "csrf_exempt", False) == (route.name in WITHOUT_CSRF), (
        f"{route.pattern} asks for no CSRF token: say why in WITHOUT_CSRF, or take @csrf_exempt off."
    )
    if route.name in WITHOUT_CSRF:
        return
    client = world.browser("administrator", asks_for_tokens=True)

    for address in list(addresses(route, world, "eigen").values())[:1]:
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(client, method)(address)

            assert answer.status_code == 403, f"{method.upper()} {address}"
            assert "X-Luister-Reason" in answer.headers


TOPIC_OBJECTS = {
    "workspace": lambda world: {"own": world.own.pk, "elsewhere": world.other.pk, "nowhere": NOWHERE},
    "case": lambda world: {kind: case.pk for kind, case in world.cases.items()} | {"nowhere": NOWHERE},
    "listening": lambda world: {"own": world.own.pk, "elsewhere": world.other.pk, "nowhere": NOWHERE},
    "user": lambda world: {person: user.pk for person, user in world.users.items() if user} | {"nowhere": NOWHERE},
}


def hears(person: str, topic: str, kind: str) -> bool:
    """Say whether a person may listen to a topic."""
    if topic == "user":
        return person == kind
    if kind == "elsewhere":
        return person == "administrator elsewhere"
    return reaches(person, "see_listening" if topic == "listening" else "see_cases", kind)


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("person", [person for person in EVERYONE if person not in NOBODIES])
def test_live_topic_is_heard_by_whom_the_table_names(world, topic, person):
    assert topic in TOPIC_OBJECTS, f"Add the topic {topic} to TOPIC_OBJECTS."

    for kind, number in TOPIC_OBJECTS[topic](world).items():
        assert may_listen(world.users[person], f"{topic}:{number}") == hears(person, topic, kind), kind


def test_live_topic_that_is_malformed_is_refused(world):
    person = world.users["administrator"]
    for topic in (
        "",
        "case",
        "case:",
        "case:x",
        "case:-1",
        "case:1:2",
        "workspace:²",
        f"workspace:{'9' * 30}",
        "other:1",
    ):
        assert not may_listen(person, topic)
