"""What can go wrong with Calendly.

CalendlyError
├── TokenRefused      401: the token is invalid, expired or revoked; only connecting again helps
├── GrantRefused      invalid_grant: a code or refresh token is used, expired or revoked; only connecting again helps
├── ScopesMissing     403 or 400: the token lacks scopes; they are named where Calendly names them
├── PermissionDenied  403: the user's role or plan does not allow it
├── NotFound          404
├── AlreadyExists     409: there is a webhook subscription with this URL
├── Refused           any other 4xx: our request was wrong
└── Unavailable       429, 5xx, 424, no answer, or an answer that is not Calendly's; trying later helps
"""


class CalendlyError(Exception):
    """Base of all; messages name the call and the status, never a token or a body."""


class TokenRefused(CalendlyError):
    """401."""


class GrantRefused(CalendlyError):
    """The answer `invalid_grant` of OAuth."""


class ScopesMissing(CalendlyError):
    """The token lacks scopes."""

    def __init__(self, scopes: tuple[str, ...]) -> None:
        self.scopes = scopes
        super().__init__(", ".join(scopes))


class PermissionDenied(CalendlyError):
    """403 for any reason but scopes."""


class NotFound(CalendlyError):
    """404."""


class AlreadyExists(CalendlyError):
    """409."""


class Refused(CalendlyError):
    """Any other 4xx; `parameters` are those that Calendly names as wrong."""

    def __init__(self, message: str, *, status: int, parameters: tuple[str, ...] = ()) -> None:
        self.status = status
        self.parameters = parameters
        super().__init__(message)


class Unavailable(CalendlyError):
    """Calendly cannot answer now. `wait` is the seconds that it asked for, if it did."""

    def __init__(self, message: str, *, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(message)
