"""``self_refine``: a draft is criticised and mended, and judges say whether that made it better.

Madaan et al. 2023 (arXiv:2303.17651) let one model criticise its answer, rewrite it and stop when it finds
nothing more to say. Models often make a right answer worse that way (Huang et al. 2023, arXiv:2310.01798), so
here a blind verdict gates each step: the answer before and the one after meet before K judges who don't know
which is which, and the better goes on. The critic may say that nothing needs mending, which ends the run, and
the reviser may write the same again, which needs no verdict. Calls: at most 1 + R(2+K). Depth:
T_g + R(T_c + T_g + T_j).
"""

from __future__ import annotations

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import DRAFT, NodeName, candidate_name, critique_name
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import WholeSetting
from cort_desktop.engine import judging, stop_rules
from cort_desktop.engine.decisions import Decision, Finish, Job, Record, Start
from cort_desktop.engine.latecomers import challenge
from cort_desktop.engine.moves import flaws_of
from cort_desktop.engine.panel import Panel, panel_calls, panel_step, round_missing
from cort_desktop.engine.replies import keeps_as_is
from cort_desktop.engine.strategies import contest
from cort_desktop.engine.strategies.base import Calls, Depth, pick_model
from cort_desktop.engine.strategies.single import draft_job
from cort_desktop.engine.thrift import Wanted, cut_to_budget, wished

DEFAULT_ROUNDS = 3


class SelfRefine:
    """Draft, critique, mend, judge, again."""

    name = "self_refine"
    summary = "A draft is criticised and mended; blind judges keep the better of before and after, each time."
    source = "Madaan et al. 2023, arXiv:2303.17651"
    settings = (
        WholeSetting(
            name="rounds",
            default=DEFAULT_ROUNDS,
            low=0,
            high=100,
            words="times it is mended at most",
            noun="mendings",
        ),
        WholeSetting(
            name="judges", default=1, low=1, high=9, words="judges that compare before and after each time"
        ),
    )

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """1 + R(2+K); at the least one critic that finds nothing."""
        del question
        rounds = _wanted(spec)
        verdicts = panel_calls(2, spec, rounds=(0, rounds))
        return (
            Calls(role="proposer", low=1, high=1),
            Calls(role="critic", low=min(1, rounds), high=rounds, seen=1),
            Calls(role="proposer", low=0, high=rounds, seen=1),
            verdicts,
        )

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """A draft, then a critique, an answer and a verdict each round."""
        del question
        rounds = _wanted(spec)
        return Depth(answers=1 + rounds, verdicts=rounds, critiques=rounds)

    def decide(self, state: RunState) -> list[Decision]:
        """The draft, then round after round until nothing is left to mend or a rule ends it; at the end those
        that came late challenge the winner.
        """
        late = contest.late_starts(state, _reviser)
        draft = state.nodes.get(DRAFT)
        if draft is None or (draft.may_ask_again and not draft.is_late):
            return [Start(job=draft_job(state)), *late]
        if draft.status == "running" and not draft.is_late:
            return late
        if not state.taken_back and (end := _ended(state)) is not None:
            return late or self._end(state, end)
        return [*late, *self._round(state, state.next_round)]

    def close(self, state: RunState) -> Finish:
        """The best of all judged; within an unfinished round, what its verdicts say so far."""
        return contest.best_so_far(state, has_ended=_ended(state) is not None)

    def _round(self, state: RunState, number: int) -> list[Decision]:
        if (cut := _cut(state, number)) is not None:
            return [cut]
        critique = _critique(state, number)
        if isinstance(critique, Start):
            return [critique]
        if critique is not None and not contest.proposed(state, number):
            if critique.status == "running":
                return []
            if _keeps(critique):
                return [Record(body=_kept(state, contest.panel(state, number)))]
        return self._mended(state, number)

    def _mended(self, state: RunState, number: int) -> list[Decision]:
        """The round once there is a critique, or once it is known that there will be none."""
        starts = contest.challenger_starts(state, number, 1, _reviser)
        if starts:
            return list(starts)
        if any(contest.is_challenger(node, number) for node in state.running.values()):
            return []
        panel = contest.panel(state, number)
        if not panel.contestants:
            return [self.close(state)]
        if _says_the_same(state, panel):
            return [Record(body=_kept(state, panel))]
        step = panel_step(state, panel)
        return list(step.decisions) if step.result is None else [Record(body=step.result)]

    def _end(self, state: RunState, end: stop_rules.StopRule) -> list[Decision]:
        done = state.rounds_finished
        standing = contest.standing(state, done)
        if standing is None:
            return [self.close(state)]
        late = challenge(state, standing)
        if late.is_open:
            return list(late.decisions)
        unread = [number for number in state.rounds if contest.is_undecided(state, number)]
        text = f"{end.text} {_best_words(state, done, standing)}"
        if unread:
            text += f" Rounds whose verdict could not be read: {', '.join(map(str, unread))}."
        mended = sum(_was_mended(state, number) for number in state.rounds)
        return [
            Finish(
                rule=end.rule,
                text=text + late.words,
                numbers={**end.numbers, "rounds": done, "mended": mended, "undecided": len(unread)},
                answer=late.answer,
                scores=judging.bradley_terry(list(state.verdicts.values())),
                degraded=bool(unread),
            )
        ]


def _wanted(spec: RunSpec) -> int:
    return DEFAULT_ROUNDS if spec.rounds is None else spec.rounds


def _ended(state: RunState) -> stop_rules.StopRule | None:
    """Why it is not mended any further; None while it is."""
    done, wanted = state.rounds_finished, _wanted(state.spec)
    if done >= wanted:
        return stop_rules.StopRule(rule="rounds", text=_rounds_words(done))
    if not done or _has_begun(state, done + 1):
        return None
    critic = next((name for name in state.rounds[done].critiques if _keeps(state.nodes[name])), None)
    if critic is not None and not contest.proposed(state, done):
        standing = state.nodes[critic].saw[0]
        return stop_rules.StopRule(
            rule="nothing_to_mend", text=f"{critic} finds nothing to mend in {standing}."
        )
    return _mended_in_vain(state, done)


def _rounds_words(done: int) -> str:
    if not done:
        return "It was not to be mended."
    return f"{stop_rules.played_words(done)}."


def _mended_in_vain(state: RunState, done: int) -> stop_rules.StopRule | None:
    """The same answer stood its ground in two rounds in a row, whether it was judged better or came back as
    it was; or the judges can't be listened to.
    """
    if (noise := stop_rules.noise(state, done)) is not None:
        return noise
    last = [state.rounds[number].result for number in (done - 1, done) if number in state.rounds]
    kept = [result.winner for result in last if result is not None and result.kept]
    unread = any(contest.is_undecided(state, number) for number in (done - 1, done) if number in state.rounds)
    if len(kept) < stop_rules.ROUNDS_IN_A_ROW or len(set(kept)) > 1 or unread:
        return None
    text = f"Mending made {kept[0]} no better {stop_rules.ROUNDS_IN_A_ROW} times in a row."
    return stop_rules.StopRule(rule="stability", text=text, numbers={"in_a_row": stop_rules.ROUNDS_IN_A_ROW})


def _has_begun(state: RunState, number: int) -> bool:
    return number in state.rounds and bool(
        state.rounds[number].critiques or contest.proposed(state, number) or state.rounds[number].judges
    )


def _cut(state: RunState, number: int) -> Record | None:
    """The judges of a round that has not begun are cut to what the budget still holds."""
    if _has_begun(state, number):
        return None
    _, judges = wished(state)
    wanted = Wanted(answers=1, judges=judges, standing=1, besides=1)
    return cut_to_budget(state, wanted, in_force=(1, state.spec.judges or 1))


def _critique(state: RunState, number: int) -> Start | Node | None:
    """What is said of the round's incumbent: still to be asked, or as far as it is; None with nobody to
    criticise, or when the answer is being mended without.
    """
    node = state.nodes.get(critique_name(number, 1))
    proposed = contest.proposed(state, number)
    if node is not None and (not node.may_ask_again or proposed):
        return node
    incumbent = contest.incumbent_of(state, number)
    if incumbent is None or proposed:
        return None
    job = Job(
        name=critique_name(number, 1),
        task="critique",
        role="critic",
        model=pick_model(state.spec, "critic", number - 1),
        round=number,
        parents=(incumbent,),
        saw=(incumbent,),
        sample=number,
        flaws=flaws_of(state, number, incumbent),
    )
    return Start(job=job)


def _keeps(node: Node) -> bool:
    """Whether a critic said that nothing needs mending; of one that is at work or failed nothing is known."""
    return node.role == "critic" and node.status == "finished" and keeps_as_is(node.text)


def _says_the_same(state: RunState, panel: Panel) -> bool:
    """Whether all that the judges would compare is one and the same text."""
    texts = {" ".join(state.nodes[name].text.split()) for name in panel.contestants}
    return panel.incumbent is not None and len(panel.contestants) > 1 and len(texts) == 1


def _kept(state: RunState, panel: Panel) -> ev.RoundFinished:
    """The round of an incumbent that stays without a verdict."""
    return ev.RoundFinished(
        round=panel.round, winner=panel.incumbent, kept=True, missing=round_missing(state, panel.round)
    )


def _was_mended(state: RunState, number: int) -> bool:
    """Whether a round brought something better than what it began with."""
    result = state.rounds[number].result
    return result is not None and result.kept is False


def _best_words(state: RunState, done: int, answer: NodeName) -> str:
    last = state.rounds[done].result if done in state.rounds else None
    if last is not None and last.winner is not None and answer != last.winner:
        return f"{last.winner} won the last round, and {answer} is rated best over all verdicts."
    better = sum(_was_mended(state, number) for number in state.rounds)
    if not better:
        return f"{answer} stands as it is."
    return f"{answer} stands, made better {'once' if better == 1 else f'{better} times'}."


def _reviser(state: RunState, number: int, index: int, incumbent: NodeName | None) -> Job:
    """Sees the incumbent and what the critic says of it; without a critique it looks for flaws itself, with
    nobody to mend it makes a fresh attempt.
    """
    critic = state.nodes.get(critique_name(number, 1))
    saw: tuple[NodeName, ...] = ()
    if incumbent is not None:
        is_of_it = critic is not None and critic.status == "finished" and critic.saw == (incumbent,)
        has_critique = critic is not None and is_of_it and bool(critic.text.strip())
        saw = (incumbent, critique_name(number, 1)) if has_critique else (incumbent,)
    move = {0: "fresh", 1: "revise", 2: "mend"}[len(saw)]
    return Job(
        name=candidate_name(number, index),
        task="answer" if not saw else "revise" if len(saw) == 1 else "mend",
        role="proposer",
        kind="revision" if saw else "fresh",
        move=move,
        round=number,
        model=pick_model(state.spec, "proposer", 0),
        parents=(incumbent or DRAFT,),
        saw=saw,
        sample=index,
    )
