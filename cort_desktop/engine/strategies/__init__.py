"""The ways to think, one file each. A strategy is a pure function of what has happened
(``base.Strategy``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cort_desktop.engine.strategies.base import Strategy


def built_in() -> dict[str, Strategy]:
    """The strategies that come with the program, by name.

    They stand on the panel, and the panel on what all strategies share, so they are loaded only here.
    """
    from cort_desktop.engine.strategies.ab_mcts import AbMcts
    from cort_desktop.engine.strategies.auto import Auto
    from cort_desktop.engine.strategies.balanced import Balanced
    from cort_desktop.engine.strategies.best_of_n import BestOfN
    from cort_desktop.engine.strategies.cort import Cort
    from cort_desktop.engine.strategies.council import Council
    from cort_desktop.engine.strategies.debate import Debate
    from cort_desktop.engine.strategies.mixture_of_agents import MixtureOfAgents
    from cort_desktop.engine.strategies.recursive_self_aggregation import RecursiveSelfAggregation
    from cort_desktop.engine.strategies.self_consistency import SelfConsistency
    from cort_desktop.engine.strategies.self_refine import SelfRefine
    from cort_desktop.engine.strategies.single import Single
    from cort_desktop.engine.strategies.tournament import Tournament
    from cort_desktop.engine.strategies.universal_self_consistency import UniversalSelfConsistency

    found: tuple[Strategy, ...] = (
        Single(),
        BestOfN(),
        SelfConsistency(),
        Cort(),
        Tournament(),
        Balanced(),
        MixtureOfAgents(),
        Council(),
        Debate(),
        UniversalSelfConsistency(),
        SelfRefine(),
        RecursiveSelfAggregation(),
        AbMcts(),
        Auto(),
    )
    return {strategy.name: strategy for strategy in found}
