"""What is said of a recording: how it thinks, how long it is, which model wrote it, and when. Pure."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from cort_desktop.domain.ids import model_of, provider_of
from cort_desktop.gui.onboarding.demos import Demo
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.strategies import strategy_title


def facts(demo: Demo) -> str:
    """``Best of n · 38.0 s · 6 calls · smollm2-135m, the built-in model · recorded 3 May 2026``."""
    end = demo.finished
    parts = (
        strategy_title(demo.started.strategy),
        figures.seconds(end.seconds),
        figures.count(end.calls, "call"),
        model_words(demo),
        QCoreApplication.translate("Demos", "recorded {date}").format(date=date_words(demo)),
    )
    return " · ".join(parts)


def model_words(demo: Demo) -> str:
    """``smollm2-135m, the built-in model``."""
    name = one_line(model_of(demo.model))
    return (
        QCoreApplication.translate("Demos", "{name}, the built-in model").format(name=name)
        if _is_built_in(demo)
        else name
    )


def replay_words(demo: Demo, speed: float) -> str:
    """``smollm2-135m at real speed, recorded 3 May 2026``."""
    words = QCoreApplication.translate("Demos", "{model} at real speed, recorded {date}")
    if speed != 1:
        words = QCoreApplication.translate("Demos", "{model}, {speed} times as fast, recorded {date}")
    name = one_line(model_of(demo.model))
    return words.format(speed=f"{speed:g}", model=name, date=date_words(demo))


def date_words(demo: Demo) -> str:
    """``3 May 2026``: the day as UTC counts it, the same everywhere."""
    day = demo.recorded
    return QLocale().toString(QDate(day.year, day.month, day.day), "d MMM yyyy")


def _is_built_in(demo: Demo) -> bool:
    return provider_of(demo.model) == "builtin"
