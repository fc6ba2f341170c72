"""Who judges whom in a round, and in which order: the verdicts that a panel or a head-to-head asks for.

Judges of different models do more than repeated ones, and none judges its own answer where others can. What
the verdicts come to is ``judging.py``; when they are asked is ``panel.py``.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from cort_desktop.domain.ids import ModelRef, NodeName, verdict_name
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.engine import judging
from cort_desktop.engine.decisions import Job
from cort_desktop.engine.strategies.base import models_for, pick_model

TOKENS_PER_CHARACTER = 1 / 3.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Who is judged and by how many. ``contestants`` are in sample order, the incumbent among them.

    settles_ties: two that share the first place go head to head; False where it doesn't matter who is first.
    """

    round: int
    contestants: tuple[NodeName, ...]
    judges: int
    incumbent: NodeName | None = None
    settles_ties: bool = True


def panel_jobs(state: RunState, panel: Panel) -> list[Job]:
    """The verdicts of a panel: a ranking of all by each judge, or pairs where they are too many for that."""
    seed = f"{state.spec.seed}:{panel.round}"
    tokens = sum(int(len(state.nodes[name].text) * TOKENS_PER_CHARACTER) for name in panel.contestants)
    orders: Sequence[tuple[NodeName, ...]]
    if judging.must_use_pairs(len(panel.contestants), tokens):
        orders = judging.pair_schedule(panel.contestants, seed)
        # Both orders of a pair go to the same model, so that what differs between them is the order alone.
        models = [_in_turn(_strangers(state, order), index // 2) for index, order in enumerate(orders)]
        excluded: dict[ModelRef, frozenset[NodeName]] = {}
    else:
        orders = judging.panel_orders(panel.contestants, panel.judges, seed)
        models = [_panellist(state, panel, index) for index in range(len(orders))]
        excluded = _own_answers(state, panel, models)
    return [
        _judge(state, panel, order, index, model, excluded.get(model, frozenset()))
        for index, (order, model) in enumerate(zip(orders, models, strict=True))
    ]


def duel_jobs(
    state: RunState,
    panel: Panel,
    pair: tuple[NodeName, NodeName],
    *,
    of_panel: AbstractSet[NodeName],
    turn: int,
) -> list[Job]:
    """The two verdicts of a head-to-head. They count on from those of the round; asked before, they keep
    their names. See ``panel.head_to_head``.
    """
    asked = state.rounds[panel.round].judges
    known = {state.nodes[name].saw: place for place, name in enumerate(asked) if name not in of_panel}
    new = itertools.count(len(asked))
    orders = (pair, (pair[1], pair[0]))
    jobs = []
    for order, model in zip(orders, _duelling(state, pair, of_panel, turn), strict=True):
        index = known[order] if order in known else next(new)
        job = _judge(state, panel, order, index, model, frozenset())
        jobs.append(replace(job, purpose="head_to_head"))
    return jobs


def judge_name(state: RunState, number: int, index: int) -> NodeName:
    """The name of a round's ``index``-th judge (from 0); those of further looks at the round are none of
    them.
    """
    taken = state.rounds[number].again if number in state.rounds else []
    if not taken:
        return verdict_name(number, index + 1)
    names = (verdict_name(number, place) for place in itertools.count(1))
    return next(itertools.islice((name for name in names if name not in taken), index, None))


def _duelling(
    state: RunState, pair: tuple[NodeName, NodeName], of_panel: Iterable[NodeName], turn: int
) -> tuple[ModelRef, ModelRef]:
    """Which model is shown the pair as it is, and which is shown it turned round: the next two in turn.

    Asked are those who compared the two least often: who did would say it again, and its taste would count
    twice. Of those who did as often, each is shown the order it has not seen, where that can be had. One
    alone is shown both.
    """
    seen = _shown_first(state, pair, of_panel)
    models = _strangers(state, pair)
    turns = [_in_turn(models, turn + place) for place in range(len(models))]
    fewest = min(len(seen[model]) for model in turns)
    asked = [model for model in turns if len(seen[model]) == fewest]
    if len(asked) == 1:
        return asked[0], asked[0]

    def repeats(two: tuple[ModelRef, ModelRef]) -> int:
        return sum(first in seen[model] for first, model in zip(pair, two, strict=True))

    one, other = min(itertools.permutations(asked, 2), key=repeats)
    return one, other


def _shown_first(
    state: RunState, pair: tuple[NodeName, NodeName], judges: Iterable[NodeName]
) -> defaultdict[ModelRef | None, list[NodeName]]:
    """Which of the pair a model was shown first, for each of ``judges`` that saw both."""
    seen: defaultdict[ModelRef | None, list[NodeName]] = defaultdict(list)
    for judge in judges:
        node = state.nodes[judge]
        shown = [name for name in node.saw if name in pair]
        if len(shown) == len(pair):
            seen[node.model].append(shown[0])
    return seen


def _strangers(state: RunState, pair: tuple[NodeName, ...]) -> tuple[ModelRef, ...]:
    """The judging models that wrote neither of a pair; all where there is none."""
    authors = {model for name in pair for model in authors_of(state.nodes[name])}
    models = tuple(dict.fromkeys(models_for(state.spec, "judge")))
    return tuple(model for model in models if model not in authors) or models


def _in_turn(models: Sequence[ModelRef], turn: int) -> ModelRef:
    return models[turn % len(models)]


def _panellist(state: RunState, panel: Panel, index: int) -> ModelRef:
    """The ``index``-th judge; of two answers alone none can be left out, so who wrote one stays away where
    there are others.
    """
    if len(panel.contestants) == judging.PAIR:
        return _in_turn(_strangers(state, panel.contestants), index)
    return pick_model(state.spec, "judge", index)


def _own_answers(
    state: RunState, panel: Panel, judges: Sequence[ModelRef]
) -> dict[ModelRef, frozenset[NodeName]]:
    """Whose own answers each judging model leaves out: only where every candidate still has a vote from
    another model, each judge has two left to compare, and all of them together can still be compared.
    """
    authors = {name: authors_of(state.nodes[name]) for name in panel.contestants}
    own = {judge: frozenset(name for name in authors if judge in authors[name]) for judge in judges}
    seen = [set(panel.contestants) - names for names in own.values()]
    if any(len(names) < judging.PAIR for names in seen) or not _is_connected(seen, panel.contestants):
        return {}
    return own


def authors_of(node: Node) -> frozenset[ModelRef]:
    """The model that was asked for a text, and the one that wrote it in its place; none of a person's own."""
    return frozenset(model for model in (node.model, node.served_model) if model is not None)


def _is_connected(seen: Sequence[AbstractSet[NodeName]], contestants: Sequence[NodeName]) -> bool:
    """Whether rankings of these sets say of any two contestants which is better, if only by way of others."""
    reached: set[NodeName] = set(seen[0]) if seen else set()
    left = list(seen[1:])
    while found := next((names for names in left if not reached.isdisjoint(names)), None):
        reached |= found
        left.remove(found)
    return reached == set(contestants)


def _judge(
    state: RunState,
    panel: Panel,
    order: tuple[NodeName, ...],
    index: int,
    model: ModelRef,
    excluded: frozenset[NodeName],
) -> Job:
    parent = panel.incumbent or (state.incumbent if panel.round > 1 else None)
    return Job(
        name=judge_name(state, panel.round, index),
        task="verdict",
        role="judge",
        model=model,
        round=panel.round,
        parents=(parent,) if parent else (),
        saw=tuple(name for name in order if name not in excluded),
        sample=index + 1,
        purpose="panel",
        excluded=tuple(name for name in panel.contestants if name in excluded),
    )
