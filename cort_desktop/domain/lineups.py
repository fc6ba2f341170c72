"""The roles a person can give models to, beside the model that answers: in the settings file, in a preset, or
with a question.

The names stand here once. What a run makes of them is ``services/lineups.py``; that a role without models of
its own goes to those that answer is the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping

from cort_desktop.domain.ids import ModelRef

LINEUP_KEYS: Mapping[str, str] = {
    "proposer": "alternative_models",
    "judge": "judge_model",
    "synthesizer": "synthesizer_model",
    "critic": "critic_model",
    "router": "router_model",
}
"""Role → the name its models have in ``[defaults]`` and ``[presets.NAME]``. Those of the proposers answer
beside the conversation's own model."""

RoleModels = Mapping[str, tuple[ModelRef, ...]]
"""Role → the models that were named for it, the first one first; roles that nobody named are not in it."""
