"""The line-up of a run: which models answer, judge, write the final text, criticise, choose.

As said with the question, else as saved. A role that nobody named goes to the model of the conversation;
where several models answer, they judge each other in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from cort_desktop.domain.ids import ModelRef, model_of, provider_of
from cort_desktop.domain.lineups import LINEUP_KEYS, RoleModels
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.settings import BUILTIN_MODEL, Settings, shown
from cort_desktop.domain.strategy_settings import NUMBERS
from cort_desktop.engine.strategies.base import Strategy
from cort_desktop.errors import UsageError

_ALWAYS = frozenset({"proposer", "judge"})
"""Roles that every run may come to need: a person may ask for an alternative, or for judges, later on."""

Lineup = dict[str, tuple[ModelRef, ...]]


def lineup_of(main: ModelRef, named: Sequence[RoleModels]) -> Lineup:
    """Every role's models; of ``named``, what comes first goes before all else."""
    found: Lineup = {}
    for models in reversed(named):
        found |= {role: refs for role, refs in models.items() if refs}
    found["proposer"] = (main, *found.get("proposer", ()))
    found.setdefault("judge", tuple(dict.fromkeys(found["proposer"])))
    found.setdefault("synthesizer", (main,))
    found.setdefault("router", (main,))
    return found


def demand_known(lineup: Lineup, settings: Settings) -> None:
    """Raises UsageError when a name is none of a model, or its provider is not configured."""
    for ref in (ref for refs in lineup.values() for ref in refs):
        if not model_of(ref):
            raise UsageError(
                f"{shown(ref)} names no model: write PROVIDER/MODEL, for example {settings.defaults.model}."
            )
        settings.provider(provider_of(ref))


def roles_of(strategy: Strategy) -> tuple[str, ...]:
    """The roles that models can be named for in a preset of ``strategy``: all where it can't tell whom it
    asks, or where a router may choose another strategy.
    """
    numbers = {each.name: each.default for each in strategy.settings if each.name in NUMBERS}
    spec = RunSpec(**cast("dict[str, Any]", numbers), lineup={"proposer": (BUILTIN_MODEL,)})
    try:
        asked = {call.role for call in strategy.calls(spec, "")}
    except UsageError:
        return tuple(LINEUP_KEYS)
    return tuple(role for role in LINEUP_KEYS if role in asked)


def needed(strategy: Strategy, spec: RunSpec, question: str) -> Lineup:
    """The line-up of ``spec`` without roles that ``strategy`` asks nobody for: their models need neither be
    there nor have a price. Where a router may choose another strategy, all stay.
    """
    asked = {call.role for call in strategy.calls(spec, question)}
    if "router" in asked:
        return dict(spec.lineup)
    main = spec.lineup["proposer"][:1]
    kept = {role: refs for role, refs in spec.lineup.items() if role in asked | _ALWAYS}
    return kept | {"router": main}
