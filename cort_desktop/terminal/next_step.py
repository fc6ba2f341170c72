"""What to type next about a run without an answer: the commands for what went wrong.

The sentences of errors say what happened and what helps; how that is done differs between a window and a
terminal, so the command is added here.
"""

from __future__ import annotations

from cort_desktop.domain.ids import provider_of
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.summary import why_no_answer

_MOST = 3
_STEPS = {
    "auth": "Run `cort-desktop keys set {provider}`.",
    "not_found": "See `cort-desktop models list`.",
    "context_too_long": "`--max-tokens` asks for a shorter answer.",
}


def why_and_what_next(state: RunState) -> str:
    """Why a run has no answer, and what to type about it."""
    why = why_no_answer(state)
    failed = (_step(node) for node in state.nodes.values() if node.status == "failed")
    steps = [step for step in dict.fromkeys(failed) if step and step.rstrip(".") not in why]
    if steps and why.endswith("”"):
        why += "."  # what a service said, without an end of its own
    return " ".join([why, *steps[:_MOST]])


def key_step(provider: str) -> str:
    """What to type about a key that is missing or wrong."""
    return _STEPS["auth"].format(provider=one_line(provider))


def _step(node: Node) -> str:
    if node.error is None or node.error.kind not in _STEPS or "`cort-desktop " in node.error.message:
        return ""
    model = node.failures[-1].model if node.failures else node.model
    return _STEPS[node.error.kind].format(provider="PROVIDER" if model is None else provider_of(model))
