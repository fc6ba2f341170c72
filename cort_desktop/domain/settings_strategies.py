"""What [defaults] and [presets.NAME] say of strategies: which one, and the settings that only some read.

They stand beside ``rounds`` and the others, under their declared names (``strategy_settings.py``). What the
strategies declare is only asked for where a name is written that isn't known without: a settings file is
read before the engine is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from cort_desktop.domain.settings import closest
from cort_desktop.domain.settings_values import Table
from cort_desktop.domain.strategy_settings import NUMBERS, Setting, SettingValue, declared, problem

Declarations = Mapping[str, tuple[Setting, ...]]
"""The settings of every strategy there is by the strategy's name, those of other packages too."""


def read_strategy(
    table: Table, known: tuple[str, ...], declarations: Callable[[], Declarations] | None
) -> str | None:
    """The name of a strategy; any short text when none are ``known`` here."""
    if known and declarations is not None and "strategy" in table and table.raw("strategy") not in known:
        known = tuple(declarations())
    return table.word("strategy", known)


def read_strategy_settings(
    table: Table,
    known: Collection[str],
    declarations: Callable[[], Declarations] | None,
    *,
    strategy: str | None = None,
) -> dict[str, SettingValue]:
    """The values of all names of ``table`` that are none of ``known``; of ``strategy``, or of any strategy
    when none is named. A name that isn't read is noted as doubtful, a value that isn't taken as wrong.
    """
    unknown = [name for name in table if name not in known]
    if not unknown or declarations is None:
        table.doubt_unknown(known)
        return {}
    found: dict[str, SettingValue] = {}
    by_strategy = declarations()
    for name in unknown:
        readers = {each: one for each, own in by_strategy.items() if (one := declared(name, own))}
        fitting = {each: one for each, one in readers.items() if strategy in (None, each)}
        if not fitting:
            table.notes.doubtful((*table.path, name), _unread(name, readers, strategy, known, by_strategy))
            continue
        value = table.raw(name)
        wrong = [problem(one, value) for one in fitting.values()]
        if None in wrong:
            found[name] = value
        else:
            table.wrong(name, wrong[0] or "")
    return found


def _unread(
    name: str,
    readers: Collection[str],
    strategy: str | None,
    known: Collection[str],
    by_strategy: Declarations,
) -> str:
    if readers:
        return f"is a setting of {', '.join(readers)}; {strategy} doesn't read it, so it has no effect"
    every = {one.name for own in by_strategy.values() for one in own if one.name not in NUMBERS}
    mine = {one.name for one in by_strategy.get(strategy or "", ()) if one.name not in NUMBERS}
    return f"is not known and has no effect{closest(name, [*known, *(mine or every)])}"
