"""A window that tells how evenly its loop turns: the child of `window_streams`, started and never imported.

It is the program through its own entry, on a home folder of its own. What it does is said on standard input,
and every command is answered by one line of JSON on standard output:

    ask WORDS…          types a question and sends it; answered once STREAMS answers are being streamed
    measure SECONDS     the seconds between the beats of a timer of 16 ms, and how much text came meanwhile;
                        without what the window waited for a processor that others had
    stop                presses Stop; answered once the run has ended
    close               closes the window; there is no answer
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

STREAMS = 8
BEAT_MS = 16
LOOK_MS = 20
WAITED = Path("/proc/self/schedstat")


class Driver(QObject):
    """Does what it is told, with the one window there is."""

    def __init__(self) -> None:
        super().__init__()
        self._window: Any = None
        self._beats: list[float] = []
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.User))  # delivered once there is an application

    def customEvent(self, _event: QEvent) -> None:  # noqa: N802 - Qt's name
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(lambda: self._beats.append(time.perf_counter() - _waited()))
        self._notifier = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(lambda *_: self._obey(sys.stdin.readline().split()))
        self._notifier.setEnabled(False)
        self._when(self._has_window, lambda: self._notifier.setEnabled(True))

    def _obey(self, words: list[str]) -> None:
        match words:
            case ["ask", *question]:
                self._ask(" ".join(question))
            case ["measure", seconds]:
                self._measure(float(seconds))
            case ["stop"]:
                feed = self._window.selection.feed
                self._window.chat.composer.stopped.emit()
                self._when(lambda: not feed.is_working, lambda: _answer({}))
            case _:
                self._window.close()

    def _ask(self, question: str) -> None:
        composer = self._window.chat.composer
        composer.edit.setPlainText(question)
        composer.submitted.emit(True)  # noqa: FBT003 - what its button sends
        self._when(self._streams, lambda: _answer({"seen": self._window.selection.node}))

    def _measure(self, seconds: float) -> None:
        before = self._characters()
        self._beats.clear()
        self._timer.start()

        def told() -> None:
            self._timer.stop()
            gaps = [later - sooner for sooner, later in zip(self._beats, self._beats[1:], strict=False)]
            _answer({"gaps": gaps, "characters": self._characters() - before})

        QTimer.singleShot(round(seconds * 1000), self, told)

    def _has_window(self) -> bool:
        tops = (each for each in QApplication.topLevelWidgets() if isinstance(each, QMainWindow))
        self._window = next((each for each in tops if each.isVisible()), None)
        return self._window is not None

    def _streams(self) -> bool:
        feed = self._window.selection.feed
        return feed is not None and feed.is_working and len(feed.texts) == STREAMS

    def _characters(self) -> int:
        feed = self._window.selection.feed
        return 0 if feed is None else sum(each.characters for each in feed.texts.values())

    def _when(self, holds: Callable[[], bool], then: Callable[[], None]) -> None:
        if holds():
            then()
        else:
            QTimer.singleShot(LOOK_MS, self, lambda: self._when(holds, then))


def _waited() -> float:
    """Seconds this thread was ready to run and others were running; 0 where the system doesn't tell."""
    if not WAITED.exists():
        return 0.0
    return int(WAITED.read_text(encoding="ascii").split()[1]) / 1e9


def _answer(words: object) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    driver = Driver()
    from cort_desktop.__main__ import main

    code = main(["gui"])
    del driver
    sys.exit(code)
