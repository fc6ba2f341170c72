"""Finds the modules of `packaging/bench/` and `packaging/soak/`: one file, one figure or trial."""

import importlib
import importlib.util
from pathlib import Path
from types import ModuleType

from devtools.console import Refusal


def modules(folder: Path, wanted: list[str]) -> list[tuple[str, ModuleType]]:
    """The modules of a folder by name, or only the wanted ones; an unknown name is refused."""
    names = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    unknown = [name for name in wanted if name not in names]
    if unknown:
        there = ", ".join(names) or "none yet"
        raise Refusal(f"There is no {unknown[0]} in packaging/{folder.name}: there is {there}.")
    if not names:
        raise Refusal(f"There is nothing in packaging/{folder.name} yet: a file there is what gets run.")
    return [(name, importlib.import_module(f"{folder.name}.{name}")) for name in wanted or names]


def table(head: list[str], rows: list[list[str]]) -> str:
    """Rows in columns, the first and the last left-aligned."""
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(len(head))]
    lines = []
    for row in [head, *rows]:
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        cells[0], cells[-1] = row[0].ljust(widths[0]), row[-1]
        lines.append("  ".join(cells))
    return "\n".join(lines)
