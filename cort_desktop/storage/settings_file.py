"""``config.toml``: read with every mistake at once, written back with its comments kept, never half written.

What the values mean is ``domain/settings_reading.py``'s. No key of a service is ever written here.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cort_desktop.domain.settings import Settings
from cort_desktop.errors import SettingsError

if TYPE_CHECKING:
    from cort_desktop.domain.settings_reading import Reading, Vocabulary

KeyPath = tuple[str, ...]
LONGEST_BYTES = 4 * 1024 * 1024
_PLACE = r"(?P<what>.*?) \((?:at line (?P<line>\d+), column (?P<column>\d+)|at end of document)\)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What the file gave. Where something is wrong, ``settings`` holds the default."""

    path: Path
    settings: Settings
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def error(self) -> SettingsError | None:
        """All problems as one error, for whoever can't go on with defaults; what is doubtful stands below."""
        if not self.problems:
            return None
        doubts = "\nTo be looked at besides:" + _listed(self.warnings) if self.warnings else ""
        if len(self.problems) == 1:
            return SettingsError(f"{self.path} can't be used: {self.problems[0]}.{doubts}")
        listed = _listed(self.problems)
        return SettingsError(
            f"{self.path} can't be used: {len(self.problems)} mistakes to correct:{listed}{doubts}"
        )


class SettingsFile:
    """The settings file at one path. It need not exist; ``vocabulary`` is asked when there is one."""

    def __init__(self, path: Path, vocabulary: Callable[[], Vocabulary] | None = None) -> None:
        self.path = path
        self._vocabulary = vocabulary

    def load(self) -> Loaded:
        """Read the file; a missing one means defaults. Never raises: what is wrong is in ``problems``."""
        try:
            return self._loaded(self._text())
        except SettingsError as error:
            return Loaded(path=self.path, settings=Settings(), problems=(str(error),))

    def write(self, changes: Mapping[KeyPath, Any]) -> Loaded:
        """Change single values, by path; None takes a key out. Comments and all the rest stay as they were.

        Raises SettingsError, and leaves the file alone, when it can't be read, has a syntax error, can't be
        written, or would have a mistake that it does not have now.
        """
        try:
            text = self._text()
            before = self._loaded(text)
            changed = _changed(text, changes)
            after = self._loaded(changed.decode())
            added = [
                words for words in after.problems if _unplaced(words) not in map(_unplaced, before.problems)
            ]
            if added:
                raise SettingsError("; ".join(added))
            _replace(self.path, changed)
        except SettingsError as error:
            raise SettingsError(f"{self.path} was left as it is: {error}.") from error
        except OSError as error:
            words = f"{self.path} could not be written ({_words(error)}); the settings are as they were."
            raise SettingsError(words) from error
        return after

    def _text(self) -> str:
        """The whole text; empty when there is no file. Raises SettingsError with half a sentence."""
        try:
            if not stat.S_ISREG(self.path.stat().st_mode):
                raise SettingsError("it is a folder or a device, where a file is expected; move it away")
            with self.path.open("rb") as file:
                raw = file.read(LONGEST_BYTES + 1)
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise SettingsError(f"it can't be read ({_words(error)})") from error
        if len(raw) > LONGEST_BYTES:
            most = LONGEST_BYTES // 1_000_000
            raise SettingsError(f"it is larger than {most} MB, so it is no settings file")
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise SettingsError(f"line {line} is not UTF-8 text; save the file as UTF-8") from error

    def _loaded(self, text: str) -> Loaded:
        if not text:
            return Loaded(path=self.path, settings=Settings())
        import tomllib

        try:
            data = tomllib.loads(text, parse_float=Decimal)
            reading = self._with_lines(data, text)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(_syntax_words(str(error), text)) from error
        except RecursionError as error:
            raise SettingsError("its lists or tables are nested too deeply") from error
        except (ValueError, ArithmeticError) as error:
            raise SettingsError("it has a number too long to be read") from error
        return Loaded(
            path=self.path,
            settings=reading.settings,
            problems=tuple(map(str, reading.problems)),
            warnings=tuple(map(str, reading.warnings)),
        )

    def _with_lines(self, data: Mapping[str, Any], text: str) -> Reading:
        """Lines are looked for only when there is something to say about one."""
        from cort_desktop.domain.settings_reading import read

        vocabulary = None if self._vocabulary is None else self._vocabulary()
        reading = read(data, vocabulary=vocabulary)
        if not reading.problems and not reading.warnings:
            return reading
        from cort_desktop.storage.toml_lines import line_in, lines_of

        lines = lines_of(text)
        return read(data, lambda path: line_in(lines, path), vocabulary)


def _listed(lines: tuple[str, ...]) -> str:
    return "".join(f"\n  {line}" for line in lines)


def _syntax_words(message: str, text: str) -> str:
    """The parser's message as a person would say it, with the place first."""
    import re

    found = re.fullmatch(_PLACE, message)
    if found is None:
        return f"it is not TOML: {message}"
    what = found["what"][:1].lower() + found["what"][1:]
    if found["line"] is None:
        return f"line {text.rstrip().count(chr(10)) + 1}, at the end of the file: {what}"
    return f"line {found['line']}, column {found['column']}: {what}"


def _changed(text: str, changes: Mapping[KeyPath, Any]) -> bytes:
    """The file with single values changed."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        for path, value in changes.items():
            _change(document, path, value, lambda is_outer: tomlkit.table(is_super_table=is_outer))
        return tomlkit.dumps(document).encode()
    except (TOMLKitError, TypeError, ValueError) as error:
        raise SettingsError(f"a value can't be written ({error})") from error


def _change(table: Any, path: KeyPath, value: Any, new_table: Callable[[bool], Any]) -> None:
    """``new_table`` makes one; told whether it only holds others, and so needs no line of its own."""
    from cort_desktop.domain.settings_values import dotted

    *outer, name = path
    for depth, part in enumerate(outer, start=1):
        if part not in table:
            if value is None:
                return
            table[part] = new_table(depth < len(outer))
        table = table[part]
        if not isinstance(table, Mapping):
            raise SettingsError(f"{dotted(path[:depth])} must be a table before {dotted(path)} can be set")
    if value is None:
        if name in table:
            del table[name]
    else:
        table[name] = float(value) if isinstance(value, Decimal) else _plain(value)


def _plain(value: Any) -> Any:
    """What tomlkit writes: lists for tuples."""
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _replace(path: Path, data: bytes) -> None:
    """Write the whole file or leave the old one: temporary file, fsync, replace, fsync of the folder."""
    import tempfile

    path = path.resolve()  # a link to a file kept elsewhere stays a link
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)  # noqa: PTH105 - the name is a text here
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _unplaced(problem: str) -> str:
    import re

    return re.sub(r"^line \d+: ", "", problem)


def _words(error: OSError) -> str:
    return error.strerror or type(error).__name__
