"""A round's verdict in whole runs: repair, abstention, ties, head-to-heads, cut answers, failing judges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.run import RunState
from tests.fakes.loops import run_virtual
from tests.fakes.models import (
    Reply,
    ScriptedModel,
    handle,
    is_judge,
    judged,
    longest_wins,
    restated,
    verdict_json,
)
from tests.fakes.runs import RUN, VIEW, Log, engine, finish, started

Judge = Callable[[ChatRequest, int], Reply]


def contest(
    judge: Judge, *, judges: int = 3, texts: tuple[str, ...] = ("a", "bb", "ccc")
) -> tuple[RunState, Log]:
    """best_of_n over ``texts``; ``judge`` gets the request and how many judging calls came before it."""
    log = Log()
    answers = iter(texts)
    asked = 0

    def script(request: ChatRequest, _nth: int) -> Reply:
        nonlocal asked
        if is_judge(request) or "ranking" in request.messages[-1].text:
            asked += 1
            return judge(request, asked - 1)
        return Reply(text=next(answers))

    model = handle(ScriptedModel(script))
    state = run_virtual(finish(model, "best_of_n", log, alternatives=len(texts), judges=judges))
    return state, log


def prefers(text: str) -> Judge:
    """A judge that ranks ``text`` first and ties the rest."""

    def reply(request: ChatRequest, _nth: int) -> Reply:
        shown = judged(request)
        best = [label for label, said in shown if said == text]
        rest = [label for label, said in shown if said != text]
        return Reply(text=verdict_json([best, rest] if best else [rest]))

    return reply


def result_of(state: RunState) -> ev.RoundFinished:
    result = state.rounds[1].result
    assert result is not None
    return result


def test_the_panel_picks_the_best_and_every_judge_sees_another_order() -> None:
    state, log = contest(lambda request, _: Reply(text=longest_wins(request)))
    assert state.finished is not None
    assert state.finished.answer == "ccc"
    assert state.finished.status == "complete"
    assert result_of(state).method == "borda"
    assert result_of(state).agreement == 1.0
    orders = {verdict.order for verdict in log.bodies(ev.Verdict)}
    assert len(orders) == 3


def test_an_unreadable_verdict_is_repaired_once() -> None:
    def judge(request: ChatRequest, _nth: int) -> Reply:
        if is_judge(request):
            return Reply(text=f"I do like {judged(request)[0][0]}, but who knows.")
        return Reply(text=restated(request))

    state, log = contest(judge, judges=1)
    (verdict,) = log.bodies(ev.Verdict)
    assert verdict.parsed_by == "repair"
    assert verdict.node == "R1.J1"
    assert state.repairs == {"R1.J1": "X1"}
    assert state.finished is not None
    assert state.finished.status == "complete"


def test_a_reply_that_names_no_candidate_is_no_verdict_and_is_not_repaired() -> None:
    """Asked to restate what was never said, a model would make a vote up."""
    state, log = contest(lambda _request, _nth: Reply(text="Aaaa!"))
    assert [verdict.parsed_by for verdict in log.bodies(ev.Verdict)] == ["abstained"] * 3
    assert state.repairs == {}
    assert state.finished is not None
    assert state.finished.status == "degraded"
    assert state.finished.answer_node == "R1.A1"
    assert result_of(state).method is None
    assert "could be read" in state.finished.reason.text


def test_a_repair_that_cannot_be_read_is_an_abstention() -> None:
    state, log = contest(
        lambda request, _nth: Reply(text=f"Hm, {judged(request)[0][0]}?" if is_judge(request) else "Hm."),
        judges=1,
    )
    assert [verdict.parsed_by for verdict in log.bodies(ev.Verdict)] == ["abstained"]
    assert state.finished is not None
    assert state.finished.status == "degraded"


def test_a_tie_is_settled_head_to_head_in_both_orders() -> None:
    def judge(request: ChatRequest, nth: int) -> Reply:
        return prefers("a" if nth == 0 else "bb")(request, nth)

    state, log = contest(judge, judges=2, texts=("a", "bb"))
    result = result_of(state)
    purposes = [verdict.purpose for verdict in log.bodies(ev.Verdict)]
    assert purposes == ["panel", "panel", "head_to_head", "head_to_head"]
    assert result.method == "head_to_head"
    assert result.winner == "R1.A2"
    assert result.unstable is False
    duel = log.bodies(ev.Verdict)[2:]
    assert duel[0].order == duel[1].order[::-1]


def test_a_head_to_head_that_order_decides_is_unstable() -> None:
    def judge(request: ChatRequest, nth: int) -> Reply:
        first, second = (label for label, _ in judged(request))
        if nth < 2:
            return prefers("a" if nth == 0 else "bb")(request, nth)
        return Reply(text=verdict_json([[first], [second]]))

    state, _ = contest(judge, judges=2, texts=("a", "bb"))
    assert result_of(state).unstable is True
    assert state.finished is not None
    assert "changed places" in state.finished.reason.text
    assert result_of(state).method == "borda"


def test_an_answer_cut_at_the_token_limit_does_not_win() -> None:
    log = Log()

    def script(request: ChatRequest, nth: int) -> Reply:
        if is_judge(request):
            return Reply(text=longest_wins(request))
        return Reply(text="word " * (9 - nth), finish="length" if nth == 1 else "stop")

    state = run_virtual(finish(handle(ScriptedModel(script)), "best_of_n", log, alternatives=3, judges=3))
    assert state.finished is not None
    assert state.finished.answer_node == "R1.A2"
    assert "R1.A1 best, but it is cut" in state.finished.reason.text
    assert "R1.A2 is the best whole answer" in state.finished.reason.text


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_half_of_the_verdicts_are_enough(failing: int) -> None:
    def judge(request: ChatRequest, nth: int) -> Reply:
        return Reply(error="unavailable") if nth < failing else Reply(text=longest_wins(request))

    state, _ = contest(judge)
    assert state.finished is not None
    assert state.finished.status == "degraded"
    decided = 2 * (3 - failing) >= 3
    assert state.finished.answer == ("ccc" if decided else "a")
    assert len(state.finished.missing) == failing


def test_the_incumbent_stays_when_its_round_cannot_be_judged() -> None:
    log = Log()

    def script(request: ChatRequest, nth: int) -> Reply:
        if is_judge(request):
            return Reply(error="unavailable")
        return Reply(text=f"answer {nth}")

    state = run_virtual(
        finish(handle(ScriptedModel(script)), "cort", log, rounds=2, alternatives=2, judges=1)
    )
    assert state.finished is not None
    assert state.finished.answer_node == "D"
    assert state.finished.status == "degraded"
    assert [body.kept for body in log.bodies(ev.RoundFinished)] == [True, True]


def test_every_unreadable_verdict_is_repaired_under_a_name_of_its_own() -> None:
    """One judge that names nobody must not shift the names of the other judges' repairs."""

    def judge(request: ChatRequest, nth: int) -> Reply:
        if not is_judge(request):
            return Reply(text=restated(request))
        return Reply(text="No idea." if nth == 0 else f"I like {judged(request)[0][0]}.")

    state, log = contest(judge)
    assert list(state.repairs.items())[:2] == [("R1.J2", "X1"), ("R1.J3", "X2")]
    parsed = [verdict.parsed_by for verdict in log.bodies(ev.Verdict)]
    assert parsed[:3] == ["abstained", "repair", "repair"]


def test_a_model_does_not_judge_its_own_answer_where_others_can() -> None:
    """ENGINE 4.1: left out only where each candidate still has a vote from another model."""
    models = (ModelRef("fake/a"), ModelRef("fake/b"), ModelRef("fake/c"))
    log = Log()

    def script(request: ChatRequest, nth: int) -> Reply:
        return Reply(text=longest_wins(request) if is_judge(request) else "word " * nth)

    model = handle(ScriptedModel(script))
    begun = started("best_of_n", alternatives=3, judges=3)
    begun = replace(begun, spec=replace(begun.spec, lineup={"proposer": models, "judge": models}))

    async def main() -> RunState:
        run = engine(model).start(RUN, begun, VIEW, log, {})
        await run.answer()
        return run.state

    state = run_virtual(main())
    for verdict in log.bodies(ev.Verdict):
        own = tuple(n.name for n in state.candidates() if n.model == verdict.model)
        assert verdict.excluded == own
        assert not set(verdict.order) & set(own)
    assert state.finished is not None
    assert state.finished.answer_node == "R1.A3"
    alone, log_alone = contest(lambda request, _: Reply(text=longest_wins(request)))
    assert {verdict.excluded for verdict in log_alone.bodies(ev.Verdict)} == {()}
    assert alone.finished is not None


def test_an_author_does_not_judge_a_head_to_head_where_another_can() -> None:
    models = (ModelRef("fake/a"), ModelRef("fake/b"))
    log = Log()
    asked = 0

    def script(request: ChatRequest, nth: int) -> Reply:
        nonlocal asked
        if not is_judge(request):
            return Reply(text="a" if nth == 1 else "bb")
        asked += 1
        return prefers("a" if asked == 1 else "bb")(request, 0)

    begun = started("best_of_n", alternatives=2, judges=2)
    begun = replace(begun, spec=replace(begun.spec, lineup={"proposer": models[:1], "judge": models}))

    async def main() -> None:
        await engine(handle(ScriptedModel(script))).start(RUN, begun, VIEW, log, {}).answer()

    run_virtual(main())
    duel = [verdict.model for verdict in log.bodies(ev.Verdict) if verdict.purpose == "head_to_head"]
    assert duel == [models[1], models[1]]


def test_a_repair_that_does_not_fit_the_budget_is_an_abstention_and_not_a_lost_round() -> None:
    log = Log()

    def script(request: ChatRequest, nth: int) -> Reply:
        if is_judge(request):
            return Reply(text=f"I like {judged(request)[0][0]}.")
        return Reply(text="word " * nth)

    state = run_virtual(
        finish(
            handle(ScriptedModel(script)),
            "best_of_n",
            log,
            alternatives=3,
            judges=1,
            budget=Budget(calls=4),
        )
    )
    assert [verdict.parsed_by for verdict in log.bodies(ev.Verdict)] == ["abstained"]
    assert state.finished is not None
    assert state.finished.answer_node == "R1.A1"


def test_an_answer_cut_at_the_token_limit_has_no_vote() -> None:
    log = Log()

    def script(_request: ChatRequest, nth: int) -> Reply:
        if nth == 4:
            return Reply(text="So it is 42.\nAnswer: 42")
        return Reply(text="First we get 11", finish="length")

    state = run_virtual(finish(handle(ScriptedModel(script)), "self_consistency", log, alternatives=4))
    assert state.finished is not None
    assert state.finished.answer_node == "R1.A4"
    assert log.bodies(ev.Vote)[-1].tally == {"42": 1}


def test_a_service_that_refuses_everything_is_not_asked_wave_after_wave() -> None:
    log = Log()
    model = ScriptedModel(lambda _request, _nth: Reply(error="auth"))
    state = run_virtual(finish(handle(model), "self_consistency", log, alternatives=16))
    assert len(model.requests) == 4
    assert state.finished is not None
    assert state.finished.status == "failed"
