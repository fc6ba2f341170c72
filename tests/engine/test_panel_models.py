"""Panels over several models: who judges whom, in which order, and never a pair of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.engine import worth
from cort_desktop.engine.decisions import Start
from cort_desktop.engine.judges import authors_of
from cort_desktop.engine.scoring import score_step
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, handle, is_judge, judged, longest_wins, verdict_json
from tests.fakes.runs import RUN, VIEW, Log, engine, started
from tests.fakes.story import Story, n

A, B, C, W = (ModelRef(f"fake/{letter}") for letter in "abcw")


def judged_by(
    proposers: tuple[ModelRef, ...], judges: tuple[ModelRef, ...], *, alternatives: int, verdicts: int
) -> tuple[RunState, Log]:
    """best_of_n with a line-up; judges prefer what is long, and the first answers are the shortest."""
    log = Log()

    def script(request: ChatRequest, nth: int) -> Reply:
        return Reply(text=longest_wins(request) if is_judge(request) else "word " * nth)

    begun = started("best_of_n", alternatives=alternatives, judges=verdicts)
    begun = replace(begun, spec=replace(begun.spec, lineup={"proposer": proposers, "judge": judges}))

    async def main() -> RunState:
        run = engine(handle(ScriptedModel(script))).start(RUN, begun, VIEW, log, {})
        await run.answer()
        return run.state

    return run_virtual(main()), log


def test_verdicts_go_round_the_models_and_their_orders_are_one_latin_square() -> None:
    _, log = judged_by((A,), (B, C), alternatives=4, verdicts=4)
    verdicts = log.bodies(ev.Verdict)
    assert Counter(verdict.model for verdict in verdicts) == {B: 2, C: 2}
    for place in range(4):
        assert len({verdict.order[place] for verdict in verdicts}) == 4


def test_own_answers_are_left_out_only_where_every_candidate_keeps_a_vote_of_another_model() -> None:
    _, log = judged_by((A, B), (A, B, C), alternatives=4, verdicts=3)
    state, _ = judged_by((A, B), (A, B, C), alternatives=4, verdicts=3)
    for verdict in log.bodies(ev.Verdict):
        own = {node.name for node in state.candidates() if node.model == verdict.model}
        assert set(verdict.excluded) == own
    _, alone = judged_by((A, B), (A,), alternatives=4, verdicts=3)
    assert {verdict.excluded for verdict in alone.bodies(ev.Verdict)} == {()}


@pytest.mark.parametrize("judges", [(A, B), (A, B, C), (A,)])
def test_a_pair_is_never_left_with_one_and_goes_to_a_model_that_wrote_neither_where_there_is_one(
    judges: tuple[ModelRef, ...],
) -> None:
    state, log = judged_by((A, B), judges, alternatives=8, verdicts=3)
    verdicts = [verdict for verdict in log.bodies(ev.Verdict) if verdict.purpose == "panel"]
    assert len(verdicts) == 24
    for verdict in verdicts:
        assert len(verdict.order) == 2
        authors = {state.nodes[name].model for name in verdict.order}
        assert verdict.model not in authors or not set(judges) - authors
    by_pair = Counter((frozenset(verdict.order), verdict.model) for verdict in verdicts)
    assert set(by_pair.values()) == {2}, "both orders of a pair go to one model"
    assert state.rounds[1].result is not None
    assert state.rounds[1].result.method == "bradley_terry"
    assert state.finished is not None
    assert len((state.finished.answer or "").split()) >= 6, "1.5 pairs for each find one of the best"


def test_own_answers_stay_where_leaving_them_out_would_tear_the_ranking_apart() -> None:
    """Two models, two answers each: each would rank the other's pair, and nobody the four of them."""
    state, log = judged_by((A, B), (A, B), alternatives=4, verdicts=2)
    assert {verdict.excluded for verdict in log.bodies(ev.Verdict)} == {()}
    assert state.finished is not None
    assert state.finished.answer_node == "R1.A4", "the longest of all four"


def test_what_a_stand_in_wrote_is_its_own_too() -> None:
    """A service named as the fallback of A wrote R1.A1 in its place: it doesn't judge that."""
    story = Story(strategy="best_of_n", preset="quick", question="Why?")
    for index, (asked, wrote) in enumerate(((A, C), (B, B), (A, A)), 1):
        name = f"R1.A{index}"
        answered = ev.NodeFinished(node=n(name), text="word " * index, finish="stop", model=wrote)
        story.start(name, model=asked).add(answered)
    state = RunState(story.run).fold(story.events)
    assert authors_of(state.nodes[n("R1.A1")]) == {A, C}
    assert authors_of(state.nodes[n("R1.A2")]) == {B}


def test_what_a_stand_in_wrote_it_neither_scores_alone_nor_compares_in_the_end() -> None:
    """R1.A1 was asked of A and written by B; the first of the judging models that may look at it is C."""
    spec = RunSpec(lineup={"proposer": (A,), "judge": (B, C)}, judges=1)
    story = Story(strategy="ab_mcts", spec=spec).start("R1.A1", model=A).start("R1.A2", model=A)
    for name, wrote in (("R1.A1", B), ("R1.A2", A)):
        story.add(ev.NodeFinished(node=n(name), text=f"the text of {name}", finish="stop", model=wrote))
    asked = [each.job for each in score_step(story.state(), [n("R1.A1")]) if isinstance(each, Start)]
    assert [job.model for job in asked] == [C]
    story.add(ev.RoundFinished(round=1, winner=n("R1.A2"), method="rubric"))
    assert worth.asked(story.end("nodes", "R1.A2 is best.", answer="R1.A2").state()).models == (C,)


def duelled(judges: tuple[ModelRef, ...], verdicts: int, for_first: Callable[[str, int], bool]) -> RunState:
    """Two answers whose judges say of them what ``for_first`` of the model and its turn says."""
    turns: Counter[str] = Counter()

    def script(request: ChatRequest, nth: int) -> Reply:
        if not is_judge(request):
            return Reply(text="first" if nth == 1 else "second")
        turns[request.model] += 1
        shown = {text: label for label, text in judged(request)}
        wanted = (
            ("first", "second") if for_first(request.model, turns[request.model]) else ("second", "first")
        )
        return Reply(text=verdict_json([[shown[text]] for text in wanted]))

    begun = started("best_of_n", alternatives=2, judges=verdicts)
    begun = replace(begun, spec=replace(begun.spec, lineup={"proposer": (W,), "judge": judges}))

    async def main() -> RunState:
        run = engine(handle(ScriptedModel(script))).start(RUN, begun, VIEW, Log(), {})
        await run.answer()
        return run.state

    return run_virtual(main())


def duel_of(state: RunState) -> list[ev.Verdict]:
    return [verdict for verdict in state.verdicts.values() if verdict.purpose == "head_to_head"]


def test_a_head_to_head_goes_to_two_models_each_shown_the_order_it_has_not_seen() -> None:
    """Different judges do more than repeated ones: the taste of one doesn't decide alone what it was torn
    about before."""
    state = duelled((A, B, C), 3, lambda model, _: model == A)
    panel = {v.model: v.order for v in state.verdicts.values() if v.purpose == "panel"}
    one, other = duel_of(state)
    assert one.order == other.order[::-1]
    assert one.model != other.model
    assert panel[one.model or A] == other.order
    assert panel[other.model or A] == one.order
    result = state.rounds[1].result
    assert result is not None
    assert result.winner == "R1.A2", "two of three prefer it, whoever of them was asked again"
    assert result.unstable is False


def test_who_has_not_compared_the_two_is_asked_first_and_alone_sees_both_orders() -> None:
    state = duelled((A, B, C), 2, lambda model, _: model == A)
    assert {verdict.model for verdict in duel_of(state)} == {C}
    state = duelled((A, B), 3, lambda model, _: model == A)
    assert {verdict.model for verdict in duel_of(state)} == {B}, "A was heard twice already"


def test_two_models_of_other_minds_are_not_said_to_be_swayed_by_the_order() -> None:
    """Of two judges that contradict each other, but not themselves, the order changed nothing."""
    state = duelled((A, B), 2, lambda model, _: model == A)
    result = state.rounds[1].result
    assert result is not None
    assert (result.method, result.unstable) == ("borda", False)
    swayed = duelled((A, B), 2, lambda model, turn: (model == A) == (turn == 1))
    result = swayed.rounds[1].result
    assert result is not None
    assert result.unstable is True
