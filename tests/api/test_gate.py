"""What every request passes: tokens, scopes, pace, and what is sent wrongly. A1 to A7 and A9 of the bad inputs."""

import json
from datetime import timedelta

import psycopg
import pytest
from django.core import mail
from django.db import InternalError, OperationalError, connection
from django.test import Client

from luister.accounts.actions import remove_member
from luister.accounts.models import AuditEntry, Membership, User
from luister.api.actions import telling
from luister.api.actions.tokens import revoke
from luister.api.models import KeptAnswer, Token
from luister.api.queries import lists
from luister.base.clock import utc_now
from luister.base.ids import lock_key
from luister.inbox.models import CaseLabel, Note, Reply
from luister.queue import collecting
from tests import factories as make
from tests.api.programs import program

pytestmark = pytest.mark.django_db


def problem(answer, status, code):
    """Check that an answer is a problem document of this status and code, and return it."""
    document = json.loads(answer.content)
    assert (answer.status_code, document["code"]) == (status, code), document
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert document["status"] == status
    assert document["title"]
    return document


@pytest.mark.parametrize(
    ("kind", "state", "status", "code"),
    [
        (OperationalError, None, 503, "unavailable"),
        (OperationalError, "57P01", 503, "unavailable"),
        (InternalError, "25006", 503, "unavailable"),  # a standby
        (OperationalError, "57014", 500, "failed"),  # a statement that took too long: a fault of ours
    ],
)
def test_a_database_that_is_away_is_told_from_a_fault_of_ours(app, monkeypatch, kind, state, status, code):
    def broken(*_given, **_more):
        cause = psycopg.Error()
        cause.sqlstate = state
        raise kind from cause

    monkeypatch.setattr(lists, "newest_posts", broken)

    answer = app.get("/posts")

    problem(answer, status, code)
    assert answer.headers.get("Retry-After") == ("5" if status == 503 else None)


def test_without_token_nothing_is_answered(app):
    for headers in ({"Authorization": None}, {"Authorization": "Basic aGFsbG8="}, {"Authorization": "Bearer "}):
        answer = app.get("/me", **headers)
        problem(answer, 401, "key_missing")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    problem(app.get("/me", Authorization="Bearer luister_onbekend"), 401, "key_invalid")


def test_session_is_no_token(lead):
    browser = Client()
    browser.force_login(lead.user, backend="allauth.account.auth_backends.AuthenticationBackend")

    assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    "end",
    [
        lambda app: Token.objects.update(expires_at=utc_now() - timedelta(seconds=1)),
        lambda app: revoke(app.token, by=None, now=utc_now()),
        lambda app: User.objects.filter(pk=app.member.user_id).update(is_active=False),
        lambda app: Membership.objects.filter(pk=app.member.pk).update(is_active=False),
    ],
    ids=["expired", "revoked", "user gone", "member gone"],
)
def test_token_dies_at_once(app, end):
    assert app.get("/me").status_code == 200

    end(app)

    problem(app.get("/me"), 401, "key_invalid")


def test_token_dies_with_its_membership(app, lead):
    other = make.MembershipFactory(workspace=lead.workspace, role="agent")
    theirs = program(other, name="hun")
    assert theirs.get("/me").status_code == 200

    remove_member(other, by=lead, now=utc_now())

    problem(theirs.get("/me"), 401, "key_invalid")


@pytest.mark.parametrize("name", ["token", "access_token", "anything"])
def test_token_in_address_is_refused_and_revoked(app, lead, name):
    with collecting() as jobs:
        problem(app.get(f"/me?{name}={app.text}"), 401, "key_in_address")

    problem(app.get("/me"), 401, "key_invalid")
    token = Token.objects.get(pk=app.token.pk)
    assert (token.ending, token.ended_at is not None) == ("leaked", True)
    entry = AuditEntry.objects.get(verb="token.leaked")
    assert app.text not in str(entry.detail)
    assert [job.name for job in jobs] == ["api.tell_of_leak"]
    telling.tell_of_leak(token.pk)
    assert mail.outbox[0].to == [lead.user.email]
    assert app.text not in mail.outbox[0].body


def test_name_of_a_key_in_address_is_refused(app):
    problem(app.get("/me?api_key=x"), 401, "key_in_address")
    assert app.get("/me").status_code == 200


def test_thing_of_another_workspace_is_as_one_that_is_nowhere(app, case):
    elsewhere = make.CaseFactory(number=case.number + 1)

    there, nowhere = app.get(f"/cases/{elsewhere.number}"), app.get("/cases/99999")

    assert problem(there, 404, "not_found") == problem(nowhere, 404, "not_found")


def test_scope_and_right_are_both_needed(lead, case):
    reads = program(lead, scopes=["cases:read"], name="leest")
    assert reads.get("/cases").status_code == 200
    refused = problem(reads.post(f"/cases/{case.number}/notes", {"text": "x"}), 403, "scope_missing")
    assert refused["scope"] == "cases:write"

    analyst = program(make.MembershipFactory(workspace=lead.workspace, role="analyst"))
    problem(analyst.post(f"/cases/{case.number}/notes", {"text": "x"}), 403, "not_permitted")


@pytest.mark.parametrize("field", ["is_admin", "bcc", "account_id"])
def test_unknown_field_is_refused(app, case, field):
    told = problem(app.post(f"/cases/{case.number}/notes", {"text": "x", field: 1}), 422, "unknown_field")

    assert told["errors"][0]["at"] == f"body.{field}"
    assert not Note.objects.exists()


def test_errors_speak_the_language_that_is_asked_for(app, case):
    def title(language):
        return problem(app.get("/cases?limit=0", Accept_Language=language), 422, "invalid")["title"]

    assert title("nl") == "Iets in het verzoek is niet zoals het hoort."
    assert title("en") == "Something in the request is not as it should be."


def test_same_key_is_answered_once(app, case):
    first = app.post(f"/cases/{case.number}/notes", {"text": "eerste"}, Idempotency_Key="a-1")
    again = app.post(f"/cases/{case.number}/notes", {"text": "eerste"}, Idempotency_Key="a-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Note.objects.count() == 1


def test_same_key_with_another_request_is_refused(app, case):
    app.post(f"/cases/{case.number}/notes", {"text": "eerste"}, Idempotency_Key="a-1")

    problem(
        app.post(f"/cases/{case.number}/notes", {"text": "tweede"}, Idempotency_Key="a-1"), 422, "idempotency_mismatch"
    )
    problem(app.post(f"/cases/{case.number}/labels", {"name": "x"}, Idempotency_Key="a-1"), 422, "idempotency_mismatch")
    assert Note.objects.count() == 1


@pytest.mark.parametrize("key", ["", "met een spatie", "x" * 256])
def test_key_that_is_none_is_refused(app, case, key):
    problem(app.post(f"/cases/{case.number}/notes", {"text": "eerste"}, Idempotency_Key=key), 422, "invalid")


def test_refused_request_may_come_again_with_its_key(app, case):
    problem(app.post(f"/cases/{case.number}/notes", {"text": " "}, Idempotency_Key="a-1"), 422, "note.empty")

    assert app.post(f"/cases/{case.number}/notes", {"text": "nu wel"}, Idempotency_Key="a-1").status_code == 201
    assert KeptAnswer.objects.count() == 1


def test_key_is_forgotten_after_a_day(app, case):
    app.post(f"/cases/{case.number}/notes", {"text": "eerste"}, Idempotency_Key="a-1")
    KeptAnswer.objects.update(at=utc_now() - timedelta(hours=24, seconds=1))

    assert app.post(f"/cases/{case.number}/notes", {"text": "tweede"}, Idempotency_Key="a-1").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_key_of_a_request_under_way_is_refused(app, case):
    parameters = connection.get_connection_params()
    other = connection.get_new_connection(parameters)  # another process that answers the first request
    try:
        other.execute("SELECT pg_advisory_lock(%s)", [lock_key("api.key", f"{app.token.pk}:a-1")])
        answer = app.post(f"/cases/{case.number}/notes", {"text": "eerste"}, Idempotency_Key="a-1")
    finally:
        other.close()

    problem(answer, 409, "idempotency_in_progress")
    assert not Note.objects.exists()


@pytest.mark.parametrize("query", ["limit=1000000", "limit=0", "limit=x", "cursor=verzonnen"])
def test_place_in_a_list_that_is_none_is_refused(app, case, query):
    code = "cursor_invalid" if "cursor" in query else "invalid"
    problem(app.get(f"/cases?{query}"), 422, code)


def test_unknown_parameter_is_refused(app):
    told = problem(app.get("/cases?offset=-1"), 422, "unknown_field")

    assert told["errors"][0]["at"] == "query.offset"


def test_cursor_belongs_to_its_list(app, lead, case):
    make.CaseFactory(workspace=lead.workspace, channel=case.channel, identity=case.identity)
    cursor = app.get("/cases?limit=1").json()["next_cursor"]
    assert cursor

    assert len(app.get(f"/cases?limit=1&cursor={cursor}").json()["rows"]) == 1
    problem(app.get(f"/cases?limit=1&view=closed&cursor={cursor}"), 422, "cursor_invalid")
    problem(app.get(f"/cases?limit=1&cursor={cursor[:-2]}xx"), 422, "cursor_invalid")
    problem(app.get(f"/contacts?limit=1&cursor={cursor}"), 422, "cursor_invalid")


@pytest.mark.parametrize(
    "kind", ["application/xml", "text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"]
)
def test_other_content_type_is_refused(app, case, kind):
    answer = app.post(f"/cases/{case.number}/notes", b'{"text": "x"}', Content_Type=kind)

    problem(answer, 415, "unsupported_media_type")
    assert not Note.objects.exists()


def test_body_that_is_no_json_is_refused(app, case):
    problem(app.post(f"/cases/{case.number}/notes", b'{"text": "x"'), 400, "not_json")
    problem(app.post(f"/cases/{case.number}/notes", b"[1]"), 422, "invalid")
    problem(app.post(f"/cases/{case.number}/notes", {"text": "a\x00b"}), 422, "invalid")
    problem(app.post(f"/cases/{case.number}/notes", {"text": "x" * 2_100_000}), 413, "too_large")


def test_method_override_is_ignored(app, case):
    make.CaseLabelFactory(case=case)

    answer = app.get(f"/cases/{case.number}", X_HTTP_Method_Override="DELETE")

    assert answer.status_code == 200
    assert CaseLabel.objects.count() == 1


def test_unknown_method_and_address_are_problems(app):
    answer = app.ask("PUT", "/cases")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"
    problem(app.get("/nergens"), 404, "not_found")


def test_change_of_a_stale_version_is_refused(app, case):
    version = app.get(f"/cases/{case.number}").headers["ETag"]
    changed = app.ask("PATCH", f"/cases/{case.number}", {"is_urgent": True}, If_Match=version)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != version

    answer = app.ask("PATCH", f"/cases/{case.number}", {"is_urgent": False}, If_Match=version)

    told = problem(answer, 409, "version_conflict")
    assert f'"{told["version"]}"' == changed.headers["ETag"] == answer.headers["ETag"]
    assert app.get(f"/cases/{case.number}").json()["is_urgent"]


def test_reply_to_a_case_in_which_something_was_said_since_is_refused(app, case):
    reply = {"text": "Gevonden!", "is_public": True, "seen_version": 0}

    told = problem(app.post(f"/cases/{case.number}/replies", reply), 409, "version_conflict")

    assert told["posts_version"] == 1
    assert not Reply.objects.exists()


def test_ten_thousand_requests_are_slowed_down_and_pages_are_not(app, lead, settings):
    settings.LUISTER_API_REQUESTS_A_MINUTE = 3
    answers = [app.get("/me") for _ in range(10)]

    assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
    assert answers[0].headers["RateLimit-Policy"] == '"token";q=3;w=60'
    assert answers[0].headers["RateLimit"].startswith('"token";r=2;t=')
    problem(answers[-1], 429, "rate_limited")
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 20
    browser = Client()
    browser.force_login(lead.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get(f"/w/{lead.workspace.slug}/", follow=True).status_code == 200
    Token.objects.update(paced_to=utc_now())
    assert app.get("/me").status_code == 200


def test_failure_is_told_without_its_words(app, monkeypatch, caplog):
    def fail(*_args, **_rest):
        raise RuntimeError("geheim")

    monkeypatch.setattr("luister.api.routes.cases.cases_in", fail)

    answer = app.get("/cases")

    problem(answer, 500, "failed")
    assert b"geheim" not in answer.content
    assert "api.failed" in caplog.text
