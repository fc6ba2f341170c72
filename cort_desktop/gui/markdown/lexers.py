"""Pygments' lexers for a window, made beside the loop: compiling one takes a tenth of a second."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from cort_desktop.gui.markdown.beside import Beside
from cort_desktop.gui.markdown.syntax import lexer_for
from cort_desktop.gui.pulse import Pulse


class Lexers(QObject):
    """One for a window (``Lexers.of``)."""

    def __init__(self, pulse: Pulse) -> None:
        super().__init__(pulse)
        self._there: dict[str, Any] = {"": None}
        self._work: Beside[str, Any] = Beside(lexer_for, "lexers")

    @staticmethod
    def of(pulse: Pulse) -> Lexers:
        """The lexers of the window that ``pulse`` beats for."""
        for child in pulse.children():
            if isinstance(child, Lexers):
                return child
        return Lexers(pulse)

    def get(self, language: str) -> tuple[bool, Any]:
        """Whether it is known by now what reads ``language``, and what does (None: nothing)."""
        self._there.update(self._work.results())
        if language in self._there:
            return True, self._there[language]
        self._work.ask(language)
        return False, None
