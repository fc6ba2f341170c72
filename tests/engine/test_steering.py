"""A person's words about single calls: which make sense, and what becomes of them in whole runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.engine import steering
from cort_desktop.engine.engine import Run
from cort_desktop.errors import UsageError
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, good_model, handle, is_judge, judged, verdict_json
from tests.fakes.runs import RUN, VIEW, Log, begin, engine, finish, snapshot

Script = Callable[[ChatRequest, int], Reply]
A1, A2, A3, J1, J2 = (NodeName(name) for name in ("R1.A1", "R1.A2", "R1.A3", "R1.J1", "R1.J2"))


def prefers(request: ChatRequest, *order: str) -> Reply:
    """The verdict of a judge that ranks texts in this order, and what it doesn't know last."""
    labels = {text: label for label, text in judged(request)}
    ranking = [[labels.pop(text)] for text in order if text in labels]
    return Reply(text=verdict_json([*ranking, *([list(labels.values())] if labels else [])]))


def contest(texts: dict[int, str | None], order: tuple[str, ...]) -> Script:
    """Answers by the number of the answering call (None: it fails), and judges that prefer this order."""
    asked = iter(range(1, 100))

    def script(request: ChatRequest, _nth: int) -> Reply:
        if is_judge(request):
            return prefers(request, *order)
        text = texts.get(next(asked), "another")
        return Reply(error="unavailable") if text is None else Reply(text=text)

    return script


def retry(log: Log, node: NodeName, script: Script) -> tuple[RunState, Log]:
    """Try a call of an ended run again; the state at its new end, and what was added."""
    more = Log()

    async def main() -> RunState:
        state = RunState(RUN).fold(log.events)
        model = handle(ScriptedModel(script))
        run = engine(model).resume(state, VIEW, more, partials={}, reopen=False, again=node)
        await run.answer()
        return run.state

    return run_virtual(main()), more


def started(log: Log) -> list[str]:
    return [body.node for body in log.bodies(ev.NodeStarted)]


def purposes(log: Log) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(body.node, body.purpose, body.order) for body in log.bodies(ev.Verdict)]


FIRST = contest({1: "good", 2: "fair", 3: None}, ("best", "good", "fair"))


def three(budget: Budget | None = None) -> Log:
    """best_of_n over three answers of which the third fails: R1.A1 wins by two verdicts."""
    log = Log()
    model = handle(ScriptedModel(contest({1: "good", 2: "fair", 3: None}, ("good", "fair"))))
    state = run_virtual(finish(model, "best_of_n", log, alternatives=3, judges=2, budget=budget))
    assert state.finished is not None
    assert (state.finished.answer_node, state.finished.status) == (A1, "degraded")
    return log


def test_a_newcomer_that_is_preferred_in_both_orders_takes_the_place() -> None:
    log = three()
    state, more = retry(log, A3, lambda r, _: prefers(r, "best") if is_judge(r) else Reply(text="best"))
    assert started(more) == [A3, "R1.J3", "R1.J4"]
    assert purposes(more) == [
        ("R1.J3", "head_to_head", (A1, A3)),
        ("R1.J4", "head_to_head", (A3, A1)),
    ]
    assert more.bodies(ev.RoundFinished) == []  # what the panel decided stands
    end = state.finished
    assert end is not None
    assert (end.answer_node, end.answer, end.status, end.missing) == (A3, "best", "complete", ())
    assert end.reason.rule == "panel"
    assert end.reason.text.endswith("R1.A3, tried again, was preferred to R1.A1 in both orders.")
    assert end.scores[A3] > end.scores[A1] > end.scores[A2]
    assert end.calls == 3 + 2 + 3


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (("good", "best"), "did not beat R1.A1."),
        ((), "was not clearly better than R1.A1, which stays."),
    ],
)
def test_a_newcomer_that_is_not_leaves_the_answer_alone(order: tuple[str, ...], words: str) -> None:
    state, _ = retry(three(), A3, lambda r, _: prefers(r, *order) if is_judge(r) else Reply(text="best"))
    assert state.finished is not None
    assert state.finished.answer_node == A1
    assert words in state.finished.reason.text


def test_a_newcomer_before_judges_that_fail_leaves_the_answer_alone() -> None:
    state, _ = retry(three(), A3, lambda r, _: Reply(error="timeout") if is_judge(r) else Reply(text="best"))
    assert state.finished is not None
    assert state.finished.answer_node == A1
    assert "could not be compared with R1.A1" in state.finished.reason.text
    assert state.finished.missing == ("R1.J3", "R1.J4")


def test_a_newcomer_cut_at_its_limit_is_not_even_judged() -> None:
    state, more = retry(three(), A3, lambda _r, _n: Reply(text="best", finish="length"))
    assert started(more) == [A3]
    assert state.finished is not None
    assert state.finished.answer_node == A1
    assert "cut at its token limit" in state.finished.reason.text


def test_a_call_that_fails_once_more_changes_nothing_and_can_be_tried_again() -> None:
    log = three()
    state, more = retry(log, A3, lambda _r, _n: Reply(error="unavailable"))
    assert started(more) == [A3]
    assert state.finished is not None
    assert (state.finished.answer_node, state.finished.missing) == (A1, (A3,))
    attempts = [(body.attempt, body.why) for body in more.bodies(ev.AttemptStarted)]
    assert attempts == [(2, "again")]
    log.events += more.events
    state, more = retry(log, A3, lambda r, _: prefers(r, "best") if is_judge(r) else Reply(text="best"))
    assert [body.attempt for body in more.bodies(ev.AttemptStarted) if body.node == A3] == [3]
    assert state.answer_node == A3


def test_a_judge_tried_again_has_its_say_and_the_round_is_counted_anew() -> None:
    """Two judges rank R1.A2 first, a third failed. Tried again with the very order it had, it contradicts
    them, so that the two are tied, and that is settled head to head."""
    log = Log()
    asked = iter(range(100))

    def script(request: ChatRequest, _nth: int) -> Reply:
        if not is_judge(request):
            return Reply(text=("good", "fair")[next(texts)])
        return Reply(error="unavailable") if next(asked) == 0 else prefers(request, "fair", "good")

    texts = iter((0, 1))
    run_virtual(finish(handle(ScriptedModel(script)), "best_of_n", log, alternatives=2, judges=3))
    before = RunState(RUN).fold(log.events)
    failed = next(node.name for node in before.nodes.values() if node.status == "failed")
    order = next(body.saw for body in log.bodies(ev.NodeStarted) if body.node == failed)
    state, more = retry(log, failed, lambda r, _: prefers(r, "good", "fair"))
    assert started(more) == [failed, "R1.J4", "R1.J5"]
    assert next(body.saw for body in more.bodies(ev.NodeStarted) if body.node == failed) == order
    (result,) = more.bodies(ev.RoundFinished)
    assert result.scores == pytest.approx({A1: 1 / 3, A2: 2 / 3})
    assert (result.winner, result.method, result.missing) == (A1, "head_to_head", ())
    assert state.rounds_finished == 1
    assert state.finished is not None
    assert (state.finished.answer_node, state.finished.status) == (A1, "complete")


def test_where_nobody_was_judged_yet_the_newcomer_makes_it_a_round() -> None:
    log = Log()
    script = contest({1: "good", 2: None}, ())
    run_virtual(finish(handle(ScriptedModel(script)), "best_of_n", log, alternatives=2, judges=2))
    state, more = retry(log, A2, lambda r, _: prefers(r, "best") if is_judge(r) else Reply(text="best"))
    assert started(more) == [A2, J1, J2]
    assert {purpose for _, purpose, _ in purposes(more)} == {"panel"}
    (result,) = more.bodies(ev.RoundFinished)
    assert result.winner == A2
    assert (state.rounds_finished, state.taken_back, state.best) == (1, set(), A2)


def test_a_sample_tried_again_is_counted_and_draws_no_others() -> None:
    """A vote that was clear without it is no longer, and yet the person asked for one call only."""
    log = Log()
    values = {1: None, 2: "A", 3: "A", 4: "A", 5: "A", 6: "A", 7: "A", 8: "B"}
    asked = iter(range(1, 100))

    def script(_request: ChatRequest, _nth: int) -> Reply:
        value = values[next(asked)]
        return Reply(error="unavailable") if value is None else Reply(text=f"Answer: {value}")

    before = run_virtual(finish(handle(ScriptedModel(script)), "self_consistency", log, alternatives=16))
    assert before.votes[-1].tally == {"A": 6, "B": 1}
    state, more = retry(log, A1, lambda _r, _n: Reply(text="Answer: B"))
    assert started(more) == [A1]
    assert state.votes[-1].tally == {"A": 6, "B": 2}
    assert state.finished is not None
    assert state.finished.reason.rule == "samples"
    assert len(more.bodies(ev.RoundFinished)) == 1


def rounds_log(fails: str) -> tuple[Log, RunState]:
    """Two rounds of ``cort`` with two challengers each; ``fails`` is the node whose call fails."""
    log = Log()

    async def main() -> RunState:
        names = iter(["D", "R1.A1", "R1.A2", "R1.J1", "R2.A1", "R2.A2", "R2.J1"])

        def script(request: ChatRequest, _nth: int) -> Reply:
            name = next(names)
            if name == fails:
                return Reply(error="unavailable")
            order = ("R2.A1", "R1.A1", "D")
            return prefers(request, *order) if is_judge(request) else Reply(text=name)

        going = begin(handle(ScriptedModel(script)), "cort", log, rounds=2, alternatives=2, judges=1)
        await going.answer()
        return going.state

    return log, run_virtual(main())


@pytest.mark.parametrize("fails", ["D", "R1.A2", "R2.A2"])
def test_a_latecomer_of_any_round_challenges_the_answer_of_the_whole_run(fails: str) -> None:
    log, before = rounds_log(fails)
    assert before.answer_node == "R2.A1"
    state, more = retry(
        log, NodeName(fails), lambda r, _: prefers(r, "new") if is_judge(r) else Reply(text="new")
    )
    round_ = max(1, before.nodes[NodeName(fails)].round)
    assert started(more) == [fails, f"R{round_}.J2", f"R{round_}.J3"]
    saw = [
        body.saw for body in (*log.bodies(ev.NodeStarted), *more.bodies(ev.NodeStarted)) if body.node == fails
    ]
    assert saw[0] == saw[1]  # it is the same job
    assert state.answer_node == fails
    assert state.finished is not None
    assert state.finished.status == "complete"
    assert state.finished.reason.text.startswith("2 of 2 rounds are done")


def test_a_judge_of_an_early_round_is_counted_without_upsetting_the_later_ones() -> None:
    log, before = rounds_log("R1.J1")
    assert before.rounds[1].result is not None
    assert before.rounds[1].result.method is None
    state, more = retry(log, J1, lambda r, _: prefers(r, "R1.A2"))
    assert started(more) == [J1]
    (result,) = more.bodies(ev.RoundFinished)
    assert (result.round, result.winner) == (1, A2)
    assert (state.rounds_finished, state.taken_back) == (2, set())
    assert state.incumbent == before.incumbent  # the last round's winner, as before
    assert state.finished is not None
    assert state.finished.status == "complete"


def test_caps_are_granted_anew() -> None:
    log = three(Budget(calls=5, seconds=60.0))
    state, more = retry(log, A3, lambda r, _: prefers(r, "best") if is_judge(r) else Reply(text="best"))
    (reopened,) = more.bodies(ev.RunReopened)
    assert reopened.budget is not None
    assert reopened.budget.calls == 5 + 5
    assert reopened.budget.seconds is not None
    assert reopened.budget.seconds > 60.0
    assert reopened.budget.tokens is None
    assert state.answer_node == A3


def test_a_run_that_was_stopped_goes_on_with_all_it_lacks() -> None:
    log = Log()

    async def main() -> None:
        going = begin(handle(ScriptedModel(contest({1: "good", 2: None}, ()))), "best_of_n", log)

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.NodeFailed):
                going.steer(ev.UserEvent(verb="stopped"))

        log._watch = watch
        await going.answer()

    run_virtual(main())
    state, more = retry(log, A2, lambda r, _: prefers(r, "new") if is_judge(r) else Reply(text="new"))
    assert state.finished is not None
    assert state.finished.reason.rule == "panel"
    assert A2 in started(more)
    assert state.finished.missing == ()


def live(script: Script, on: Callable[[ev.Event, Run], None], **numbers: int) -> tuple[RunState, Log]:
    """A run of best_of_n to which a person says something."""
    log = Log()

    async def main() -> RunState:
        going = begin(handle(ScriptedModel(script)), "best_of_n", log, **numbers)
        log._watch = lambda event: on(event, going)
        await going.answer()
        return going.state

    return run_virtual(main()), log


def test_tried_again_before_the_judges_were_asked_it_is_a_contestant_like_the_others() -> None:
    asked = iter(range(100))

    def script(request: ChatRequest, _nth: int) -> Reply:
        if is_judge(request):
            return prefers(request, "new", "good")
        match next(asked):
            case 0:
                return Reply(error="unavailable", seconds=0.5)
            case 1:
                return Reply(text="good", seconds=5.0)
        return Reply(text="new")

    def on(event: ev.Event, going: Run) -> None:
        if isinstance(event.body, ev.NodeFailed):
            going.steer(steering.tried_again(going.state, event.body.node))

    state, log = live(script, on, alternatives=2, judges=2)
    assert started(log) == [A1, A2, A1, J1, J2]
    assert {purpose for _, purpose, _ in purposes(log)} == {"panel"}
    assert state.late == []
    assert state.answer_node == A1
    assert state.finished is not None
    assert state.finished.status == "complete"


def test_tried_again_while_the_judges_are_at_work_it_comes_late() -> None:
    asked = iter(range(100))

    def script(request: ChatRequest, _nth: int) -> Reply:
        if is_judge(request):
            return Reply(text=prefers(request, "new", "good").text, seconds=3.0)
        number = next(asked)
        return Reply(error="unavailable") if number == 0 else Reply(text=("", "good", "fair", "new")[number])

    def on(event: ev.Event, going: Run) -> None:
        if isinstance(event.body, ev.NodeStarted) and event.body.node == J2:
            going.steer(steering.tried_again(going.state, A1))

    state, log = live(script, on, alternatives=3, judges=2)
    assert state.late == [A1]
    orders = purposes(log)
    assert all(A1 not in order for _, purpose, order in orders if purpose == "panel")
    assert [name for name, purpose, _ in orders if purpose == "head_to_head"] == ["R1.J3", "R1.J4"]
    assert state.answer_node == A1


def test_a_call_that_was_stopped_alone_can_be_tried_again() -> None:
    said: list[str] = []

    def on(event: ev.Event, going: Run) -> None:
        body = event.body
        if isinstance(body, ev.AttemptFirstContent) and body.node == A2 and not said:
            said.append("stop")
            word = steering.dropped(going.state, A2)
            assert word is not None
            going.steer(word)
            assert steering.dropped(going.state, A2) is None  # said once
        elif isinstance(body, ev.NodeCancelled) and said == ["stop"]:
            said.append("again")
            going.steer(steering.tried_again(going.state, A2))

    state, log = live(good_model(1).script, on, alternatives=3, judges=1)
    assert started(log).count(A2) == 2
    (cancelled,) = log.bodies(ev.NodeCancelled)
    assert (cancelled.by, bool(cancelled.partial)) == ("person", True)
    assert state.dropped == set()
    assert state.nodes[A2].is_candidate
    assert state.finished is not None
    assert state.finished.status == "complete"


def test_good_enough_waits_for_judges_and_lets_writers_go() -> None:
    asked = iter(range(100))

    def script(request: ChatRequest, _nth: int) -> Reply:
        if is_judge(request):
            return Reply(text=prefers(request, "fair", "good").text, seconds=9.0)
        return Reply(text=("good", "fair", "slow")[next(asked)], seconds=1.0)

    def on(event: ev.Event, going: Run) -> None:
        if isinstance(event.body, ev.NodeStarted) and event.body.node == J1:
            going.steer(ev.UserEvent(verb="enough"))

    state, log = live(script, on, alternatives=3, judges=1)
    assert started(log) == [A1, A2, A3, J1]
    assert state.answer_node == A2
    assert state.rounds[1].result is not None

    log = Log()

    async def early() -> RunState:
        slow = ScriptedModel(lambda _r, nth: Reply(text=f"t{nth}", seconds=1.0 if nth == 1 else 500.0))
        going = begin(handle(slow), "best_of_n", log, alternatives=3, judges=1)
        log._watch = lambda event: going.steer(ev.UserEvent(verb="enough")) if event.seq == 2 else None
        await going.answer()
        return going.state

    state = run_virtual(early())
    assert state.answer_node == A1
    assert state.active_seconds < 2
    assert state.finished is not None
    assert (state.finished.status, state.finished.reason.rule) == ("stopped", "enough")


def test_what_makes_no_sense_is_refused_in_words() -> None:
    log = three()
    state = RunState(RUN).fold(log.events)
    for node, words in [
        (A1, "R1.A1 has answered"),
        (J1, "R1.J1 has answered"),
        (NodeName("R9.A9"), "There is no R9.A9"),
    ]:
        with pytest.raises(UsageError, match=words):
            steering.tried_again(state, node)
    for node, words in [
        (A3, "R1.A3 failed, so there is no whole answer of it"),
        (J1, "R1.J1 is no answer"),
        (NodeName("R9.A9"), "There is no R9.A9"),
    ]:
        with pytest.raises(UsageError, match=words):
            steering.chosen(state, node)
    with pytest.raises(UsageError, match=r"There is no R9\.A9"):
        steering.dropped(state, NodeName("R9.A9"))
    assert steering.dropped(state, A3) is None  # it has ended by itself
    working = RunState(RUN).fold(log.events[:3])
    with pytest.raises(UsageError, match="still at work"):
        steering.tried_again(working, A1)
    with pytest.raises(UsageError, match="still being written"):
        steering.chosen(working, A1)


def test_a_choice_is_a_word_and_so_is_taking_it_back() -> None:
    log = three()
    state = RunState(RUN).fold(log.events)
    assert steering.chosen(state, None) is None
    word = steering.chosen(state, A2)
    assert word is not None
    run_virtual(_noted(state, word))
    assert (state.answer_node, state.answer, state.override) == (A2, "fair", A2)
    assert steering.chosen(state, A2) is None
    back = steering.chosen(state, None)
    assert back is not None
    run_virtual(_noted(state, back))
    assert (state.answer_node, state.answer, state.override) == (A1, "good", None)


async def _noted(state: RunState, word: ev.UserEvent) -> None:
    before = state.seq
    (event,) = engine(handle(good_model())).note(state, word)
    assert (event.seq, event.body) == (before + 1, word)


def test_a_choice_outlives_trying_another_one_again() -> None:
    log = three()
    state = RunState(RUN).fold(log.events)
    word = ev.UserEvent(verb="override", node=A2)
    log.events.append(ev.Event(run=RUN, seq=state.seq + 1, at=log.events[-1].at, body=word))
    state, more = retry(log, A3, lambda r, _: prefers(r, "best") if is_judge(r) else Reply(text="best"))
    assert state.finished is not None
    assert state.finished.answer_node == A3
    assert state.answer_node == A2
    assert snapshot(RunState(RUN).fold([*log.events, *more.events])) == snapshot(state)


def test_a_whole_latecomer_takes_the_place_of_an_answer_that_is_cut() -> None:
    """All challengers are cut at their limit and the draft failed; what is whole needs no verdict."""
    log = Log()

    def script(request: ChatRequest, nth: int) -> Reply:
        if is_judge(request):
            return prefers(request, "2", "3")
        return Reply(error="unavailable") if nth == 1 else Reply(text=str(nth), finish="length")

    run_virtual(finish(handle(ScriptedModel(script)), "cort", log, rounds=1, alternatives=2, judges=1))
    state, more = retry(log, NodeName("D"), lambda _r, _n: Reply(text="whole"))
    assert started(more) == ["D"]
    assert state.answer_node == "D"
    assert state.finished is not None
    assert "D, tried again, takes the place of R1.A1, which is cut" in state.finished.reason.text
