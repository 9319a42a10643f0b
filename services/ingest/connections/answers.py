"""Refusals of the rules and of Calendly as problem details: which status, which type, and what to do."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from domain.refusals import (
    AccountTaken,
    CalendarUnknown,
    ChoiceMissing,
    ChoiceUnclear,
    NotConnected,
    PlanRefused,
    Refusal,
    UserHasAccount,
)
from services.ingest.calendly.errors import (
    CalendlyError,
    GrantRefused,
    NotFound,
    PermissionDenied,
    ScopesMissing,
    TokenRefused,
    Unavailable,
)
from services.ingest.calendly.oauth import SCOPES
from services.ingest.secrets.vault import SecretUnreadable
from services.runtime.problems import Problem, not_found

log = structlog.get_logger(__name__)

RETRY_AFTER = 10.0
"""Seconds, where Calendly asks for no other time."""

_REFUSALS: dict[type[Refusal], tuple[int, str]] = {
    UserHasAccount: (409, "user-has-account"),
    AccountTaken: (409, "account-linked-elsewhere"),
    PlanRefused: (422, "plan-refused"),
    ChoiceMissing: (422, "choice-missing"),
    ChoiceUnclear: (422, "choice-unclear"),
    CalendarUnknown: (422, "calendar-unknown"),
}


@contextmanager
def as_problems(*, by_oauth: bool = False) -> Iterator[None]:
    """Turn refusals into problems; what a person can do about a scope depends on how the account is connected."""
    try:
        yield
    except NotConnected:
        raise not_found("connection") from None
    except Refusal as refusal:
        status, slug = _REFUSALS[type(refusal)]
        raise Problem(status, slug, str(refusal), rule=refusal.rule) from None
    except SecretUnreadable as error:
        raise _unreadable(error) from None
    except CalendlyError as error:
        raise (_of_app(error) if by_oauth and isinstance(error, ScopesMissing) else _of_calendly(error)) from None


def _of_app(error: ScopesMissing) -> Problem:
    named = " ".join(error.scopes)
    detail = f"Calendly gave the OAuth app no access to: {named}. Add it to the app's scopes there, then connect again."
    return Problem(422, "scopes-missing", detail, scopes=list(error.scopes))


def _unreadable(error: SecretUnreadable) -> Problem:
    log.error("stored secret cannot be read", reason=str(error))
    detail = "The stored token cannot be read. Tell those who run this service, or connect the account again."
    return Problem(503, "secret-unreadable", detail)


def _of_calendly(error: CalendlyError) -> Problem:
    match error:
        case TokenRefused():
            detail = "Calendly does not accept this token. Make a new personal access token there and connect with it."
            return Problem(422, "token-refused-by-calendly", detail)
        case GrantRefused():
            detail = "Calendly does not accept what the user came back with. Connect again."
            return Problem(422, "oauth-code-refused", detail)
        case ScopesMissing():
            named = " ".join(error.scopes)
            detail = f"The token lacks scopes: {named}. Make a new one in Calendly with: {SCOPES}."
            return Problem(422, "scopes-missing", detail, scopes=list(error.scopes))
        case PermissionDenied():
            detail = "Calendly denies this to the account. Check the user's role and plan there, then try again."
            return Problem(422, "denied-by-calendly", detail)
        case Unavailable() | NotFound():
            return _unavailable(error)
        case _:
            log.error("Calendly refused our request", reason=str(error), parameters=getattr(error, "parameters", ()))
            return Problem(502, "calendly-refused", "Calendly refused our request. Tell those who run this service.")


def _unavailable(error: Unavailable | NotFound) -> Problem:
    log.warning("Calendly is unavailable", reason=str(error))
    wait = error.wait if isinstance(error, Unavailable) and error.wait is not None else RETRY_AFTER
    detail = "Calendly does not answer as it should. Nothing was changed; try again later."
    return Problem(503, "calendly-unavailable", detail, headers={"Retry-After": str(math.ceil(wait))})
