"""Errors on their way out: their words cleaned, all else as it was."""

from __future__ import annotations

import pytest

from cort_desktop.bootstrap.discreet import Discreet, discreet
from cort_desktop.domain.calls import ChatRequest, Completion
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.messages import user
from cort_desktop.errors import ProviderError
from cort_desktop.logs import HIDDEN, Redactor
from tests.fakes.loops import run

PASSWORD = "proxy+pass/word=0123456789"
REQUEST = ChatRequest(model=ModelRef("a/b"), messages=(user("Why?"),), max_tokens=9, temperature=0.0)


class Telling:
    """Fails, or answers, with a secret in its words."""

    def __init__(self, error: ProviderError | None = None) -> None:
        self.error = error

    async def complete(self, *_arguments: object) -> Completion:
        if self.error is not None:
            raise self.error
        return Completion(text=PASSWORD, finish="stop", model=REQUEST.model, seconds=0.0, attempts=1)


@pytest.fixture
def redactor() -> Redactor:
    redactor = Redactor()
    redactor.add(PASSWORD)
    return redactor


@pytest.mark.reliability(60)
def test_an_error_is_the_same_but_for_its_words(redactor: Redactor) -> None:
    """Row 60: a proxy that repeats its password is quoted without it."""
    told = ProviderError(
        f"a proxy said “{PASSWORD}”",
        kind="throttled",
        status=429,
        retryable=True,
        retry_after_s=2.0,
        partial="so",
    )
    with pytest.raises(ProviderError) as caught:
        run(Discreet(Telling(told), redactor.clean).complete(REQUEST, lambda _: None))
    assert caught.value is told
    assert str(told) == f"a proxy said “{HIDDEN}”"
    assert (told.kind, told.status, told.retryable, told.retry_after_s, told.partial) == (
        "throttled", 429, True, 2.0, "so"
    )  # fmt: skip


def test_an_answer_is_a_models_own_words(redactor: Redactor) -> None:
    assert run(Discreet(Telling(), redactor.clean).complete(REQUEST, lambda _: None)).text == PASSWORD


def test_other_errors_pass(redactor: Redactor) -> None:
    with pytest.raises(ZeroDivisionError, match="0123456789"), discreet(redactor.clean):
        raise ZeroDivisionError(PASSWORD)
