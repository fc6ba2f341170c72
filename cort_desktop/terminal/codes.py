"""What the program's exit code says (CONTRACT 1). Code 1, our own bug, is given by whoever catches it.

The tables are read top down: the first line that fits, counts.
"""

from __future__ import annotations

from typing import Final, assert_never

from cort_desktop.domain.run import RunState
from cort_desktop.errors import (
    CortError,
    LimitError,
    ProviderError,
    RunError,
    SettingsError,
    StorageError,
    UsageError,
)

ANSWER: Final = 0
USAGE: Final = 2
SETTINGS: Final = 3
NO_CANDIDATE: Final = 4
BUDGET: Final = 5
DATA: Final = 6
INTERRUPTED: Final = 130


def of_error(error: CortError) -> int:
    """The code for an error that ended the command."""
    if isinstance(error, UsageError | RunError):
        return USAGE
    if isinstance(error, SettingsError):
        return SETTINGS
    if isinstance(error, StorageError):
        return DATA
    if isinstance(error, LimitError):
        return BUDGET
    if isinstance(error, ProviderError):
        return SETTINGS if error.kind == "auth" else NO_CANDIDATE
    return NO_CANDIDATE


def of_run(state: RunState) -> int:
    """The code for a run that has ended."""
    finished = state.finished
    if state.stopped or finished is None:
        return INTERRUPTED
    match finished.status:
        case "complete" | "degraded":
            return ANSWER
        case "stopped":
            return ANSWER if finished.answer is not None else BUDGET
        case "failed":
            return _of_failure(state)
        case unknown:
            assert_never(unknown)


def _of_failure(state: RunState) -> int:
    """A key that was refused is a matter of settings only when nothing else went wrong."""
    kinds = {node.error.kind for node in state.nodes.values() if node.error is not None}
    if kinds and kinds <= {"auth"}:
        return SETTINGS
    if kinds - {"over_budget"}:
        return NO_CANDIDATE
    return BUDGET if state.limits or kinds else NO_CANDIDATE
