"""A small terminal: its screen after what was written to it. What it doesn't know fails the test."""

from __future__ import annotations

import re

_SEQUENCE = re.compile(r"\x1b\[(\??)([\d;]*)([A-Za-z])")


class Screen:
    """Rows of characters with a cursor; knows the sequences that the live area uses, and colours."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = rows
        self.row = 0
        self.column = 0
        self.cursor_visible = True
        self._cells = [[" "] * columns for _ in range(rows)]

    def lines(self) -> list[str]:
        found = ["".join(row).rstrip() for row in self._cells]
        while found and not found[-1]:
            found.pop()
        return found

    def feed(self, text: str) -> None:
        at = 0
        while at < len(text):
            sequence = _SEQUENCE.match(text, at)
            if sequence is not None:
                self._obey(sequence[1], sequence[2], sequence[3])
                at = sequence.end()
                continue
            self._put(text[at])
            at += 1

    def fold_to(self, columns: int) -> None:
        """Become narrower, as terminals do that fold long lines anew; the cursor stays in its text."""
        old = ["".join(row).rstrip() for row in self._cells[: self.row + 1]]
        folded = [line[i : i + columns] for line in old for i in range(0, max(1, len(line)), columns)]
        self.columns = columns
        self._cells = [list(line.ljust(columns)) for line in folded]
        self._cells += [[" "] * columns for _ in range(self.rows - len(folded))]
        self.row, self.column = len(folded) - 1, 0

    def _put(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self._down()
        elif character.isprintable():
            if self.column >= self.columns:
                self.column = 0
                self._down()
            self._cells[self.row][self.column] = character
            self.column += 1
        else:
            raise AssertionError(f"a control character reached the terminal: {character!r}")

    def _down(self) -> None:
        if self.row == self.rows - 1:
            self._cells = [*self._cells[1:], [" "] * self.columns]
        else:
            self.row += 1

    def _obey(self, private: str, numbers: str, command: str) -> None:
        match private, command:
            case "?", "h" | "l":
                if numbers == "25":
                    self.cursor_visible = command == "h"
                else:
                    assert numbers == "2026", numbers
            case "", "A":
                self.row = max(0, self.row - int(numbers or 1))
            case "", "K":
                self._cells[self.row][self.column :] = [" "] * (self.columns - self.column)
            case "", "J":
                self._cells[self.row][self.column :] = [" "] * (self.columns - self.column)
                for row in range(self.row + 1, self.rows):
                    self._cells[row] = [" "] * self.columns
            case "", "m":
                pass
            case _:
                raise AssertionError(f"unknown sequence: {private}{numbers}{command}")
