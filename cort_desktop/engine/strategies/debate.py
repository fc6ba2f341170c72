"""``debate``: two sides answer, argue against each other's statements, and blind judges decide; the answer is
the winner's last statement.

Debate as a way to find what is true: Irving et al. 2018 (arXiv:1805.00899); sides that see and answer each
other round by round: Du et al. 2023 (arXiv:2305.14325); that judges gain by it: Khan et al. 2024
(arXiv:2402.06782). The second side begins by another way, or with another model where there are several. Both
speak at once in each exchange. A statement always is a whole answer, so judges read the last of each side and
a side whose call failed goes on with the one it had. Calls: 2R + K. Depth: R·T_g + T_j.
"""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName, candidate_name
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import WholeSetting
from cort_desktop.engine import judging
from cort_desktop.engine.decisions import Decision, Finish, Job, Record, Start
from cort_desktop.engine.latecomers import Challenge, challenge
from cort_desktop.engine.panel import Panel, panel_calls, panel_step, partial_result, round_missing
from cort_desktop.engine.strategies.base import Calls, Depth, pick_model
from cort_desktop.engine.thrift import Wanted, short_of

DEFAULT_EXCHANGES = 2
DEFAULT_JUDGES = 3
SIDES = ("first", "second")


class Debate:
    """Two sides, R exchanges, a panel."""

    name = "debate"
    summary = "Two sides argue for their answers; blind judges decide whose last statement is the answer."
    source = (
        "Irving et al. 2018, arXiv:1805.00899; Du et al. 2023, arXiv:2305.14325; "
        "Khan et al. 2024, arXiv:2402.06782"
    )
    settings = (
        WholeSetting(
            name="rounds",
            default=DEFAULT_EXCHANGES,
            low=1,
            high=10,
            words="exchanges between the two sides",
            noun="exchanges",
        ),
        WholeSetting(
            name="judges",
            default=DEFAULT_JUDGES,
            low=1,
            high=9,
            words="judges that decide, each in another order",
        ),
    )

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """2R statements, of which all but the first two have read two, and K verdicts."""
        del question
        later = len(SIDES) * (_exchanges(spec) - 1)
        return (
            Calls(role="proposer", low=len(SIDES), high=len(SIDES)),
            Calls(role="proposer", low=later, high=later, seen=len(SIDES)),
            panel_calls(len(SIDES), replace(spec, judges=_judges(spec))),
        )

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """One statement each exchange, then the judges."""
        del question
        return Depth(answers=_exchanges(spec), verdicts=1)

    def decide(self, state: RunState) -> list[Decision]:
        """Exchange after exchange, then the judges; then those that came late challenge the winner."""
        if not state.rounds and (cut := _cut(state)) is not None:
            return [cut]
        late = _late_starts(state)
        number = _exchange(state)
        starts = late + _starts(state, number)
        if starts:
            return [Start(job=job) for job in starts]
        if any(node.side and not node.is_late for node in state.running.values()):
            return []
        last = _last_statements(state, number)
        if not last:
            return [self.close(state)]
        is_over = number == _exchanges(state.spec) or len(last) < len(SIDES) or not _spoke(state, number)
        if not is_over:
            return [Record(body=_exchanged(state, number))]
        return self._judge(state, number, last)

    def close(self, state: RunState) -> Finish:
        """What the judges say so far; before they were asked, the first side's last statement."""
        number = _exchange(state)
        last = _last_statements(state, number)
        if not last:
            return Finish(rule="no_candidate", text="No call brought an answer.", degraded=True)
        round_ = state.rounds.get(number)
        decided = None if round_ is None else round_.result
        judged = decided
        if decided is None and round_ is not None and round_.judges:
            judged = partial_result(state, _panel(state, number, last))
        if judged is not None and judged.winner is not None:
            end = self._finish(state, judged, challenge(state, judged.winner))
            return replace(end, results=() if decided else (judged,))
        stands = _unjudged(state, last)
        side = state.nodes[stands].side
        begun = number if number in state.rounds else number - 1
        result = replace(_exchanged(state, begun), winner=stands)
        return Finish(
            rule="unjudged",
            text=f"The debate was not judged; {stands} is the {side} side's last statement.",
            answer=stands,
            degraded=True,
            results=() if decided else (result,),
        )

    def _judge(self, state: RunState, number: int, last: tuple[NodeName, ...]) -> list[Decision]:
        result = state.rounds[number].result
        if result is None:
            step = panel_step(state, _panel(state, number, last))
            return [Record(body=step.result)] if step.result is not None else list(step.decisions)
        if result.winner is None:
            return [self.close(state)]
        late = challenge(state, result.winner)
        return list(late.decisions) if late.is_open else [self._finish(state, result, late)]

    def _finish(self, state: RunState, result: ev.RoundFinished, late: Challenge) -> Finish:
        judges = state.rounds[result.round].judges
        alone = len(_last_statements(state, result.round)) < len(SIDES)
        unread = result.method is None and not alone
        return Finish(
            rule="debate",
            text=_words(state, result, alone=alone) + late.words,
            numbers={
                "exchanges": result.round,
                "judges": len(judges),
                "missing": sum(len(round_missing(state, number)) for number in range(1, result.round + 1)),
            },
            answer=late.answer,
            scores=judging.bradley_terry(list(state.verdicts.values())),
            degraded=unread,
        )


def _exchanges(spec: RunSpec) -> int:
    return spec.rounds or DEFAULT_EXCHANGES


def _exchange(state: RunState) -> int:
    """The exchange that is going on: the one that was decided, else the first that is not over."""
    decided = (
        number
        for number, round_ in sorted(state.rounds.items())
        if round_.result is not None and round_.result.winner is not None and round_.added is None
    )
    return next(decided, min(state.next_round, _exchanges(state.spec)))


def _judges(spec: RunSpec) -> int:
    return spec.judges or DEFAULT_JUDGES


def _cut(state: RunState) -> Record | None:
    """Short of budget there are fewer judges, then fewer exchanges; without room for the first, the cap."""
    begun = state.started.spec if state.started is not None else state.spec
    exchanges, judges = _exchanges(begun), _judges(begun)

    def short() -> ev.LimitReached | None:
        return short_of(state, Wanted(answers=len(SIDES) * exchanges, judges=judges, judged=len(SIDES)))

    while (limit := short()) is not None and (judges > 1 or exchanges > 1):
        judges, exchanges = (judges - 1, exchanges) if judges > 1 else (judges, exchanges - 1)
    if state.is_closing:
        return None
    if limit is not None:
        return Record(body=limit)
    if (exchanges, judges) == (_exchanges(state.spec), _judges(state.spec)):
        return None
    words = "1 exchange" if exchanges == 1 else f"{exchanges} exchanges"
    why = f"The budget holds {words} and {judges} {'judge' if judges == 1 else 'judges'}."
    plan = replace(state.spec, rounds=exchanges, judges=judges)
    return Record(body=ev.RunPlanned(strategy=state.strategy, spec=plan, why=why))


def _statement(state: RunState, number: int, side: int) -> Node | None:
    return state.nodes.get(candidate_name(number, side))


def _last_statement(state: RunState, number: int, side: int) -> Node | None:
    """The last that a side said up to an exchange, a whole one before one that was cut at its limit."""
    nodes = (_statement(state, each, side) for each in range(number, 0, -1))
    said = [node for node in nodes if node is not None and node.is_candidate and not node.is_late]
    return next((node for node in said if node.finish != "length"), said[0] if said else None)


def _last_statements(state: RunState, number: int) -> tuple[NodeName, ...]:
    """The sides' last statements; of a side that said nothing, or was taken out, none."""
    nodes = (_last_statement(state, number, side) for side in (1, 2))
    judged = number in state.rounds and bool(state.rounds[number].judges)
    return tuple(node.name for node in nodes if node is not None and (judged or node.name not in state.out))


def _spoke(state: RunState, number: int) -> bool:
    """Whether any side said something in an exchange; where none did, another would not help."""
    nodes = (_statement(state, number, side) for side in (1, 2))
    return any(node is not None and node.is_candidate for node in nodes)


def _starts(state: RunState, number: int) -> list[Job]:
    """The exchange's statements that are not asked for yet, or are to be asked for again."""
    if number > 1 and len(_last_statements(state, number - 1)) < len(SIDES):
        return []
    nodes = ((side, _statement(state, number, side)) for side in (1, 2))
    return [
        _job(state, number, side)
        for side, node in nodes
        if node is None or (node.may_ask_again and not node.is_late)
    ]


def _late_starts(state: RunState) -> list[Job]:
    """Statements whose place in the debate had passed before they were tried again."""
    again = (state.nodes[name] for name in state.late)
    return [
        _job(state, node.round, SIDES.index(node.side) + 1)
        for node in again
        if node.may_ask_again and node.side in SIDES
    ]


def _job(state: RunState, number: int, side: int) -> Job:
    """A side's statement: its first one without having seen the other, later ones with both last ones."""
    own = _last_statement(state, number - 1, side)
    other = _last_statement(state, number - 1, 3 - side)
    models = set(state.spec.lineup["proposer"])
    by_another_way = side > 1 and len(models) == 1
    job = Job(
        name=candidate_name(number, side),
        task="other_method" if by_another_way else "answer",
        role="proposer",
        kind="other_method" if by_another_way else "fresh",
        move="other_method" if by_another_way else "fresh",
        round=number,
        model=pick_model(state.spec, "proposer", side - 1),
        side=SIDES[side - 1],
        sample=side,
    )
    if own is None or other is None:
        return job
    return replace(
        job,
        task="debate",
        kind="revision",
        move="debate",
        parents=(own.name,),
        saw=(own.name, other.name),
    )


def _exchanged(state: RunState, number: int) -> ev.RoundFinished:
    """The end of an exchange: nobody has won yet."""
    return ev.RoundFinished(round=number, winner=None, missing=round_missing(state, number))


def _panel(state: RunState, number: int, last: tuple[NodeName, ...]) -> Panel:
    return Panel(round=number, contestants=last, judges=_judges(state.spec))


def _unjudged(state: RunState, last: tuple[NodeName, ...]) -> NodeName:
    return next((name for name in last if state.nodes[name].finish != "length"), last[0])


def _words(state: RunState, result: ev.RoundFinished, *, alone: bool) -> str:
    winner = result.winner
    side = "" if winner is None else state.nodes[winner].side
    if alone:
        return f"Only the {side} side answered; {winner} stands."
    exchanges = "1 exchange" if result.round == 1 else f"{result.round} exchanges"
    if result.method is None:
        return f"After {exchanges} too few verdicts could be read; the {side} side's {winner} stands."
    judges = len(state.rounds[result.round].judges)
    said = f"After {exchanges} the {side} side won before {judges} {'judge' if judges == 1 else 'judges'}"
    shaky = ", though the order in which they were shown made a difference" if result.unstable else ""
    return f"{said}{shaky}; {winner} is its last statement."
