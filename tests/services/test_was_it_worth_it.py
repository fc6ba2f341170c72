"""“Was it worth it?”: the first answer against the final one, blind, in both orders, asked for by a person;
and what many such runs add up to, read from their logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.settings import CacheSettings
from cort_desktop.domain.worth import worth_of
from cort_desktop.errors import UsageError
from cort_desktop.services.planning import Ask
from cort_desktop.services.wishes import added_alternative, judged_again, was_it_worth_it
from cort_desktop.services.worth import WorthReport, WorthService
from cort_desktop.telling.outline import outline
from cort_desktop.telling.worth import worth_lines
from tests.fakes.desk import SETTINGS, Desk, Shown, ask, desk
from tests.fakes.loops import run_virtual as do
from tests.fakes.models import Reply, ScriptedModel, is_judge, judged, verdict_json
from tests.fakes.runs import SIZES

Prefers = Callable[[list[tuple[str, str]]], str]
"""Which label a judge puts first, of (label, text) as shown."""
D, A1 = NodeName("D"), NodeName("R1.A1")


def look(at: Desk, run: RunId) -> Shown:
    shown = Shown()
    assert do(at.chat.wishes.carry_out(run, was_it_worth_it(), shown)) is not None
    return shown


def longest(shown: list[tuple[str, str]]) -> str:
    return max(shown, key=lambda each: len(each[1]))[0]


def growing_model(prefers: Prefers = longest, *, seconds: float = 1.0) -> ScriptedModel:
    """Each answer is longer than the one before, and takes twice as long as a verdict."""

    def script(request: ChatRequest, nth: int) -> Reply:
        if is_judge(request):
            best = prefers(judged(request))
            rest = [label for label, _ in judged(request) if label != best]
            return Reply(text=verdict_json([[best], *([label] for label in rest)]), seconds=seconds)
        return Reply(text=f"Answer {nth}: " + "word " * (nth + 1), seconds=2 * seconds)

    return ScriptedModel(script)


def one_round(**more: Any) -> Ask:
    numbers: dict[str, Any] = {"strategy": "cort", "rounds": 1, "alternatives": 2, "judges": 1} | more
    return Ask(question="Why is the sky blue?", **numbers)


def report(at: Desk) -> WorthReport:
    return do(WorthService(lambda: at.store).report())


def test_the_draft_meets_the_answer_blind_in_both_orders_for_the_price_that_was_told(tmp_path: Path) -> None:
    with desk(tmp_path, growing_model()) as at:
        run = ask(at, one_round()).run
        before = at.state(run)
        final = before.answer_node
        assert final not in (None, D)
        price = do(at.chat.wishes.price(run, was_it_worth_it()))
        assert (price.calls_low, price.calls_high) == (2, 4)
        shown = look(at, run)
        assert [event.type for event in shown.stored][:2] == ["run.reopened", "user.worth"]
        assert shown.stored[-1].type == "run.finished"
        verdicts = shown.bodies(ev.Verdict)
        assert [verdict.purpose for verdict in verdicts] == ["head_to_head"] * 2
        assert {verdict.order for verdict in verdicts} == {(D, final), (final, D)}
        after = at.state(run)
        assert after.answer_node == final
        assert after.verdicts == before.verdicts
        assert after.finished is not None
        assert before.finished is not None
        assert after.finished.scores == before.finished.scores
        assert after.finished.reason == before.finished.reason
        found = worth_of(after)
        assert found is not None
        assert found.outcome == "final"


def test_what_it_took_leaves_out_the_draft_and_what_was_spent_on_looking(tmp_path: Path) -> None:
    with desk(tmp_path, growing_model()) as at:
        run = ask(at, one_round()).run
        before = worth_of(at.state(run))
        assert before is not None
        assert (before.more.calls, before.alone.calls) == (3, 1)
        assert before.more.seconds == pytest.approx(2.0 + 1.0)
        look(at, run)
        do(at.chat.wishes.carry_out(run, judged_again(1), Shown()))
        after = worth_of(at.state(run))
        assert after is not None
        assert after.alone == before.alone
        assert after.more.calls == before.more.calls
        assert after.more.tokens == before.more.tokens
        assert after.more.seconds == pytest.approx(before.more.seconds, abs=0.01)


@pytest.mark.parametrize(
    ("prefers", "outcome", "words"),
    [
        (lambda shown: min(shown, key=lambda each: len(each[1]))[0], "first", "no: D is preferred"),
        (lambda shown: shown[0][0], "unclear", "can't tell: neither is preferred in both orders"),
    ],
)
def test_judges_may_prefer_the_draft_or_only_a_place(
    tmp_path: Path, prefers: Prefers, outcome: str, words: str
) -> None:
    asked = 0

    def first_longest(shown: list[tuple[str, str]]) -> str:
        nonlocal asked
        asked += 1
        return max(shown, key=lambda each: len(each[1]))[0] if asked == 1 else prefers(shown)

    with desk(tmp_path, growing_model(first_longest)) as at:
        run = ask(at, one_round()).run
        look(at, run)
        state = at.state(run)
        found = worth_of(state)
        assert found is not None
        assert found.outcome == outcome
        assert state.answer_node == found.final
        assert any(words in line.words for line in worth_lines(state, found, None))
        assert any("Was it worth it?" in row.label for row in outline(state))
        total = report(at).total
        assert (total.first, total.unclear) == ((1, 0) if outcome == "first" else (0, 1))


def test_without_a_draft_the_first_sample_is_it(tmp_path: Path) -> None:
    with desk(tmp_path, growing_model()) as at:
        run = ask(at, one_round(strategy="best_of_n", rounds=None, alternatives=3)).run
        shown = look(at, run)
        assert {name for verdict in shown.bodies(ev.Verdict) for name in verdict.order} == {"R1.A1", "R1.A3"}


def test_where_there_is_nothing_to_compare_it_says_so_and_asks_nobody(tmp_path: Path) -> None:
    shortest: Prefers = lambda shown: min(shown, key=lambda each: len(each[1]))[0]  # noqa: E731
    with desk(tmp_path, growing_model(shortest)) as at:
        kept = ask(at, one_round()).run
        calls = len(at.model.requests)
        with pytest.raises(UsageError, match="D, the first answer, is the answer"):
            look(at, kept)
        found = worth_of(at.state(kept))
        assert found is not None
        assert found.is_same
        assert found.outcome is None
        assert len(at.model.requests) == calls
        single = ask(at, Ask(question="Why?", strategy="single")).run
        with pytest.raises(UsageError, match="first answer, is the answer"):
            look(at, single)


def test_it_can_be_asked_once_more_and_of_the_answer_a_person_chose(tmp_path: Path) -> None:
    with desk(tmp_path, growing_model()) as at:
        run = ask(at, one_round()).run
        first = look(at, run)
        again = look(at, run)
        assert not {*first.asked()} & {*again.asked()}
        do(at.chat.override(run, A1))
        chosen = worth_of(at.state(run))
        assert chosen is not None
        assert (chosen.final, chosen.look) == (A1, None)
        look(at, run)
        assert report(at).runs == 1
        assert report(at).total.asked == 1


def test_other_wishes_go_on_after_it(tmp_path: Path) -> None:
    with desk(tmp_path, growing_model()) as at:
        run = ask(at, one_round()).run
        look(at, run)
        do(at.chat.wishes.carry_out(run, added_alternative("fresh"), Shown()))
        state = at.state(run)
        assert state.answer_node == "R2.A1"
        found = worth_of(state)
        assert found is not None
        assert (found.final, found.outcome) == ("R2.A1", None)


def test_many_runs_add_up_by_model_preset_and_move(tmp_path: Path) -> None:
    with desk(tmp_path, growing_model()) as at:
        runs = [ask(at, one_round(seed=seed)).run for seed in range(3)]
        assert report(at).total.asked == 0
        for run in runs:
            look(at, run)
        found = report(at)
        assert (found.runs, found.total.final) == (3, 3)
        assert len(found.models) == 1
        assert list(found.presets) == ["cort"]
        assert {share.says for share in (found.total, *found.models.values())} == {"too_few"}
        assert found.more.calls == 9
        made = {share.move: share for share in found.moves}
        assert sum(share.answers for share in found.moves) == 3
        assert sum(share.by_chance for share in found.moves) == pytest.approx(3.0)
        assert made["draft"].candidates == 3
        assert made["draft"].answers == 0
        do(at.library.delete(at.state(runs[0]).started.conversation))  # type: ignore[union-attr]
        assert report(at).runs == 2


def test_the_same_two_texts_from_the_cache_count_once(tmp_path: Path) -> None:
    def script(request: ChatRequest, _nth: int) -> Reply:
        if is_judge(request):
            shown = judged(request)
            best = max(shown, key=lambda each: len(each[1]))[0]
            return Reply(text=verdict_json([[best], *([label] for label, _ in shown if label != best)]))
        sees = "candidate" in request.messages[-1].text
        return Reply(text="A longer and better answer." if sees else "Short.")

    with desk(tmp_path, ScriptedModel(script)) as at:
        for _ in range(3):
            look(at, ask(at, one_round()).run)
        found = report(at)
        assert (found.runs, found.total.asked) == (3, 1)


def test_it_is_asked_anew_although_equal_answers_are_kept(tmp_path: Path) -> None:
    settings = replace(SETTINGS, cache=CacheSettings(enabled=True))
    with desk(tmp_path, growing_model(), settings=settings) as at:
        run = ask(at, one_round()).run
        asked = len(at.model.requests)
        assert {one.origin.cache for one in at.model.requests if one.origin is not None} == {"use"}
        look(at, run)
        do(at.chat.wishes.carry_out(run, judged_again(1), Shown()))
        again = at.model.requests[asked:]
        assert {one.origin.cache for one in again if one.origin is not None} == {"renew"}
        nodes = {one.origin.node for one in at.model.requests if one.origin is not None}
        assert len(nodes) == len(at.model.requests)


@pytest.mark.parametrize("strategy", sorted(SIZES))
def test_of_every_strategy_it_can_be_told_what_it_was_worth(tmp_path: Path, strategy: str) -> None:
    """Where the first answer won, or said the same, that is what is told; else judges compare the two."""
    with desk(tmp_path, growing_model()) as at:
        size: dict[str, Any] = {"max_tokens": 100, **SIZES[strategy]}
        run = ask(at, Ask(question="What is 17 * 4?", strategy=strategy, **size)).run
        before = worth_of(at.state(run))
        assert before is not None
        if before.is_same:
            with pytest.raises(UsageError, match="is the answer"):
                look(at, run)
            return
        look(at, run)
        after = worth_of(at.state(run))
        assert after is not None
        assert after.outcome is not None
        assert (after.final, after.more.calls) == (before.final, before.more.calls)
