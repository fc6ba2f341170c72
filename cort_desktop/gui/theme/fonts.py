"""The faces: the system's own where it has chosen one, else the two that come with the program.

A Linux without a desktop names "Sans Serif" and means whatever is found first; there Inter and JetBrains Mono
from ``resources/fonts`` are better company for a screen full of text.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo

Face = Literal["body", "small", "tiny", "strong", "title", "heading", "mono", "mono_small"]

_OWN_SANS, _OWN_MONO = "Inter", "JetBrains Mono"
_NOBODYS_CHOICE = {"", "Sans Serif", "sans-serif", "Sans", "DejaVu Sans", "Monospace", "monospace", "fixed"}
_SIZES: Mapping[Face, float] = {
    "body": 1.0,
    "small": 0.88,
    "tiny": 0.8,
    "strong": 1.0,
    "title": 1.05,
    "heading": 1.35,
    "mono": 0.94,
    "mono_small": 0.8,
}
_SMALLEST_PT = 6.0
_OWN_POINTS = 10.5


class Fonts:
    """Makes fonts by name. ``percent`` scales all of them."""

    def __init__(self, folder: Path, percent: int = 100) -> None:
        for file in sorted(folder.glob("*.[ot]tf")):
            QFontDatabase.addApplicationFont(str(file))
        system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        self._sans = _chosen(system, _OWN_SANS)
        self._mono = _chosen(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont), _OWN_MONO)
        self._points = system.pointSizeF() if self._sans != _OWN_SANS else _OWN_POINTS
        self.percent = percent

    def font(self, face: Face) -> QFont:
        """A fresh font of that name."""
        is_mono = face.startswith("mono")
        font = QFont(self._mono if is_mono else self._sans)
        if is_mono:
            font.setStyleHint(QFont.StyleHint.Monospace)
        font.setPointSizeF(max(_SMALLEST_PT, self._points * _SIZES[face] * self.percent / 100))
        if face in ("strong", "title", "heading"):
            font.setWeight(QFont.Weight.DemiBold)
        return font

    @property
    def points(self) -> float:
        """The size of body text, in points."""
        return self._points * self.percent / 100

    @property
    def families(self) -> tuple[str, str]:
        """The proportional and the monospace family."""
        return self._sans, self._mono


def _chosen(system: QFont, own: str) -> str:
    """The system's family when somebody chose it and it is there, else our own."""
    family = system.family()
    if family in _NOBODYS_CHOICE or QFontInfo(system).family() != family:
        return own
    return family
