"""From what actions refuse to what a program is told."""

from collections.abc import Callable
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from luister.accounts.errors import RefusedError
from luister.api.actions.cases import UnknownIdError, VersionConflictError
from luister.api.routes import problems
from luister.api.routes.gate import failure
from luister.api.routes.problems import ProblemError
from luister.base.errors import SentenceError
from luister.inbox.actions.changes import RefusedError as InboxRefusedError
from luister.inbox.actions.replies import ChangedMeanwhileError
from luister.inbox.sentences import refusal as inbox_refusal
from luister.listening.actions.monitors import RefusedError as ListeningRefusedError
from luister.listening.sentences import refusal as listening_refusal
from luister.query import QueryError, sentence
from luister.understanding.actions.correcting import RefusedError as CorrectingRefusedError
from luister.understanding.sentences import refusal as correcting_refusal

# What is refused because of how things stand, rather than because of what was asked.
CONFLICTS: Final = frozenset(
    {
        "case.closed", "reply.already_leaving", "reply.already_settled", "reply.already_judged", "undo.too_late",
        "undo.changed_since",
    }
)  # fmt: skip


def handle(api: NinjaAPI) -> None:
    """Have every error of a route answered with a problem document."""

    def told(make: Callable[[Any], ProblemError]) -> Callable[[HttpRequest, Any], HttpResponse]:
        return lambda _request, error: problems.response(make(error))

    api.add_exception_handler(ProblemError, told(lambda error: error))
    api.add_exception_handler(ValidationError, told(_invalid))
    api.add_exception_handler(HttpError, told(lambda _error: ProblemError("not_json")))
    api.add_exception_handler(Http404, told(lambda _error: ProblemError("not_found")))
    api.add_exception_handler(QueryError, told(query_problem))
    api.add_exception_handler(InboxRefusedError, told(lambda error: _refused(error, inbox_refusal)))
    api.add_exception_handler(ListeningRefusedError, told(lambda error: _refused(error, listening_refusal)))
    api.add_exception_handler(CorrectingRefusedError, told(lambda error: _refused(error, correcting_refusal)))
    api.add_exception_handler(RefusedError, told(lambda error: ProblemError("refused", detail=str(error))))
    api.add_exception_handler(ChangedMeanwhileError, told(_changed_meanwhile))
    api.add_exception_handler(VersionConflictError, told(_version_conflict))
    api.add_exception_handler(UnknownIdError, told(_unknown_id))
    api.add_exception_handler(Exception, _failed)


def _failed(_request: HttpRequest, error: Any) -> HttpResponse:
    return failure(error)


def query_problem(error: QueryError) -> ProblemError:
    """Return the problem of a query that does not parse, with the place of the mistake."""
    more = {"offset": error.offset, "length": error.length}
    says = sentence(error.reason, translate=gettext)
    return ProblemError("query_invalid", reason=error.reason.code, detail=says, more=more)


def _invalid(error: ValidationError) -> ProblemError:
    return problems.invalid([{**one, "loc": _at(one["loc"])} for one in error.errors])


def _at(loc: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return where a mistake stands without the name that the route has for its argument."""
    return (loc[0], *loc[2:]) if len(loc) > 1 and loc[0] == "body" else loc


def _refused(error: SentenceError, say: Callable[[Any], str]) -> ProblemError:
    reason = error.reason.code
    if reason.endswith(".not_found"):
        return ProblemError("not_found")
    return ProblemError("conflict" if reason in CONFLICTS else "refused", reason=reason, detail=say(error.reason))


def _changed_meanwhile(error: ChangedMeanwhileError) -> ProblemError:
    return ProblemError("version_conflict", more={"posts_version": error.case.version})


def _version_conflict(error: VersionConflictError) -> ProblemError:
    return ProblemError("version_conflict", headers={"ETag": f'"{error.current}"'}, more={"version": error.current})


def _unknown_id(error: UnknownIdError) -> ProblemError:
    told = {"at": f"body.{error.field}", "code": "unknown_id", "says": gettext("There is none with this id.")}
    return ProblemError("invalid", detail=f"{told['at']}: {told['says']}", more={"errors": [told]})
