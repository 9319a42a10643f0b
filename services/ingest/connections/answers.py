"""Refusals of the rules and of Calendly as problem details: which status, which type, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

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
    NotFound,
    PermissionDenied,
    ScopesMissing,
    TokenRefused,
    Unavailable,
)
from services.runtime.problems import Problem, not_found

_REFUSALS: dict[type[Refusal], tuple[int, str]] = {
    UserHasAccount: (409, "user-has-account"),
    AccountTaken: (409, "account-linked-elsewhere"),
    PlanRefused: (422, "plan-refused"),
    ChoiceMissing: (422, "choice-missing"),
    ChoiceUnclear: (422, "choice-unclear"),
    CalendarUnknown: (422, "calendar-unknown"),
}

_NEEDED = "users:read organizations:read event_types:read scheduled_events:read webhooks:write"


@contextmanager
def as_problems() -> Iterator[None]:
    """Turn refusals into problems."""
    try:
        yield
    except NotConnected:
        raise not_found("connection") from None
    except Refusal as refusal:
        status, slug = _REFUSALS[type(refusal)]
        raise Problem(status, slug, str(refusal), rule=refusal.rule) from None
    except CalendlyError as error:
        raise _of_calendly(error) from None


def _of_calendly(error: CalendlyError) -> Problem:
    match error:
        case TokenRefused():
            detail = "Calendly does not accept this token. Make a new personal access token there and connect with it."
            return Problem(422, "token-refused-by-calendly", detail)
        case ScopesMissing():
            named = " ".join(error.scopes)
            detail = f"The token lacks scopes: {named}. Make a new one in Calendly with: {_NEEDED}."
            return Problem(422, "scopes-missing", detail, scopes=list(error.scopes))
        case PermissionDenied():
            detail = "Calendly denies this to the account. Check the user's role and plan there, then try again."
            return Problem(422, "denied-by-calendly", detail)
        case Unavailable() | NotFound():
            return Problem(503, "calendly-unavailable", "Calendly does not answer as it should. Try again later.")
        case _:
            return Problem(502, "calendly-refused", "Calendly refused our request. Tell those who run this service.")
