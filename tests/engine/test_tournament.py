"""The flagship: its shape, its moves, each of its ways to stop, and what becomes of the slow and the late.

Answers are told apart by a quality written into them ("q7"), by which the scripted judge ranks them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import DRAFT, NodeName
from cort_desktop.domain.run import RunState
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, handle, is_judge, judged, verdict_json
from tests.fakes.runs import RUN, Log, finish

QUALITY = re.compile(r"q(\d+)")
T_G, T_J = 10.0, 3.0


def quality(text: str) -> int:
    found = QUALITY.search(text)
    return int(found[1]) if found else 0


def ranked(request: ChatRequest, score: Callable[[int], int] = lambda q: min(10, max(1, q))) -> str:
    """The best first, equals tied; scores follow."""
    shown = judged(request)
    levels = sorted({quality(text) for _, text in shown}, reverse=True)
    ranking = [[label for label, text in shown if quality(text) == level] for level in levels]
    by_label = {label: quality(text) for label, text in shown}
    return verdict_json(ranking, score=lambda label: score(by_label[label]))


def essay(nth: int, q: int) -> str:
    """Different words each time."""
    return f"q{q} " + " ".join(f"w{nth}x{i}" for i in range(40))


class Contest:
    """Candidates by ``answer(nth)`` in the order they are asked, judges by ``judge``."""

    def __init__(
        self,
        answer: Callable[[int], Reply],
        judge: Callable[[ChatRequest], str] = ranked,
    ) -> None:
        self.answers = 0
        self._answer = answer
        self._judge = judge

    def model(self) -> ScriptedModel:
        def script(request: ChatRequest, _nth: int) -> Reply:
            if is_judge(request):
                return Reply(text=self._judge(request), seconds=T_J)
            self.answers += 1
            return self._answer(self.answers)

        return ScriptedModel(script)


def play(contest: Contest, **options: Any) -> tuple[RunState, Log, ScriptedModel]:
    log = Log()
    model = contest.model()
    sizes = {"rounds": 3, "alternatives": 3, "judges": 3} | options
    state = run_virtual(finish(handle(model, concurrency=64), "tournament", log, **sizes))
    assert RunState(RUN).fold(log.events).finished == state.finished
    return state, log, model


def rising(nth: int) -> Reply:
    return Reply(text=essay(nth, nth), seconds=T_G)


def falling(nth: int) -> Reply:
    return Reply(text=essay(nth, max(1, 20 - nth)), seconds=T_G)


def ended(state: RunState) -> ev.RunFinished:
    assert state.finished is not None
    return state.finished


def test_calls_and_seconds_are_those_of_the_formula() -> None:
    """1 + R(A+K) calls; R(T_g + T_j) seconds, for the draft is written beside round 1."""
    state, _, model = play(Contest(rising))
    assert ended(state).calls == len(model.requests) == 1 + 3 * (3 + 3)
    assert ended(state).seconds == pytest.approx(3 * (T_G + T_J), abs=0.1)
    assert ended(state).reason.rule == "rounds"
    assert ended(state).answer_node == "R3.A3"


@pytest.mark.parametrize(
    ("rounds", "words"),
    [(0, "No round was to be played. D came out best."), (1, "1 of 1 round is done. R1.A3 came out best.")],
)
def test_one_round_is_told_in_the_singular(rounds: int, words: str) -> None:
    state, _, _ = play(Contest(rising), rounds=rounds)
    assert ended(state).reason.text == words


def test_round_1_sees_nothing_and_later_rounds_make_every_move() -> None:
    state, log, _ = play(Contest(rising), alternatives=4)
    started = {body.node: body for body in log.bodies(ev.NodeStarted)}
    assert started[DRAFT].round == 0
    assert started[DRAFT].parents == ()
    for index in (1, 2, 3, 4):
        assert started[NodeName(f"R1.A{index}")].saw == ()
        assert started[NodeName(f"R1.A{index}")].parents == (DRAFT,)
    moves = {name: body.move for name, body in started.items() if str(name).startswith("R2.A")}
    assert list(moves.values()) == ["fresh", "targeted_fix", "synthesis", "other_method"]
    winner = state.rounds[1].result
    assert winner is not None
    assert started[NodeName("R2.A1")].saw == ()
    assert started[NodeName("R2.A2")].saw == (winner.winner,)
    assert started[NodeName("R2.A3")].saw[0] == winner.winner
    assert len(set(started[NodeName("R2.A3")].saw)) == 2
    assert started[NodeName("R2.A4")].saw == (winner.winner,)


def test_the_fix_is_told_what_judges_found_and_the_synthesis_sees_both() -> None:
    _, _, model = play(Contest(rising), alternatives=3)
    asked = [request.messages[-1].text for request in model.requests if not is_judge(request)]
    (fix,) = [text for text in asked if "Reviewers say of it" in text][:1]
    assert "It could be shorter." in fix
    (both,) = [text for text in asked if "two earlier answers" in text][:1]
    assert both.count("<candidate>") == 2


def test_stability_stops_after_the_same_winner_twice() -> None:
    state, _, model = play(Contest(falling))
    end = ended(state)
    assert end.reason.rule == "stability"
    assert end.reason.numbers["rounds"] == 2
    assert end.answer_node == DRAFT
    assert "in a row" in end.reason.text
    assert len(model.requests) == 1 + 2 * 6


def test_a_round_whose_verdict_failed_does_not_count_for_stability() -> None:
    verdicts = iter(range(100))

    def judge(request: ChatRequest) -> str:
        nth = next(verdicts)
        return "I can't say." if nth in (3, 4, 5) else ranked(request, lambda _: min(10, 1 + nth // 2))

    state, _, _ = play(Contest(falling, judge), rounds=5)
    end = ended(state)
    assert (end.reason.rule, end.reason.numbers["rounds"]) == ("stability", 4)
    assert end.status == "degraded"
    assert "Rounds whose verdict could not be read: 2." in end.reason.text


def test_exhaustion_stops_when_challengers_only_repeat() -> None:
    """Round 2 says again what lost in round 1, and wins by a hair over what stood."""

    def answer(nth: int) -> Reply:
        again = {5: 2, 6: 3, 7: 4}.get(nth, nth)
        return Reply(text=essay(again, nth), seconds=T_G)

    state, _, _ = play(Contest(answer), rounds=6)
    end = ended(state)
    assert end.reason.rule == "exhaustion"
    assert end.reason.numbers["similarity"] > 0.85


def test_plateau_stops_when_scores_stand_still() -> None:
    state, _, _ = play(Contest(rising, lambda request: ranked(request, lambda _: 7)), rounds=9)
    end = ended(state)
    assert end.reason.rule == "plateau"
    assert end.reason.numbers["rise"] == 0
    assert end.reason.numbers["rounds"] == 3


def test_noise_ends_it_with_what_most_agree_on() -> None:
    """A judge that always prefers what is shown first says nothing; that is found out and told."""

    def first_shown(request: ChatRequest) -> str:
        return verdict_json([[label] for label, _ in judged(request)])

    def answer(nth: int) -> Reply:
        return Reply(text=essay(nth % 7, 5) + f" {nth}", seconds=T_G)

    state, _, _ = play(Contest(answer, first_shown), alternatives=24)
    end = ended(state)
    assert end.reason.rule == "noise"
    assert end.reason.numbers["pairs"] >= 30
    assert end.reason.numbers["swap_consistency"] < 0.6
    assert end.status == "degraded"
    assert end.answer_node is not None
    assert "in common" in end.reason.text


def test_oscillation_is_settled_by_a_head_to_head_and_the_loser_retired() -> None:
    """Round 3's winner says again what round 1's winner said, which round 2's had beaten."""
    texts = {4: essay(4, 10), 7: essay(7, 11), 10: essay(4, 12)}

    def answer(nth: int) -> Reply:
        return Reply(text=texts.get(nth, essay(nth, 1 + nth % 3)), seconds=T_G)

    state, log, _ = play(Contest(answer), rounds=3)
    third = state.rounds[3].result
    assert third is not None
    assert (third.winner, third.retired) == ("R3.A3", ("R1.A3",))
    duel = [v for v in log.bodies(ev.Verdict) if v.purpose == "head_to_head"]
    assert [set(v.order) for v in duel] == [{"R1.A3", "R3.A3"}] * 2
    assert state.retired == {"R1.A3"}


def test_the_quorum_leaves_a_slow_one_behind_and_it_joins_the_next_verdict() -> None:
    """Three of four are there after 10 s; at 20 s the round is judged without the fourth (60 s)."""

    def answer(nth: int) -> Reply:
        return Reply(text=essay(nth, 99 if nth == 3 else nth), seconds=30.0 if nth == 3 else T_G)

    state, log, _ = play(Contest(answer))
    (enough,) = log.bodies(ev.RoundQuorum)
    assert (enough.round, enough.late, enough.median_seconds) == (1, ("R1.A2",), T_G)
    shown = {v.node: set(v.order) for v in log.bodies(ev.Verdict)}
    assert "R1.A2" not in shown[NodeName("R1.J1")]
    assert "R1.A2" in shown[NodeName("R2.J1")]
    assert state.rounds[2].joined == ("R1.A2",)
    assert ended(state).answer_node == "R1.A2"
    judged_first = next(
        e.at for e in log.events if isinstance(e.body, ev.NodeStarted) and e.body.role == "judge"
    )
    assert state.started_at is not None
    assert (judged_first - state.started_at).total_seconds() == pytest.approx(2 * T_G, abs=0.1)


def test_a_slow_one_that_never_comes_is_given_up_by_the_plan() -> None:
    def answer(nth: int) -> Reply:
        return Reply(text=essay(nth, max(1, 20 - nth)), seconds=9_999.0 if nth == 4 else T_G)

    state, _, _ = play(Contest(answer))
    slow = state.nodes[NodeName("R1.A3")]
    assert (slow.status, slow.cancelled_by) == ("cancelled", "plan")
    assert ended(state).status == "complete"
    assert ended(state).missing == ()
    assert ended(state).seconds < 100


def test_one_waiting_for_a_place_is_not_slow() -> None:
    log = Log()
    model = Contest(rising).model()
    state = run_virtual(
        finish(handle(model, concurrency=1), "tournament", log, rounds=1, alternatives=3, judges=1)
    )
    assert log.bodies(ev.RoundQuorum) == []
    assert ended(state).status == "complete"


@pytest.mark.parametrize("rounds", [0, 1])
def test_few_rounds(rounds: int) -> None:
    state, _, model = play(Contest(rising), rounds=rounds)
    assert ended(state).status == "complete"
    assert len(model.requests) == 1 + rounds * 6
    assert ended(state).answer_node == (DRAFT if rounds == 0 else "R1.A3")


@pytest.mark.parametrize("alternatives", [1, 40])
def test_one_or_forty_challengers(alternatives: int) -> None:
    state, _, _ = play(Contest(rising), rounds=2, alternatives=alternatives, judges=1)
    assert ended(state).status == "complete"
    assert ended(state).answer_node == f"R2.A{alternatives}"


def test_when_every_call_fails_the_end_is_clear() -> None:
    state, _, _ = play(Contest(lambda _: Reply(error="unavailable")))
    assert ended(state).status == "failed"
    assert ended(state).answer is None


def test_when_every_judge_fails_the_draft_stands_and_it_is_said() -> None:
    state, _, _ = play(Contest(rising, lambda _: "no idea"), rounds=2)
    end = ended(state)
    assert (end.status, end.answer_node) == ("degraded", DRAFT)
    assert "could not be read" in end.reason.text


def test_when_the_draft_fails_round_1_goes_on_without_it() -> None:
    def answer(nth: int) -> Reply:
        return Reply(error="unavailable") if nth == 1 else rising(nth)

    state, _, _ = play(Contest(answer))
    assert ended(state).status == "degraded"
    assert ended(state).missing == (DRAFT,)
    assert ended(state).answer_node == "R3.A3"


@pytest.mark.parametrize(
    ("cap", "answers", "judges"), [(7, 3, 3), (6, 3, 2), (5, 3, 1), (4, 2, 1), (3, 1, 1)]
)
def test_short_of_calls_judges_go_first_then_challengers(cap: int, answers: int, judges: int) -> None:
    state, log, model = play(Contest(rising), rounds=1, budget=Budget(calls=cap))
    names = [str(body.node) for body in log.bodies(ev.NodeStarted)]
    assert sum(".A" in name for name in names) == answers
    assert sum(".J" in name for name in names) == judges
    assert len(model.requests) == cap
    assert ended(state).status == "complete"
    plans = log.bodies(ev.RunPlanned)
    assert bool(plans) == ((answers, judges) != (3, 3))
    assert all("budget" in plan.why for plan in plans)


def test_short_of_a_round_the_rounds_before_count_and_the_cap_is_named() -> None:
    state, _, model = play(Contest(rising), budget=Budget(calls=8))
    end = ended(state)
    assert (end.status, end.reason.rule) == ("stopped", "calls")
    assert end.answer_node == "R1.A3"
    assert len(model.requests) == 7  # no answer is asked for that nobody could judge


@pytest.mark.parametrize("cap", [0, 1, 2])
def test_a_cap_that_holds_no_round_leaves_the_draft(cap: int) -> None:
    state, _, model = play(Contest(rising), budget=Budget(calls=cap))
    assert len(model.requests) == min(1, cap)
    assert ended(state).status == ("failed" if cap == 0 else "stopped")
    assert ended(state).answer_node == (None if cap == 0 else DRAFT)
