"""Every refusal has its status, its type, and a sentence that says what to do."""

import pytest

from domain import refusals
from domain.refusals import Refusal
from services.ingest.calendly import errors
from services.ingest.calendly.errors import CalendlyError
from services.ingest.connections.answers import as_problems
from services.ingest.secrets.vault import SecretUnreadable
from services.runtime.problems import Problem

E1, E2 = "https://api.calendly.com/event_types/E1", "https://api.calendly.com/event_types/E2"
LATER = "Calendly does not answer as it should. Nothing was changed; try again later."


RULES = [
    (
        refusals.UserHasAccount(),
        409,
        "user-has-account",
        "R20",
        "This user already has a Calendly account connected in this subaccount. "
        "Disconnect it first, then connect the other one.",
    ),
    (
        refusals.AccountTaken(),
        409,
        "account-linked-elsewhere",
        "R21",
        "This Calendly account is already linked elsewhere. It can belong to one user of one subaccount only: "
        "disconnect it there first, or connect another account.",
    ),
    (
        refusals.PlanRefused("basic"),
        422,
        "plan-refused",
        "R22",
        "Calendly's plan 'basic' is not supported. "
        "Upgrade the account to Standard, Teams or Enterprise, then connect again.",
    ),
    (
        refusals.ChoiceMissing([E1, E2]),
        422,
        "choice-missing",
        "R16",
        "Choose what becomes of the synced events of each calendar that leaves the selection: put it in 'removed' "
        f"with 'keep' or 'delete'. Missing: {E1}, {E2}",
    ),
    (
        refusals.ChoiceUnclear([E1]),
        422,
        "choice-unclear",
        "R16",
        f"These calendars are in 'selected' and in 'removed' at once; leave each in one of them: {E1}",
    ),
    (
        refusals.CalendarUnknown([E1]),
        422,
        "calendar-unknown",
        "R3",
        f"These calendars are not among those of the connected account; list its calendars and select from them: {E1}",
    ),
]

OTHERS = [
    (
        refusals.NotConnected(),
        404,
        "not-found",
        "There is no such connection here. Check the subaccount and the id in the address.",
    ),
    (
        errors.TokenRefused("GET /users/me: 401"),
        422,
        "token-refused-by-calendly",
        "Calendly does not accept this token. Make a new personal access token there and connect with it.",
    ),
    (
        errors.GrantRefused("POST /oauth/token: 400"),
        422,
        "oauth-code-refused",
        "Calendly does not accept what the user came back with. Connect again.",
    ),
    (
        errors.ScopesMissing(("users:read", "webhooks:write")),
        422,
        "scopes-missing",
        "The token lacks scopes: users:read webhooks:write. Make a new one in Calendly with: users:read "
        "organizations:read event_types:read scheduled_events:read webhooks:write.",
    ),
    (
        errors.PermissionDenied("GET /organizations/O1: 403"),
        422,
        "denied-by-calendly",
        "Calendly denies this to the account. Check the user's role and plan there, then try again.",
    ),
    (errors.Unavailable("GET /users/me: 503"), 503, "calendly-unavailable", LATER),
    (errors.NotFound("GET /organizations/O1: 404"), 503, "calendly-unavailable", LATER),
    (
        errors.Refused("GET /users/me: 400", status=400),
        502,
        "calendly-refused",
        "Calendly refused our request. Tell those who run this service.",
    ),
    (
        errors.AlreadyExists("POST /webhook_subscriptions: 409"),
        502,
        "calendly-refused",
        "Calendly refused our request. Tell those who run this service.",
    ),
    (
        SecretUnreadable("Add that key."),
        503,
        "secret-unreadable",
        "The stored token cannot be read. Tell those who run this service, or connect the account again.",
    ),
]


def problem(error: Exception) -> Problem:
    """Return the problem that an error becomes."""
    with pytest.raises(Problem) as raised, as_problems():
        raise error
    return raised.value


@pytest.mark.parametrize(
    ("refusal", "status", "slug", "rule", "detail"),
    RULES,
)
def test_a_refusal_of_the_rules(refusal: Refusal, status: int, slug: str, rule: str, detail: str) -> None:
    assert problem(refusal).body == {
        "type": f"/problems/{slug}",
        "title": {409: "Conflict", 422: "Unprocessable Entity"}[status],
        "status": status,
        "detail": detail,
        "rule": rule,
    }


@pytest.mark.parametrize(
    ("error", "status", "slug", "detail"),
    OTHERS,
)
def test_any_other_refusal(error: Exception, status: int, slug: str, detail: str) -> None:
    told = problem(error)
    assert (told.status, told.slug, told.detail) == (status, slug, detail)


@pytest.mark.parametrize(("wait", "told"), [(None, "10"), (41.2, "42")])
def test_when_calendly_is_unavailable_the_answer_says_when_to_try_again(wait: float | None, told: str) -> None:
    error = errors.Unavailable("GET /users/me: 429", wait=wait)
    assert problem(error).headers == {"Retry-After": told}


def test_every_kind_of_either_tree_is_tested_here() -> None:
    kinds = {*Refusal.__subclasses__(), *CalendlyError.__subclasses__(), SecretUnreadable}
    assert {type(case[0]) for case in (*RULES, *OTHERS)} == kinds
