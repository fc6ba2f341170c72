"""What is said of a call that failed, and what a failed attempt has used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import BilledError
from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import ProviderError
from cort_desktop.resilience.attempt import Attempt
from cort_desktop.resilience.breaker import CircuitOpenError

_REDIRECTED = 300
"""From here on a status says that there is no answer."""


def used_by(attempt: Attempt | None, error: ProviderError) -> tuple[Usage | None, int | None]:
    """(usage, micro-dollars) of a failed attempt: as told, nothing where nothing can have been billed, else
    unknown. Without an attempt nothing was sent. What fails inside an answer that began with 200 is a
    BilledError: the status it may name is none of HTTP's.
    """
    if isinstance(error, BilledError):
        return error.usage, error.cost_microusd
    refused = error.status is not None and error.status >= _REDIRECTED
    if attempt is None or (not attempt.said_something and (not error.sent or refused)):
        return Usage(), 0
    return None, None


def in_one(
    errors: Mapping[ModelRef, ProviderError], unfit: Sequence[ModelRef], broken: ProviderError | None
) -> ProviderError:
    """The one error of a call, from the last one of each model that was tried, in their order.

    unfit: fallbacks that were not asked, because the budget or their context has no room for it. broken: an
    answer that broke off earlier; its text is kept when nothing came after it.
    """
    tried = {ref: _as_final(error) for ref, error in errors.items()}
    told = next((each for each in tried.values() if each.kind != "circuit_open"), None)
    first = told or next(iter(tried.values()))
    more = _more(list(tried.values()), unfit)
    if more:
        words = " ".join([str(next(iter(tried.values()))), *more])
        first = ProviderError(
            words,
            kind=first.kind,
            status=first.status,
            retryable=first.retryable,
            retry_after_s=first.retry_after_s,
            partial=first.partial,
            reasoning=first.reasoning,
            sent=first.sent,
        )
    if broken is not None and not (first.partial or first.reasoning):
        first.partial, first.reasoning = broken.partial, broken.reasoning
    return first


def _as_final(error: ProviderError) -> ProviderError:
    return error.final() if isinstance(error, CircuitOpenError) else error


def _more(tried: Sequence[ProviderError], unfit: Sequence[ModelRef]) -> list[str]:
    words = [f"Then the fallback was tried: {error}" for error in tried[1:]]
    if unfit:
        one = "fallback was" if len(unfit) == 1 else "fallbacks were"
        words.append(
            f"The {one} not asked: {', '.join(unfit)}. What is left of the budget or the model's context has "
            "no room for it, or its price is unknown while a cap on money holds."
        )
    return words
