"""What ``bench`` was asked for, as a frozen value. How the words become it is ``bench_arguments.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchOptions:
    """``bench``, ``bench report FILE…``, ``bench check`` and ``bench tasks``. None means: not given.

    registered: the file that says all of the setup; files: the results to report. yes: nobody is asked before
    money and time are spent.
    """

    action: Literal["run", "report", "check", "tasks"]
    tasks: tuple[str, ...] = ()
    items: int | None = None
    strategies: tuple[str, ...] = ()
    model: str | None = None
    judge_models: tuple[str, ...] = ()
    budget_tokens: int | None = None
    max_tokens: int | None = None
    seed: int = 1
    controls: bool = True
    out: str = ""
    registered: str | None = None
    presets: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    format: Literal["markdown", "html", "plot"] = "markdown"
    yes: bool = False
    word: str = ""
