"""Single values of a configuration: each is checked, and either used or noted as wrong by its dotted key.

Knows no particular setting; which tables and keys there are is in ``settings_reading``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cort_desktop.domain.settings import closest, looks_like_key, shown

Path = tuple[str, ...]
LineOf = Callable[[Path], int | None]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_SORTS = {str: "a text", int: "a number", Decimal: "a number", list: "a list", dict: "a table"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingNote:
    """Something to say about one setting. ``words`` is a half sentence that follows its name."""

    path: Path
    words: str
    line: int | None = None

    @property
    def key(self) -> str:
        """The dotted key, quoted where it must be."""
        return dotted(self.path)

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.key} {self.words}"


class Notes:
    """What was found wrong or doubtful on the way."""

    def __init__(self, line_of: LineOf) -> None:
        self._line_of = line_of
        self._problems: list[SettingNote] = []
        self._warnings: list[SettingNote] = []

    def wrong(self, path: Path, words: str) -> None:
        """The value can't be used."""
        self._problems.append(SettingNote(path=path, words=words, line=self._line_of(path)))

    def doubtful(self, path: Path, words: str) -> None:
        """The value has no effect, or one that a person should know of."""
        self._warnings.append(SettingNote(path=path, words=words, line=self._line_of(path)))

    @property
    def problems(self) -> tuple[SettingNote, ...]:
        """What can't be used, in the order of the file."""
        return _sorted(self._problems)

    @property
    def warnings(self) -> tuple[SettingNote, ...]:
        """What a person should know, in the order of the file."""
        return _sorted(self._warnings)


class Table:
    """One table of a configuration. A getter returns a usable value, or None after noting what is wrong."""

    def __init__(self, value: Any, path: Path, notes: Notes) -> None:
        self.path = path
        self.notes = notes
        self._values: Mapping[str, Any] = {}
        if isinstance(value, Mapping):
            self._values = value
        elif value is not None:
            notes.wrong(path, f"must be a table, [{dotted(path)}], not {sort_of(value)}")
        self.written = isinstance(value, Mapping)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def raw(self, name: str) -> Any:
        """What was written, unchecked; None when nothing was."""
        return self._values.get(name)

    def table(self, name: str) -> Table:
        """The table of that name inside this one; an empty one when there is none."""
        return Table(self._values.get(name), (*self.path, name), self.notes)

    def tables(self) -> Iterator[tuple[str, Table]]:
        """All tables inside this one, by name."""
        return ((name, self.table(name)) for name in self._values)

    def wrong(self, name: str, words: str) -> None:
        """Note that the value of ``name`` can't be used."""
        self.notes.wrong((*self.path, name), words)

    def whole(self, name: str, low: int, high: int) -> int | None:
        """A whole number from ``low`` to ``high``."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(name, f"must be a whole number from {low} to {high}, not {_said(value)}")
            return None
        return value

    def number(self, name: str, high: int) -> Decimal | None:
        """A number from 0 to ``high``."""
        value = self._values.get(name)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | Decimal)
            or not _within(Decimal(value), high)
        ):
            self.wrong(name, f"must be a number from 0 to {high}, not {_said(value)}")
            return None
        return Decimal(value)

    def text(self, name: str, longest: int) -> str | None:
        """A text of at most ``longest`` characters; an empty one counts as none."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > longest:
            self.wrong(name, f"must be a text of at most {longest} characters, not {_said(value)}")
            return None
        return value or None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, each once; a single text counts as a list of one."""
        value = self._values.get(name, [])
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) and item.strip() for item in items):
            self.wrong(name, f'must be a text or a list of texts, like ["one", "two"], not {_said(value)}')
            return ()
        return tuple(dict.fromkeys(items))

    def truth(self, name: str) -> bool | None:
        """True or false."""
        value = self._values.get(name)
        if value is None or isinstance(value, bool):
            return value
        self.wrong(name, f"must be true or false, not {_said(value)}")
        return None

    def doubt_unknown(self, known: Collection[str]) -> None:
        """Note each name that is none of ``known``, with the nearest of them."""
        for name in self._values:
            if name not in known:
                words = f"is not known and has no effect{closest(name, known)}"
                self.notes.doubtful((*self.path, name), words)

    def word(self, name: str, known: Collection[str]) -> str | None:
        """One of ``known``; any short text when nothing is known here."""
        value = self.text(name, 64)
        if value is None or not known or value in known:
            return value
        self.wrong(
            name, f"is {shown(value)}, which is unknown{closest(value, known)}; known are {', '.join(known)}"
        )
        return None

    def variable(self, name: str) -> str | None:
        """The name of an environment variable. What else was written may be a key, and is never repeated."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, str) and _VARIABLE.fullmatch(value) and not looks_like_key(value):
            return value
        self.wrong(name, "must be the name of an environment variable, like MY_SERVER_KEY, never the key")
        return None


def dotted(path: Path) -> str:
    """A key as it is written in the file, quoted where it must be."""
    return ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in path)


def sort_of(value: Any) -> str:
    """What sort of thing was written, in a person's words."""
    if isinstance(value, bool):
        return "true or false"
    return _SORTS.get(type(value), "a date or time")


def _said(value: Any) -> str:
    """A single value as it was written; of anything larger only its sort."""
    if isinstance(value, bool):
        return str(value).lower()
    return shown(value) if isinstance(value, str | int | Decimal) else sort_of(value)


def _sorted(notes: list[SettingNote]) -> tuple[SettingNote, ...]:
    """In the order of the file; what has no line comes last, in the order it was found."""
    return tuple(sorted(notes, key=lambda note: (note.line is None, note.line or 0)))


def _within(value: Decimal, high: int) -> bool:
    return value.is_finite() and 0 <= value <= high
