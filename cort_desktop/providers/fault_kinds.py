"""Which kind of fault a refusal is, and whether the same request may be sent again.

Follows RELIABILITY ("Numbers", the retry rules): by the status, and by what a service says, in the words of
each that is known to need it. Not here: how it is told to a person (``faults``), reading it (``reports``).
"""

from __future__ import annotations

from cort_desktop.errors import ErrorKind
from cort_desktop.providers.reports import Report

_PAYMENT = 402
_SERVER_ERRORS = 500
_TOO_MANY = 429
_STATUS: dict[int, tuple[ErrorKind, bool]] = {
    401: ("auth", False),
    403: ("auth", False),
    404: ("not_found", False),
    408: ("timeout", True),
    429: ("throttled", True),
    529: ("throttled", True),
    **dict.fromkeys((409, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524), ("unavailable", True)),
}
_BAD_REQUEST = 400
_TOO_LONG_STATUS = frozenset({400, 413, 422, 500})
_MODERATED_STATUS = frozenset({None, 400, 403, 422})
_MONEY = (
    "insufficient_quota",
    "enforced_spend_limit_reached",
    "billing_hard_limit_reached",
    "billing_not_active",
    "billing_error",
    "insufficient_balance",
    "insufficient_credits",
)
_MONEY_SAID = (
    "credit balance is too low",
    "insufficient balance",
    "insufficient credits",
    "out of credits",
    "key limit exceeded",
    "doesn't have any credits",
    "used all available credits",
)
_SETTLES = ("in_flight_budget_exhausted", "openrouter_in_flight_budget")
"""OpenRouter holds money back for each request on its way: as those end, there is enough again."""
_BAD_KEY = ("api_key_invalid", "invalid_api_key")
_BAD_KEY_SAID = ("api key not valid", "incorrect api key", "invalid api key")
_DAILY_QUOTA = "perday"
"""Google says to wait some seconds although the quota of a day is used up."""
_TOO_LONG = ("context_length_exceeded", "exceed_context_size_error", "context_window_exceeded")
_TOO_LONG_SAID = (
    "maximum context length",
    "context window",
    "context size",
    "context limit",
    "context length",
    "prompt is too long",
    "reduce the length of the messages",
)
_MODERATED = ("content_policy_violation", "content_filter", "responsibleaipolicyviolation", "moderation")
_MODERATED_SAID = (
    "flagged by",
    "was flagged",
    "requires moderation",
    "content management policy",
    "by guardrail",
)
STATUS_OF_WORD = {
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "rate_limited": 429,
    "too_many_requests": 429,
    "overloaded_error": 529,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "request_too_large": 413,
    "exceed_context_size_error": 400,
    "timeout_error": 504,
    "server_error": 500,
    "api_error": 500,
    "invalid_request_error": 400,  # the least precise comes last
}


def kind_of(status: int | None, report: Report) -> tuple[ErrorKind, bool]:
    """The kind of fault, and whether the same request may be sent again.

    No status counts as a fault of the service.
    """
    if (said := _as_said(status, report)) is not None:
        return said
    if status is None:
        return "unavailable", True
    if status in _STATUS:
        return _STATUS[status]
    return ("unavailable", False) if status >= _SERVER_ERRORS else ("bad_request", False)


def _as_said(status: int | None, report: Report) -> tuple[ErrorKind, bool] | None:
    """What the words make of a status that many faults share; None when they say nothing more."""
    if status == _PAYMENT and report.mentions(*_SETTLES):
        return "throttled", True
    if status == _PAYMENT or report.mentions(*_MONEY) or report.says(*_MONEY_SAID):
        return "no_credit", False
    if status in _TOO_LONG_STATUS and (report.mentions(*_TOO_LONG) or report.says(*_TOO_LONG_SAID)):
        return "context_too_long", False
    if status in _MODERATED_STATUS and (report.mentions(*_MODERATED) or report.says(*_MODERATED_SAID)):
        return "moderated", False
    if status == _BAD_REQUEST and (report.mentions(*_BAD_KEY) or report.says(*_BAD_KEY_SAID)):
        return "auth", False
    if status == _TOO_MANY and any(_DAILY_QUOTA in word for word in report.words):
        return "throttled", False
    return None
