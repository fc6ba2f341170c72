"""The numbers behind the end of a run, in words: ``9 for it, 2 for the next``. Pure."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from cort_desktop.domain.search import Reason
from cort_desktop.telling import figures
from cort_desktop.telling.caps import CAPS

_COUNTS = {
    "rounds": "round",
    "judges": "judge",
    "samples": "sample",
    "steps": "step",
    "answers": "answer",
    "members": "member",
    "rankings": "ranking",
    "exchanges": "exchange",
    "nodes": "node",
}
_PHRASES: dict[str, Any] = {
    "missing": QT_TRANSLATE_NOOP("EndWords", "{count} missing"),
    "undecided": QT_TRANSLATE_NOOP("EndWords", "{count} undecided"),
    "mended": QT_TRANSLATE_NOOP("EndWords", "{count} mended"),
    "alike": QT_TRANSLATE_NOOP("EndWords", "{count} that agree"),
    "for": QT_TRANSLATE_NOOP("EndWords", "{count} for it"),
    "next": QT_TRANSLATE_NOOP("EndWords", "{count} for the next"),
}


def numbers_words(reason: Reason) -> str:
    """The numbers a rule saw, most telling first; empty when there are none worth telling.

    Those of a cap are told by ``telling/caps.py``.
    """
    if reason.rule in CAPS:
        return ""
    told = [_told(key, value) for key, value in reason.numbers.items()]
    return ", ".join(words for words in told if words)


def _told(key: str, value: object) -> str:
    if value is None or not isinstance(value, int | float | str) or value in ("", 0):
        return ""
    if key in _COUNTS and isinstance(value, int):
        return figures.count(value, _COUNTS[key])
    if key in _PHRASES and isinstance(value, int):
        return QCoreApplication.translate("EndWords", _PHRASES[key]).format(count=value)
    if key == "confidence" and isinstance(value, int | float):
        return QCoreApplication.translate(
            "EndWords", "{share} sure that more samples would not change it"
        ).format(share=f"{value:.1%}")
    number = f"{value:g}" if isinstance(value, float) else f"{value}"
    return f"{key.replace('_', ' ')} {number}"
