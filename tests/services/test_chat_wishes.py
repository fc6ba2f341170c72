"""What a person asks of a run beside single calls, through the door of the front ends: at work and at rest,
with its price first, and in plain words where it can't be had."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import DRAFT, NodeName, RunId
from cort_desktop.domain.search import Criterion
from cort_desktop.errors import UsageError
from cort_desktop.services.planning import Ask
from cort_desktop.services.wishes import (
    Wished,
    added_alternative,
    added_rounds,
    judged_again,
    own_candidate,
)
from tests.fakes.desk import Desk, Shown, ask, cort, desk, resume
from tests.fakes.loops import run_virtual as do
from tests.fakes.models import good_model, is_judge, judged

A1, A2, A3 = (NodeName(f"R1.A{i}") for i in (1, 2, 3))


def three(**more: Any) -> Ask:
    numbers: dict[str, Any] = {"strategy": "best_of_n", "alternatives": 3, "judges": 1} | more
    return Ask(question="Why is the sky blue?", **numbers)


def wish(at: Desk, run: RunId, wished: Wished) -> Shown:
    shown = Shown()
    outcome = do(at.chat.wishes.carry_out(run, wished, shown))
    assert outcome is not None
    assert outcome.run == run
    return shown


@pytest.mark.parametrize("strategy", ["single", "best_of_n", "self_consistency", "cort", "tournament"])
def test_a_round_is_added_to_a_finished_run_of_any_strategy_and_its_price_holds(
    tmp_path: Path, strategy: str
) -> None:
    with desk(tmp_path, good_model()) as at:
        first = ask(at, Ask(question="What is 17 * 4?", strategy=strategy, max_tokens=100))
        before = at.state(first.run)
        price = do(at.chat.wishes.price(first.run, added_rounds(1)))
        shown = wish(at, first.run, added_rounds(1))
        types = [event.type for event in shown.stored]
        assert types[:2] == ["run.reopened", "user.added"]
        assert types[-1] == "run.finished"
        (added,) = shown.bodies(ev.RoundAdded)
        assert added.round == max((n for n, r in before.rounds.items() if r.result), default=0) + 1
        assert added.standing == before.answer_node
        state = at.state(first.run)
        asked = state.spent.calls - before.spent.calls
        assert price.calls_low <= asked <= price.calls_high
        assert f"Round {added.round}, which you asked for," in state.finished.reason.text  # type: ignore[union-attr]
        assert not {node.name for node in before.nodes.values()} & set(shown.asked())


def test_two_rounds_are_played_one_after_the_other(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:
        run = ask(at, three()).run
        shown = wish(at, run, added_rounds(2))
        assert [body.round for body in shown.bodies(ev.RoundAdded)] == [2, 3]
        assert [body.round for body in shown.bodies(ev.RoundFinished)] == [2, 3]
        with pytest.raises(UsageError, match="1 to 20 can be added"):
            added_rounds(21)


def test_an_alternative_joins_the_open_round_or_meets_the_answer_head_to_head(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:
        said: list[asyncio.Future[Any]] = []

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.AttemptFirstContent) and not said:
                wished = added_alternative("other_method")
                said.append(asyncio.ensure_future(at.chat.wishes.carry_out(event.run, wished, Shown())))

        shown = Shown(watch)
        run = ask(at, three(), shown).run
        assert "R1.A4" in shown.asked()
        state = at.state(run)
        assert state.nodes[NodeName("R1.A4")].move == "other_method"
        assert all(NodeName("R1.A4") in verdict.order for verdict in state.verdicts.values())
        assert not shown.bodies(ev.RoundAdded)
        later = wish(at, run, added_alternative("synthesis"))
        assert later.asked()[0] == "R2.A1"
        verdicts = later.bodies(ev.Verdict)
        assert [verdict.purpose for verdict in verdicts] == ["head_to_head"] * 2
        assert {frozenset(verdict.order) for verdict in verdicts} == {
            frozenset({NodeName("R2.A1"), state.finished.answer_node})  # type: ignore[union-attr]
        }
        with pytest.raises(UsageError, match="There is no move jump; there are fresh"):
            added_alternative("jump")


def test_a_candidate_of_ones_own_costs_nothing_and_is_judged_with_the_others(tmp_path: Path) -> None:
    own = "The person's long answer. " * 20
    with desk(tmp_path, good_model()) as at:
        said: list[asyncio.Future[Any]] = []

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.AttemptFirstContent) and not said:
                said.append(
                    asyncio.ensure_future(at.chat.wishes.carry_out(event.run, own_candidate(own), Shown()))
                )

        state = at.state(ask(at, three(), Shown(watch)).run)
        node = state.nodes[NodeName("R1.H1")]
        assert (node.role, node.kind, node.text, node.cost_microusd, node.attempts) == (
            "person",
            "human",
            own,
            0,
            0,
        )
        assert all("R1.H1" in verdict.order for verdict in state.verdicts.values())
        assert any(
            own.strip() in text
            for request in at.model.requests
            if is_judge(request)
            for _, text in judged(request)
        )
        assert state.answer_node == "R1.H1"  # the longest wins
        with pytest.raises(UsageError, match="Your candidate is empty"):
            own_candidate(" \n")


def test_on_a_finished_run_ones_own_candidate_meets_the_answer(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:
        run = ask(at, Ask(question="What is 17 * 4?", strategy="self_consistency")).run
        before = at.state(run)
        price = do(at.chat.wishes.price(run, own_candidate("x" * 900)))
        assert (price.calls_low, price.calls_high) == (2, 4)  # both orders, each repaired at worst
        shown = wish(at, run, own_candidate("x" * 900))
        assert shown.asked() == ["R2.H1", "R2.J1", "R2.J2"]
        state = at.state(run)
        assert state.answer_node == "R2.H1"
        assert "R2.H1, your own, was preferred to" in state.finished.reason.text  # type: ignore[union-attr]
        assert state.votes == before.votes


def test_who_is_out_does_not_win_and_the_conversation_goes_on_without_it(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:
        first = ask(at, three())
        answer = at.state(first.run).answer_node
        assert answer is not None
        (event,) = do(at.chat.wishes.take_out(first.run, answer))
        assert (event.type, event.body.instead) == ("user.dropped", at.state(first.run).answer_node)  # type: ignore[union-attr]
        stands = at.state(first.run).answer_node
        assert stands is not None
        assert stands != answer
        row = at.store.conversations.run(first.run)
        assert (row.answer_node, row.answer) == (stands, at.state(first.run).nodes[stands].text)
        assert do(at.chat.wishes.take_out(first.run, answer)) == ()
        with pytest.raises(UsageError, match="is out of the contest"):
            do(at.chat.override(first.run, answer))
        shown = wish(at, first.run, added_rounds(1))
        assert all(answer not in verdict.order for verdict in shown.bodies(ev.Verdict))
        assert at.state(first.run).answer_node != answer
        do(at.chat.wishes.put_back(first.run, answer))
        assert not at.state(first.run).out


def test_the_last_answer_and_the_persons_own_choice_are_not_taken_out(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:
        single = ask(at, Ask(question="Why?", strategy="single"))
        with pytest.raises(UsageError, match="the only answer left"):
            do(at.chat.wishes.take_out(single.run, DRAFT))
        run = ask(at, three()).run
        do(at.chat.override(run, A2))
        with pytest.raises(UsageError, match=r"You made R1\.A2 the answer"):
            do(at.chat.wishes.take_out(run, A2))
        with pytest.raises(UsageError, match="no finished answer"):
            do(at.chat.wishes.take_out(run, NodeName("R1.J1")))


def test_a_pause_holds_after_the_round_and_costs_no_seconds(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:
        held: list[Any] = []

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.AttemptFirstContent) and event.body.node == A1 and not held:
                assert at.chat.wishes.pause(event.run)
                held.append(asyncio.get_running_loop().call_later(1000, lambda: go_on(event.run)))

        def go_on(run: RunId) -> None:
            state = at.chat._live.at_work(run).state  # type: ignore[union-attr]
            assert state.is_held
            assert [n for n, r in state.rounds.items() if n and r.result is not None] == [1]
            assert at.chat.wishes.go_on(run)

        outcome = ask(at, cort(rounds=2, budget={"seconds": 60.0}), Shown(watch))
        end = outcome.state.finished
        assert end is not None
        assert end.status == "complete"
        assert end.seconds < 60
        assert [word.verb for word in outcome.state.user] == ["paused", "resumed"]
        assert not at.chat.wishes.pause(outcome.run)


def test_a_paused_run_can_be_left_and_gone_on_with_later(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:

        async def main() -> RunId:
            runs: list[RunId] = []
            decided = asyncio.Event()

            def watch(event: ev.Event) -> None:
                runs.append(event.run)
                if isinstance(event.body, ev.RoundFinished):
                    decided.set()
                if isinstance(event.body, ev.AttemptFirstContent) and event.body.node == A1:
                    at.chat.wishes.pause(event.run)

            task = asyncio.ensure_future(at.chat.ask(cort(rounds=2), Shown(watch)))
            await decided.wait()
            await asyncio.sleep(500)
            assert at.chat._live.at_work(runs[0]).state.is_held  # type: ignore[union-attr]
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return runs[0]

        run = do(main())
        left = at.state(run)
        assert (left.finished, left.is_held, left.stopped) == (None, True, False)
        outcome = resume(at, run)
        assert outcome.state.finished is not None
        assert outcome.state.finished.status == "complete"
        assert outcome.state.rounds_finished == 2


def test_judges_look_again_and_change_nothing(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:
        run = ask(at, three()).run
        before = at.state(run)
        brevity = judged_again(1, criteria=(Criterion(id="brevity"),), judges=2)
        price = do(at.chat.wishes.price(run, brevity))
        assert price.calls_low == 2
        shown = wish(at, run, brevity)
        assert shown.asked() == ["R1.J2", "R1.J3"]
        assert {verdict.purpose for verdict in shown.bodies(ev.Verdict)} == {"rejudge"}
        assert all(
            "brevity" in text for request in at.model.requests[-2:] for text in [request.messages[-1].text]
        )
        state = at.state(run)
        assert state.answer_node == before.answer_node
        assert state.verdicts == before.verdicts
        assert state.rounds[1].again == ["R1.J2", "R1.J3"]
        (result,) = shown.bodies(ev.RoundRejudged)
        assert state.wishes[-1].result == result
        wish(at, run, judged_again())
        assert state.rounds[1].result == at.state(run).rounds[1].result
        with pytest.raises(UsageError, match="Round 7 is not decided yet"):
            do(at.chat.wishes.price(run, judged_again(7)))


def test_a_run_that_was_stopped_is_looked_at_again_without_going_on(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.RoundFinished):
                at.chat.stop(event.run)

        run = ask(at, cort(rounds=3), Shown(watch)).run
        before = at.state(run)
        shown = wish(at, run, judged_again(1))
        assert len(shown.asked()) == 1
        state = at.state(run)
        assert state.finished is not None
        assert (state.finished.status, state.finished.answer_node) == ("stopped", before.answer_node)
        assert resume(at, run).state.rounds_finished == 3


def test_ones_own_ranking_is_kept_and_must_make_sense(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:
        run = ask(at, three()).run
        (event,) = do(at.chat.wishes.rank(run, ((A2,), (A1, A3))))
        assert (event.type, event.body.ranking, event.body.round) == ("user.ranked", ((A2,), (A1, A3)), 1)  # type: ignore[union-attr]
        for ranking, words in ((((A1,), (A1,)), "stands twice"), (((A1,),), "two candidates at least")):
            with pytest.raises(UsageError, match=words):
                do(at.chat.wishes.rank(run, ranking))


def test_a_run_that_is_not_stored_takes_the_same_wishes(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:
        run = ask(at, three(store=False)).run
        shown = wish(at, run, added_rounds(1))
        assert shown.bodies(ev.RoundAdded)
        wish(at, run, own_candidate("Mine. " * 99))
        assert do(at.chat.wishes.take_out(run, A1))
