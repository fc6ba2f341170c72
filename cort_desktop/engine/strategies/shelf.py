"""All strategies there are: the built-in ones, and those that other packages add.

A package names its strategies in the entry points ``cort_desktop.strategies``: each a class that is called
without arguments, or an instance. One is loaded when it is first looked at. What can't be loaded, has a taken
name or no strategy's shape is told with its error, never swallowed. Who reads the entry points hands them in;
what is done about one that misbehaves at work is ``added.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cort_desktop.domain.lineups import LINEUP_KEYS
from cort_desktop.domain.settings import shown
from cort_desktop.domain.strategy_settings import (
    NUMBERS,
    ChoiceSetting,
    Setting,
    SwitchSetting,
    WholeSetting,
    problem,
)
from cort_desktop.engine.strategies.added import Added, Raised, guarded
from cort_desktop.engine.strategies.base import Strategy
from cort_desktop.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SETTINGS = (WholeSetting, ChoiceSetting, SwitchSetting)
_TEXTS = ("name", "summary", "source")
_METHODS = ("calls", "depth", "decide", "close")
_OTHER_KEYS = frozenset(
    {
        *("strategy", "words", "preset", "system", "temperature", "max_tokens", "seed"),
        *("model", "verifier", "verifier_consent"),
        *LINEUP_KEYS.values(),
    }
)
"""Names that mean something else where a strategy's settings stand, in the file or after ``--set``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A strategy that a package says it has. ``load`` gives what the entry refers to, and raises anything."""

    name: str
    package: str
    load: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """A strategy that can't be used, and why, as half a sentence that follows its name."""

    name: str
    package: str
    why: str

    def __str__(self) -> str:
        return f"The strategy {self.name} of the package {self.package} can't be used: it {self.why}."


class StrategyShelf(Mapping[str, Strategy]):
    """All strategies by name, the built-in ones first. Looking one up that can't be used raises UsageError
    with its error; it is not among those that are iterated over.
    """

    def __init__(self, own: Mapping[str, Strategy], entries: Sequence[Entry]) -> None:
        self._own = own
        self._entries = [entry for entry in entries if entry.name not in own]
        self._clashing = [entry for entry in entries if entry.name in own]
        self._looked: dict[str, Strategy | Unusable] = {}

    def __getitem__(self, name: str) -> Strategy:
        if name in self._own:
            return self._own[name]
        found = self._look(name)
        if isinstance(found, Unusable):
            raise UsageError(f"{found} Mend or remove the package.")
        return found

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        for name in self._names():
            if not isinstance(self._look(name), Unusable):
                yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def unusable(self) -> tuple[Unusable, ...]:
        """Those that packages add in vain, each with its error. Loads all of them."""
        taken = (
            Unusable(name=each.name, package=each.package, why="has the name of one that is built in")
            for each in self._clashing
        )
        looked = (self._look(name) for name in self._names())
        return (*taken, *(each for each in looked if isinstance(each, Unusable)))

    def added(self) -> tuple[Added, ...]:
        """Those of other packages that can be used. Loads all of them."""
        looked = (self._look(name) for name in self._names())
        return tuple(each for each in looked if isinstance(each, Added))

    def declarations(self) -> dict[str, tuple[Setting, ...]]:
        """The settings of every strategy; none of those that can't be used."""
        unusable: dict[str, tuple[Setting, ...]] = dict.fromkeys(self._names(), ())
        return unusable | {name: strategy.settings for name, strategy in self.items()}

    def _names(self) -> list[str]:
        return list(dict.fromkeys(entry.name for entry in self._entries))

    def _look(self, name: str) -> Strategy | Unusable:
        """Raises KeyError when nobody adds a strategy of that name."""
        if name not in self._looked:
            entries = [entry for entry in self._entries if entry.name == name]
            if not entries:
                raise KeyError(name)
            self._looked[name] = _taken(entries) or _loaded(entries[0], self)
        return self._looked[name]


def _taken(entries: list[Entry]) -> Unusable | None:
    if len(entries) == 1:
        return None
    others = ", ".join(sorted({entry.package for entry in entries[1:]}))
    return Unusable(
        name=entries[0].name,
        package=entries[0].package,
        why=f"has the same name as one of {others}; keep one of these packages",
    )


def _loaded(entry: Entry, known: StrategyShelf) -> Strategy | Unusable:
    def told(why: str) -> Unusable:
        return Unusable(name=entry.name, package=entry.package, why=why)

    def load() -> object:
        try:
            thing = entry.load()
            return thing() if isinstance(thing, type) else thing
        except SystemExit as error:
            raise RuntimeError(f"it wanted to end the program ({error})") from error

    thing = guarded(load)
    if isinstance(thing, Raised):
        return told(f"could not be loaded ({thing.why})")
    fault = guarded(lambda: _fault(thing, entry.name))
    if isinstance(fault, Raised):
        return told(f"could not be looked at ({fault.why})")
    return told(fault) if fault is not None else Added(thing, entry.package, known)  # type: ignore[arg-type]


def _fault(thing: object, name: str) -> str | None:
    """What of a strategy's shape is missing, as half a sentence; None when it is one."""
    if not _NAME.fullmatch(name):
        return "has a name that isn't made of small letters, digits and underscores"
    for attribute in _TEXTS:
        if not isinstance(text := getattr(thing, attribute, None), str) or not text.strip():
            return f"is no strategy: {attribute} is not a text"
    own = getattr(thing, "name", "")
    if own != name:
        return f"calls itself {shown(own)}"
    missing = [each for each in _METHODS if not callable(getattr(thing, each, None))]
    if missing:
        return f"is no strategy: it lacks {', '.join(missing)}"
    settings = getattr(thing, "settings", None)
    if not isinstance(settings, tuple) or not all(isinstance(each, _SETTINGS) for each in settings):
        return "is no strategy: settings is not a tuple of declared settings"
    return next((fault for each in settings if (fault := _setting_fault(each, settings))), None)


def _setting_fault(one: Setting, every: tuple[Setting, ...]) -> str | None:
    if not _NAME.fullmatch(one.name) or one.name in _OTHER_KEYS:
        return f"declares a setting that can't be called {shown(one.name)}"
    if sum(each.name == one.name for each in every) > 1:
        return f"declares the setting {one.name} twice"
    if one.name in NUMBERS and not isinstance(one, WholeSetting):
        return f"declares {one.name}, which must be a whole number"
    if one.default is None:
        return None if one.name in NUMBERS else f"declares no default for {one.name}"
    wrong = problem(one, one.default)
    return None if wrong is None else f"declares a default for {one.name} that it doesn't take"
