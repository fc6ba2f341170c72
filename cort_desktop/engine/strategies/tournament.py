"""``tournament``, the flagship: an incumbent against varied challengers before a blind panel, round after
round, until another round would not pay.

Round 1 runs beside the draft, with moves that don't see it. The winner stands; the next round's challengers
each make another move (``engine/moves.py``), and judges are not told who stands. A slow candidate isn't
waited for once there is a quorum (``engine/quorum.py``); it joins the next verdict. After each round the stop
rules are asked (``engine/stop_rules.py``). The answer is the best rated of all that were ever judged.

From Chain of Recursive Thoughts (PhialsBasement 2025), with tournament selection over an archive as in
King-of-the-hill evaluation and knockout search (Chen et al. 2024, arXiv:2411.19477). Calls: at most
1 + R(A+K). Depth: R(T_g + T_j); two more calls and T_j for each head-to-head.
"""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import DRAFT, NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import WholeSetting
from cort_desktop.engine import fallback, judging, stop_rules, verifying
from cort_desktop.engine.decisions import Decision, Finish, Record, Start
from cort_desktop.engine.latecomers import challenge
from cort_desktop.engine.moves import challenger, challengers
from cort_desktop.engine.panel import (
    Panel,
    duel_turn,
    head_to_head,
    panel_calls,
    panel_step,
)
from cort_desktop.engine.quorum import quorum
from cort_desktop.engine.strategies import contest
from cort_desktop.engine.strategies.base import Calls, Depth
from cort_desktop.engine.strategies.single import draft_job
from cort_desktop.engine.thrift import Wanted, cut_to_budget, wished

DEFAULT_ROUNDS = 3
LEAST_ROUNDS = 2
"""Before it, no stop rule can fire."""


class Tournament:
    """Incumbent, varied challengers, blind panel, archive, stop rules."""

    name = "tournament"
    summary = "Varied challengers against the best so far, blind judges, as many rounds as pay."
    source = "PhialsBasement, Chain-of-Recursive-Thoughts, 2025; Chen et al. 2024, arXiv:2411.19477"
    settings = (
        WholeSetting(name="rounds", default=DEFAULT_ROUNDS, low=0, high=100, words="rounds at most"),
        WholeSetting(
            name="alternatives",
            default=3,
            low=1,
            high=40,
            words="challengers in each round",
            noun="challengers",
        ),
        WholeSetting(
            name="judges", default=3, low=1, high=9, words="judges that rank them, each in another order"
        ),
    )

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """1 + R(A+K); two rounds are the fewest after which a rule may stop."""
        del question
        high = _wanted(spec)
        low, wanted = min(LEAST_ROUNDS, high), spec.alternatives or 1
        return (
            Calls(role="proposer", low=1, high=1),
            Calls(role="proposer", low=low * wanted, high=high * wanted, seen=1),
            panel_calls(wanted + 1, spec, rounds=(low, high)),
        )

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """An answer and a verdict each round; the draft is written beside the first."""
        del question
        rounds = min(LEAST_ROUNDS, _wanted(spec))
        return Depth(answers=max(1, rounds), verdicts=rounds)

    def decide(self, state: RunState) -> list[Decision]:
        """Round after round, until a rule or the number of rounds ends it; then those that came late
        challenge the winner.
        """
        late = contest.late_starts(state, challenger)
        number = state.next_round
        if not state.taken_back and (end := _ended(state)) is not None:
            return late or self._end(state, end)
        return [*late, *self._round(state, number)]

    def close(self, state: RunState) -> Finish:
        """The best of all judged; within an unfinished round, what its verdicts say so far."""
        return contest.best_so_far(state, has_ended=_ended(state) is not None)

    def _round(self, state: RunState, number: int) -> list[Decision]:
        if (cut := _cut(state, number)) is not None:
            instead = _draft_first(state) if isinstance(cut.body, ev.LimitReached) else None
            return [cut] if instead is None else instead
        starts = [*_draft_starts(state, number), *_starts(state, number)]
        if starts:
            return list(starts)
        waiting = [node for node in state.running.values() if contest.is_challenger(node, number)]
        draft = state.running.get(DRAFT)
        if waiting or (draft is not None and not draft.is_late):
            members = [*contest.proposed(state, number), *([state.nodes[DRAFT]] if number == 1 else [])]
            there = contest.incumbent_of(state, number) is not None
            enough = quorum(number, members, incumbent_there=there)
            return [] if enough is None else [enough]
        panel = contest.panel(state, number)
        if not panel.contestants:
            return [self.close(state)]
        step = panel_step(state, panel)
        if step.result is None:
            return list(step.decisions)
        return _decided(state, panel, step.result)

    def _end(self, state: RunState, end: stop_rules.StopRule) -> list[Decision]:
        done = state.rounds_finished
        standing = contest.standing(state, done)
        if standing is None:
            return [self.close(state)]
        if end.rule == "noise":
            chosen = fallback.without_judges(state)
            text = f"{end.text} {chosen.words}"
            return [Finish(rule=end.rule, text=text, numbers=end.numbers, answer=chosen.node, degraded=True)]
        late = challenge(state, standing)
        if late.is_open:
            return list(late.decisions)
        unread = [number for number in state.rounds if contest.is_undecided(state, number)]
        words = [end.text, _best_words(state, done, late.answer)]
        if unread:
            words.append(f"Rounds whose verdict could not be read: {', '.join(map(str, unread))}.")
        return [
            Finish(
                rule=end.rule,
                text=" ".join(words) + late.words,
                numbers={**end.numbers, "rounds": done, "undecided": len(unread)},
                answer=late.answer,
                scores=judging.bradley_terry(list(state.verdicts.values())),
                degraded=bool(unread),
            )
        ]


def _wanted(spec: RunSpec) -> int:
    return DEFAULT_ROUNDS if spec.rounds is None else spec.rounds


def _ended(state: RunState) -> stop_rules.StopRule | None:
    """Why no further round is played; None while one is, or should be."""
    done = state.rounds_finished
    if state.nodes.get(DRAFT) is None:
        return None
    if done < _wanted(state.spec):
        begun = done + 1 in state.rounds and contest.proposed(state, done + 1)
        return None if begun or not done else stop_rules.fired(state, done)
    draft = state.nodes[DRAFT]
    if done == 0 and (draft.status == "running" or draft.may_ask_again) and not draft.is_late:
        return None
    return stop_rules.StopRule(rule="rounds", text=f"{stop_rules.played_words(done)}.")


def _draft_first(state: RunState) -> list[Decision] | None:
    """Where no round fits, the draft is still asked for; None once there is one."""
    draft = state.nodes.get(DRAFT)
    if draft is None:
        return [Start(job=draft_job(state))]
    return [] if draft.status == "running" else None


def _cut(state: RunState, number: int) -> Record | None:
    """A round that has not begun is cut to what the budget still holds."""
    if contest.proposed(state, number) or number > _wanted(state.spec):
        return None
    answers, judges = wished(state)
    besides = int(DRAFT not in state.nodes)
    return cut_to_budget(state, Wanted(answers=answers, judges=judges, standing=1, besides=besides))


def _draft_starts(state: RunState, number: int) -> list[Start]:
    draft = state.nodes.get(DRAFT)
    wanted = draft is None or (draft.may_ask_again and not draft.is_late and number == 1)
    return [Start(job=draft_job(state))] if wanted else []


def _starts(state: RunState, number: int) -> list[Start]:
    if number > _wanted(state.spec):
        return []
    return contest.challenger_starts(state, number, state.spec.alternatives or 1, challengers())


def _decided(state: RunState, panel: Panel, result: ev.RoundFinished) -> list[Decision]:
    """Write the round down; a winner that only says again what was beaten before meets that first, and the
    loser is retired.
    """
    twin = None
    if result.winner is not None and result.method is not None and result.kept is not True:
        twin = stop_rules.dethroned_twin(state, panel.round, result.winner)
    if twin is None or result.winner is None or len(verifying.foremost(state, (twin, result.winner))) == 1:
        return [Record(body=result)]
    before = _asked_before(state, panel)
    turn = duel_turn(panel, len(before))
    duel = head_to_head(state, panel, (twin, result.winner), of_panel=before, turn=turn)
    if duel.decisions is not None and not (state.is_closing and not duel.has_begun):
        return list(duel.decisions)
    winner = duel.winner or result.winner
    retired = tuple(name for name in (twin, result.winner) if name != winner)
    return [Record(body=replace(result, winner=winner, retired=retired))]


def _asked_before(state: RunState, panel: Panel) -> frozenset[NodeName]:
    """Verdicts of the round that are not the duel's: all but head-to-heads."""
    return frozenset(
        name
        for name in state.rounds[panel.round].judges
        if (verdict := state.verdicts.get(name)) is not None and verdict.purpose != "head_to_head"
    )


def _best_words(state: RunState, done: int, answer: NodeName) -> str:
    last = state.rounds[done].result if done in state.rounds else None
    if last is not None and last.winner is not None and answer != last.winner:
        return f"{last.winner} won the last round, and {answer} is rated best over all verdicts."
    return f"{answer} came out best."
