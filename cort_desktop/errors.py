"""The one tree of errors a person may meet. Every message says what happened, to which thing, what to do
next.

    CortError
    ├── SettingsError    the configuration, a key or an option is missing or wrong
    │   └── UsageError   the command line names something that does not exist
    ├── ProviderError    a model could not be asked, or did not answer
    ├── LimitError       a limit on spending allows no further run
    ├── RunError         a run could not be started, resumed or finished
    └── StorageError     the data could not be read or written

Our own bugs are not CortErrors: they go to the crash report. Foreign exceptions are translated at the border
they cross, with ``raise … from``.
"""

from __future__ import annotations

from typing import Literal

__all__ = [
    "TRY_LATER",
    "CortError",
    "ErrorKind",
    "LimitError",
    "ProviderError",
    "RunError",
    "SettingsError",
    "StorageError",
    "UsageError",
]

TRY_LATER = "try again later or use another model"
"""The advice of what may pass. Where the program tries again by itself, it is left out of what is shown."""

ErrorKind = Literal[
    "unreachable",  # connection refused, reset before the first content
    "offline",  # the name could not be looked up
    "timeout",  # no connection, no first content or no end in time
    "tls",  # the certificate is not valid for the host
    "auth",  # 401, 403, or no key
    "no_credit",  # 402, or a 429 that means money
    "not_found",  # 404: the model or the address is unknown
    "bad_request",  # 400, 413, 422 and what else the caller must change
    "unsupported",  # the service refused one parameter; it is dropped and remembered
    "context_too_long",  # the request does not fit the model's context
    "throttled",  # 429, 529: too many requests
    "unavailable",  # 5xx
    "moderated",  # the service refused the content
    "not_an_api",  # something answered, but it speaks no chat API
    "interrupted",  # the stream broke after the first content
    "cut_by_limit",  # the answer went over one of our own limits
    "no_content",  # the stream ended well and said nothing
    "looping",  # the same chunk over and over
    "circuit_open",  # nothing was sent: the breaker is open
    "crashed",  # the built-in model's process died
    "model_file",  # the built-in model's file is missing or damaged
    "over_budget",  # a further attempt did not fit the budget
]


class CortError(Exception):
    """What happened, to which thing, what to do next, in one sentence."""


class SettingsError(CortError):
    """A setting, a key or the configuration file is missing or wrong (exit code 3)."""


class UsageError(SettingsError):
    """The command line names an option, model or strategy that does not exist (exit code 2)."""


class LimitError(CortError):
    """A limit on what a conversation, a day or a month may cost is used up: nothing was sent (exit code 5).

    standing: how the limit is used, a ``domain.spending.Standing``.
    """

    def __init__(self, message: str, *, standing: object) -> None:
        super().__init__(message)
        self.standing = standing


class RunError(CortError):
    """A run could not be started, resumed or finished."""


class StorageError(CortError):
    """The data could not be read or written (exit code 6). What is in memory is kept."""


class ProviderError(CortError):
    """A call to a model failed.

    kind: the class of fault, which decides what is done about it. status: the HTTP status, if there was
    one. retryable: whether the same request may be sent again. retry_after_s: seconds the service asked us
    to wait. partial and reasoning: the text that had arrived. sent: False when no byte of the request left.
    hints: what the service told of its limits with it; read it by ``domain.calls.hints_of``. is_callers: the
    caller's own budget or deadline had a part in how it ended, so that it says little to another caller.
    """

    hints: object | None = None
    is_callers: bool = False

    def __init__(  # noqa: PLR0913 - what is known of a failed call, each by name
        self,
        message: str,
        *,
        kind: ErrorKind,
        status: int | None = None,
        retryable: bool = False,
        retry_after_s: float | None = None,
        partial: str = "",
        reasoning: str = "",
        sent: bool = True,
    ) -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind
        self.status = status
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.partial = partial
        self.reasoning = reasoning
        self.sent = sent
