"""A run that has ended, as a trial: its answer and all of its candidates scored, what it took, why it ended.

Every text is scored by the same rule, whichever way of thinking wrote it: what stands behind ``Answer:``, as
it is written or in the form in which samples vote; neither a final stop nor small or capital letters make it
wrong. How the question asks for that line is here, too.
"""

from __future__ import annotations

from cort_desktop.domain.bench import Contender, Scored, Setup, Task, Trial, TrialKey, seed_of
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.engine.extraction import answer_text, answer_value, canonical
from cort_desktop.services.planning import Ask

ENDING = 'End with a line that begins with "Answer:" and has nothing but the final answer behind it.'


def asked(question: str) -> str:
    """The question as every contender is asked it."""
    return f"{question}\n\n{ENDING}"


def ask_of(setup: Setup, contender: Contender, question: str, key: TrialKey) -> Ask:
    """What is asked for a trial: nothing of it is stored, and nothing kept answers it."""
    return Ask(
        question=asked(question),
        preset=contender.name if contender.is_preset else None,
        strategy=None if contender.is_preset else contender.name,
        settings=dict(contender.settings),
        model=setup.model,
        judge_models=setup.judge_models or (setup.model,),
        max_tokens=setup.max_tokens,
        seed=seed_of(setup, key),
        budget={} if setup.budget_tokens is None else {"tokens": setup.budget_tokens},
        cache=False,
        store=False,
    )


def trial_of(key: TrialKey, question: str, state: RunState, task: Task) -> Trial:
    """Score a run. Takes milliseconds; any thread. Raises ValueError for a run that has not ended."""
    end = state.finished
    if end is None:
        raise ValueError("a run that has not ended has nothing to score")
    nodes = list(state.nodes.values())
    found = {node.name: _scored(state, node.name, key.item, task) for node in state.candidates()}
    verdicts = list(state.verdicts.values())
    judges = [node for node in nodes if node.role == "judge" and node.usage is not None and node.saw]
    return Trial(
        task=key.task,
        item=key.item,
        part=key.part,
        label=key.label,
        index=key.index,
        question=question,
        answer=Scored(right=False) if end.answer_node is None else found[end.answer_node],
        candidates=tuple(found.values()),
        tokens=end.usage.total,
        output_tokens=end.usage.output,
        unmeasured=state.spent.untold,
        cost_microusd=end.cost_microusd,
        seconds=round(end.seconds, 3),
        calls=end.calls,
        status=end.status,
        rule=end.reason.rule,
        faults=tuple(sorted({node.error.kind for node in nodes if node.error is not None})),
        verdicts=len(verdicts),
        abstained=sum(verdict.parsed_by == "abstained" for verdict in verdicts),
        judged=sum(len(node.saw) for node in judges),
        judged_tokens=sum(node.usage.total for node in judges if node.usage is not None),
    )


def _scored(state: RunState, name: NodeName, item: int, task: Task) -> Scored:
    node = state.nodes[name]
    value = answer_value(node.text)
    right = any(task.score(item, each) >= 1 for each in spellings(node.text))
    return Scored(right=right, value=value, is_cut=node.finish == "length")


def spellings(text: str) -> set[str]:
    """The answer in a text in the forms that mean the same; empty where it has none. Where its last line says
    another thing than what votes, as ``No`` below a ``Yes``, that which votes is the answer.
    """
    written, value = answer_text(text), answer_value(text) or ""
    forms = {value, value.capitalize()}
    is_one_line = bool(value) and "\n" not in written
    if not is_one_line or value in (canonical(written), answer_value(written)):
        forms |= {written, written.rstrip(" .!")}
    return forms - {""}
