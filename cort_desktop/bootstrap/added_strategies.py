"""The strategies there are: the built-in ones, and those that installed packages name in their entry points.

Only names are read here; a package's code is loaded when its strategy is first looked at.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from cort_desktop.engine.strategies import built_in
from cort_desktop.engine.strategies.shelf import Entry, StrategyShelf

GROUP = "cort_desktop.strategies"
"""The group of entry points in which a package names its strategies."""


def all_strategies() -> StrategyShelf:
    """The shelf of this installation. Reads the metadata of what is installed; blocks."""
    found = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    return StrategyShelf(built_in(), [_entry(each) for each in found])


def _entry(point: EntryPoint) -> Entry:
    package = point.module.partition(".")[0] if point.dist is None else _named(point)
    return Entry(name=point.name, package=package, load=point.load)


def _named(point: EntryPoint) -> str:
    """``package 1.2``, as far as its metadata tell."""
    told = None if point.dist is None else point.dist.metadata
    words = (told["Name"], told["Version"]) if told is not None else ()
    return " ".join(word for word in words if word) or point.module
