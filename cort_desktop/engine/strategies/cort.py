"""``cort``: Chain of Recursive Thoughts, the original's loop with its faults mended.

A draft; in each round A alternatives that see the incumbent challenge it, one blind judge ranks them with
the incumbent among them, and the winner goes on; R rounds, fixed or decided by the model. The original is
PhialsBasement's Chain-of-Recursive-Thoughts (2025). Mended: alternatives are asked at once, the judge sees
the conversation and not which answer is the incumbent, an unreadable verdict is a visible state, a failed
call is never a candidate. Calls: 1 + R(A+1), one more when the model decides R. Depth: T_g + R(T_g + T_j);
deciding R runs beside the draft.
"""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import DRAFT, NodeName, call_name, candidate_name
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import WholeSetting
from cort_desktop.engine import judging
from cort_desktop.engine.decisions import Decision, Finish, Job, Record, Start
from cort_desktop.engine.latecomers import Challenge, challenge
from cort_desktop.engine.panel import panel_calls, panel_step
from cort_desktop.engine.prompts import MOST_ROUNDS
from cort_desktop.engine.replies import read_rounds
from cort_desktop.engine.stop_rules import played_words
from cort_desktop.engine.strategies import contest
from cort_desktop.engine.strategies.base import (
    Calls,
    Depth,
    pick_model,
)
from cort_desktop.engine.strategies.single import draft_job
from cort_desktop.engine.thrift import Wanted, cut_to_budget, wished

UNREAD_ROUNDS = 2
ROUNDS_CALL = call_name(1)


class Cort:
    """Draft, challenge, judge, again."""

    name = "cort"
    summary = "A draft; in each round alternatives challenge it, a blind judge picks, and the winner goes on."
    source = "PhialsBasement, Chain-of-Recursive-Thoughts, 2025"
    settings = (
        WholeSetting(
            name="rounds",
            default=None,
            low=0,
            high=1000,
            words="rounds; left out, the model decides (1 to 5)",
        ),
        WholeSetting(
            name="alternatives",
            default=3,
            low=1,
            high=40,
            words="challengers in each round",
            noun="challengers",
        ),
        WholeSetting(name="judges", default=1, low=1, high=9, words="judges in each round"),
    )

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """1 + R(A+K), and one call to decide R."""
        del question
        low, high = (1, MOST_ROUNDS) if spec.rounds is None else (spec.rounds, spec.rounds)
        wanted = spec.alternatives or 1
        decides = () if spec.rounds is not None else (Calls(role="router", low=1, high=1),)
        return (
            Calls(role="proposer", low=1, high=1),
            *decides,
            Calls(role="proposer", low=low * wanted, high=high * wanted, seen=1),
            panel_calls(wanted + 1, spec, rounds=(low, high)),
        )

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """A draft, then an answer and a verdict each round."""
        del question
        rounds = UNREAD_ROUNDS if spec.rounds is None else spec.rounds
        return Depth(answers=1 + rounds, verdicts=rounds)

    def decide(self, state: RunState) -> list[Decision]:
        """The draft (and the number of rounds beside it), then round after round; at the end those that
        came late challenge the winner.
        """
        decisions = [*_rounds_call(state), *contest.late_starts(state, _challenger)]
        draft = state.nodes.get(DRAFT)
        if draft is None or (draft.may_ask_again and not draft.is_late):
            return [Start(job=draft_job(state)), *decisions]
        if draft.status == "running" and not draft.is_late:
            return decisions
        done = state.rounds_finished
        wanted = state.spec.rounds
        if wanted is None and done >= 1:
            return decisions
        if wanted is not None and done >= wanted:
            return decisions or self._end(state, done)
        return [*decisions, *self._round(state, state.next_round)]

    def close(self, state: RunState) -> Finish:
        """The best of all judged; within an unfinished round, what its verdicts say so far."""
        wanted = state.spec.rounds
        return contest.best_so_far(state, has_ended=wanted is not None and state.rounds_finished >= wanted)

    def _round(self, state: RunState, number: int) -> list[Decision]:
        if not contest.proposed(state, number):
            answers, judges = wished(state)
            cut = cut_to_budget(state, Wanted(answers=answers, judges=judges, standing=1))
            if cut is not None:
                return [cut]
        starts = contest.challenger_starts(state, number, state.spec.alternatives or 1, _challenger)
        if starts:
            return list(starts)
        if any(contest.is_challenger(node, number) for node in state.running.values()):
            return []
        panel = contest.panel(state, number)
        if not panel.contestants:
            return [self.close(state)]
        step = panel_step(state, panel)
        if step.result is not None:
            return [Record(body=step.result)]
        return list(step.decisions)

    def _end(self, state: RunState, done: int) -> list[Decision]:
        standing = contest.standing(state, done)
        if standing is None:
            return [self.close(state)]
        late = challenge(state, standing)
        return list(late.decisions) if late.is_open else [self._finish(state, done, standing, late)]

    def _finish(self, state: RunState, done: int, answer: NodeName, late: Challenge) -> Finish:
        last = state.rounds[done].result if done else None
        unread = [number for number in state.rounds if contest.is_undecided(state, number)]
        played = played_words(done)
        text = f"{played}; {answer} came out best."
        if last is not None and answer != last.winner:
            text = (
                f"{played}; {last.winner} won the last, and {answer} is rated best over the verdicts of all "
                "rounds."
            )
        if unread:
            text += f" Rounds whose verdict could not be read: {', '.join(map(str, unread))}."
        return Finish(
            rule="rounds",
            text=text + late.words,
            numbers={"rounds": done, "undecided": len(unread)},
            answer=late.answer,
            scores=judging.bradley_terry(list(state.verdicts.values())),
            degraded=bool(unread),
        )


def _rounds_call(state: RunState) -> list[Decision]:
    """Ask how many rounds the question deserves, and write the plan down once that is known."""
    if state.spec.rounds is not None or state.is_closing:
        return []
    node = state.nodes.get(ROUNDS_CALL)
    if node is None or node.may_ask_again:
        model = pick_model(state.spec, "router", 0)
        return [Start(job=Job(name=ROUNDS_CALL, task="rounds", role="router", model=model))]
    if node.status == "running":
        return []
    rounds = read_rounds(node.text, MOST_ROUNDS) if node.status == "finished" else None
    why = (
        f"The model asks for {'1 round' if rounds == 1 else f'{rounds} rounds'}."
        if rounds is not None
        else f"How many rounds the model wants could not be read; {UNREAD_ROUNDS} are played."
    )
    spec = replace(state.spec, rounds=rounds or UNREAD_ROUNDS)
    return [Record(body=ev.RunPlanned(strategy=state.strategy, spec=spec, why=why))]


def _challenger(state: RunState, number: int, index: int, incumbent: NodeName | None) -> Job:
    """Sees the incumbent and tries to beat it; with none to see, a fresh attempt."""
    return Job(
        name=candidate_name(number, index),
        task="revise" if incumbent else "answer",
        role="proposer",
        kind="revision" if incumbent else "fresh",
        move="revise" if incumbent else "fresh",
        round=number,
        model=pick_model(state.spec, "proposer", index),
        parents=(incumbent or DRAFT,),
        saw=(incumbent,) if incumbent else (),
        sample=index,
    )
