"""What a run is expected to take: held against what runs of the scripted models really took."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from cort_desktop.domain.budget import Estimate, Price, Usage
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.lengths import Length, Lengths, uncounted
from cort_desktop.domain.models import ModelProfile
from cort_desktop.engine.estimate import estimate
from cort_desktop.engine.strategies import built_in
from tests.fakes.loops import run_virtual
from tests.fakes.models import MODEL, Reply, RoughCounter, ScriptedModel, good_model, handle
from tests.fakes.runs import QUESTION, SIZES, Log, finish, started

PRICED = ModelProfile(ref=MODEL, price=Price(input=Decimal(1), output=Decimal(2)), concurrency=8)


COUNTER = RoughCounter()


def counted_model(seed: int) -> ScriptedModel:
    """``good_model``, whose service counts what it reads and writes."""
    good = good_model(seed)

    def script(request: ChatRequest, nth: int) -> Reply:
        reply = good.script(request, nth)
        read = sum(COUNTER.count(message.text) for message in request.messages)
        return replace(reply, usage=Usage(input=read, output=COUNTER.count(reply.text)))

    return ScriptedModel(script)


def unknown(_model: ModelRef, _verdict: bool) -> float | None:
    return None


def second(_model: ModelRef, _verdict: bool) -> float | None:
    return 1.0


@pytest.mark.parametrize("strategy", sorted(SIZES))
@pytest.mark.parametrize("seed", range(4))
def test_calls_and_tokens_lie_between_low_and_high(strategy: str, seed: int) -> None:
    spec = started(strategy).spec
    told = estimate(
        built_in()[strategy],
        spec,
        question=QUESTION,
        prompt_tokens=COUNTER.count(QUESTION),
        profile=lambda _: PRICED,
        pace=unknown,
    )
    state = run_virtual(finish(handle(counted_model(seed)), strategy, Log(), seed=seed))
    assert state.finished is not None
    assert told.calls_low <= state.finished.calls <= told.calls_high
    assert told.tokens_low <= state.finished.usage.total <= told.tokens_high
    assert told.cost_microusd is not None


@pytest.mark.parametrize(
    ("strategy", "seconds"), [("single", 1.0), ("best_of_n", 2.0), ("self_consistency", 2.0)]
)
def test_seconds_follow_the_depth_and_what_was_measured(strategy: str, seconds: float) -> None:
    spec = started(strategy).spec
    told = estimate(
        built_in()[strategy], spec, question=QUESTION, prompt_tokens=20, profile=lambda _: PRICED, pace=second
    )
    assert told.seconds == seconds
    state = run_virtual(finish(handle(good_model(1, seconds=1.0)), strategy, Log()))
    assert state.finished is not None
    assert state.finished.seconds == pytest.approx(seconds, rel=0.5)


def test_few_places_make_it_longer() -> None:
    spec = started("best_of_n").spec
    narrow = ModelProfile(ref=MODEL, price=PRICED.price, concurrency=1)
    told = estimate(
        built_in()["best_of_n"],
        spec,
        question=QUESTION,
        prompt_tokens=20,
        profile=lambda _: narrow,
        pace=second,
    )
    assert told.seconds == 4 + 3


def test_unknown_stays_unknown() -> None:
    spec = started("best_of_n").spec
    unpriced = ModelProfile(ref=MODEL, price=None)
    told = estimate(
        built_in()["best_of_n"],
        spec,
        question=QUESTION,
        prompt_tokens=20,
        profile=lambda _: unpriced,
        pace=unknown,
    )
    assert told.cost_microusd is None
    assert told.seconds is None


def told(strategy: str, profile: ModelProfile = PRICED, lengths: Lengths = uncounted) -> Estimate:
    return estimate(
        built_in()[strategy],
        started(strategy).spec,
        question=QUESTION,
        prompt_tokens=20,
        profile=lambda _: profile,
        pace=unknown,
        lengths=lengths,
    )


@pytest.mark.parametrize("strategy", ["single", "best_of_n", "tournament"])
def test_thoughts_may_be_thought_in_every_call(strategy: str) -> None:
    """They lengthen the long end only, and the money with it."""
    plain, thinking = told(strategy), told(strategy, replace(PRICED, thinking_tokens=4000))
    assert thinking.tokens_low == plain.tokens_low
    assert thinking.tokens_high == plain.tokens_high + 4000 * plain.calls_high
    assert (thinking.cost_microusd or 0) > (plain.cost_microusd or 0)


def test_what_a_model_wrote_before_narrows_it() -> None:
    """Half of the shortest to twice the longest; what a verdict reads is the text without the thoughts."""
    wide = told("best_of_n")

    def counted(_model: ModelRef, verdict: bool) -> Length:
        if verdict:
            return Length(fewest=200, most=220, text_fewest=200, text_most=220)
        return Length(fewest=40, most=45, text_fewest=20, text_most=22)

    narrow = told("best_of_n", lengths=counted)
    assert narrow.tokens_high < wide.tokens_high
    assert narrow.tokens_low == 4 * (20 + 25 + 20) + 3 * (20 + 150 + 4 * 10 + 100)


def test_no_reply_is_expected_longer_than_it_may_be() -> None:
    def long(_model: ModelRef, _verdict: bool) -> Length:
        return Length(fewest=90_000, most=90_000, text_fewest=90_000, text_most=90_000)

    assert told("tournament", lengths=long).tokens_high == told("tournament").tokens_high
    assert told("tournament", lengths=long).tokens_low <= told("tournament").tokens_high
