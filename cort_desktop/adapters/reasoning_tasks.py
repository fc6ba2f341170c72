"""Questions that score themselves, from the library ``reasoning-gym`` (the extra ``bench``).

Imported when it is asked for: it takes seconds and most people never bench. A task whose scorer runs the
answer as a program is refused, for answers come from models: what it says is found in the source of the
installed version, so that tasks of later versions are judged too.
"""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import inspect
from dataclasses import fields
from types import ModuleType
from typing import Any

from cort_desktop.domain.bench import Task, TaskSpec
from cort_desktop.domain.settings import closest, shown
from cort_desktop.errors import SettingsError, UsageError

MISSING = (
    "The questions of `bench` come from reasoning-gym, which isn't installed. Install it with "
    'pip install "cort-desktop[bench]", and try again.'
)
LONGEST_ANSWER = 2000
"""Characters of an answer that are scored: a scorer is no match for a novel."""

_RUNS_TEXT = frozenset({"eval", "exec", "compile", "parse_expr", "sympify"})
_RUNS_ITS_OWN_ONLY = frozenset(
    ("basic_arithmetic", "bitwise_arithmetic", "gsm_symbolic", "number_sorting", "propositional_logic")
)
"""Tasks that run text too, but only what they made themselves; propositional_logic's parser is its own."""
_SCORERS_TROUBLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError)
_SCORERS_TROUBLE += (SyntaxError, RecursionError)  # type: ignore[assignment]


class ReasoningTasks:
    """A TaskSource."""

    def versions(self) -> dict[str, str]:
        """The library's version. Raises SettingsError where it isn't installed."""
        _library()
        return {"reasoning-gym": importlib.metadata.version("reasoning-gym")}

    def names(self) -> tuple[str, ...]:
        """The tasks that may be used. Raises SettingsError."""
        known = _known()
        return tuple(sorted(name for name in known if not _runs_answers(name, known[name][0])))

    def load(self, spec: TaskSpec, *, items: int, seed: int) -> Task:
        """Raises UsageError for a task or a setting that there is not, SettingsError."""
        known = _known()
        if spec.name not in known:
            near = closest(spec.name, known)
            raise UsageError(
                f"There is no task named {shown(spec.name)}{near}. `bench tasks` lists those there are."
            )
        made_by, config = known[spec.name]
        if _runs_answers(spec.name, made_by):
            raise UsageError(
                f"The task {spec.name} would run a model's answer as a program on this machine to score it, "
                "so it isn't used. `bench tasks` lists the others."
            )
        offered = [each.name for each in fields(config) if each.name not in ("seed", "size")]
        for name, _ in spec.config:
            if name not in offered:
                raise UsageError(
                    f"The task {spec.name} has no setting {shown(name)}{closest(name, offered)}; it has "
                    f"{', '.join(offered) or 'none'}."
                )
        return _Made(spec, _dataset(spec, items, seed), items)


class _Made:
    """The items of one task, made when they are asked for."""

    def __init__(self, spec: TaskSpec, dataset: Any, items: int) -> None:
        self._dataset = dataset
        self._entries: dict[int, dict[str, Any]] = {}
        try:
            for item in range(items):
                self._entries[item] = dataset[item]
        except _SCORERS_TROUBLE as error:
            raise UsageError(f"{spec.label} makes no questions: {_short(error)}.") from error

    def question(self, item: int) -> str:
        return str(self._entries[item]["question"]).strip()

    def score(self, item: int, answer: str) -> float:
        """Never raises: an answer that the scorer stumbles over is a wrong one."""
        try:
            return float(self._dataset.score_answer(answer[:LONGEST_ANSWER], self._entries[item]))
        except _SCORERS_TROUBLE:
            return 0.0


def _dataset(spec: TaskSpec, items: int, seed: int) -> Any:
    try:
        return _library().create_dataset(spec.name, seed=seed, size=items, **dict(spec.config))
    except _SCORERS_TROUBLE as error:
        raise UsageError(f"{spec.label} can't be made: {_short(error)}.") from error


def _library() -> ModuleType:
    try:
        return importlib.import_module("reasoning_gym")
    except ImportError as error:
        raise SettingsError(MISSING) from error


def _known() -> dict[str, tuple[type, type]]:
    """How each task is made, and the dataclass of its settings."""
    _library()
    found: dict[str, tuple[type, type]] = importlib.import_module("reasoning_gym.factory").DATASETS
    return found


def _runs_answers(name: str, made_by: type) -> bool:
    """Whether the code of a task runs text, and may therefore run an answer."""
    if name in _RUNS_ITS_OWN_ONLY:
        return False
    module = inspect.getmodule(made_by)
    calls = (node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call))  # type: ignore[arg-type]  # a class has a module
    return any(_called(call.func) in _RUNS_TEXT for call in calls)


def _called(function: ast.expr) -> str:
    """The last name of what is called: ``parse_expr`` of ``sympy.parse_expr(…)``; none of the module re's."""
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute) and not (
        isinstance(function.value, ast.Name) and function.value.id == "re"
    ):
        return function.attr
    return ""


def _short(error: BaseException) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return words if len(words) <= 160 else words[:157] + "…"  # noqa: PLR2004 - fits a line or two
