"""A run of 2,000 nodes: outline and map open, expand and scroll; the p95 of what a step's painting costs is
under 16 ms.

Off screen, in processor time of this thread: after each step of a person the view is laid out and painted to
its pixels, and all that is measured. The map is also zoomed. The figure is the worse of the two views, the
reference one frame of 16 ms; opening, a single long step, is told beside it.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from bench._rendering import answer
from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName, RunId
from devtools.bench import Result
from devtools.console import say
from tests.fakes.contest import crowd

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractScrollArea

    from cort_desktop.gui.rounds.map_view import MapView
    from cort_desktop.gui.rounds.outline_view import OutlineView

BOUND = 1.0
FRAME_MS = 16.0
NODES = 2_000
ROUNDS, CANDIDATES, JUDGES = 40, 47, 3
WIDTH, HEIGHT = 640, 900
LENGTH = 2_000
STEPS = 200
SCALES = (0.12, 0.24, 0.5, 1.0, 1.5)
RESOURCES = Path(__file__).parents[2] / "resources"

Step = Callable[[], object]


def measure() -> Result:
    """Milliseconds of the worse view's p95, beside a frame."""
    from cort_desktop.gui.pulse import Pulse
    from cort_desktop.gui.rounds.map_sight import in_sight
    from cort_desktop.gui.rounds.map_view import MapView
    from cort_desktop.gui.rounds.model import RunTreeModel
    from cort_desktop.gui.rounds.outline_view import OutlineView
    from cort_desktop.gui.run_feed import RunFeed
    from cort_desktop.gui.selection import Selection
    from cort_desktop.gui.theme import Theme
    from tests.fakes.window import WallClock

    app = _application()
    owner, theme = QObject(), Theme(app, RESOURCES)
    pulse, model, selection = Pulse(owner), RunTreeModel(owner), Selection(owner)
    feed = RunFeed(RunId("01run"), pulse, WallClock(), owner)
    feed.show_all(lifelike(event) for event in crowd(ROUNDS, CANDIDATES, JUDGES).events)
    pulse.beat()
    if len(feed.state.nodes) < NODES:
        raise RuntimeError(f"{len(feed.state.nodes)} nodes are too few to tell")
    selection.show(feed)
    model.show(feed)
    outline, chart = OutlineView(theme, model, selection), MapView(theme, model, selection)
    found = [
        _p95("outline", app, outline, outline_steps(outline), lambda: True),
        _p95("map", app, chart, map_steps(chart), lambda: any(in_sight(chart.cards, chart.seen()))),
    ]
    model.show(None)
    for each in (outline, chart, owner, theme):
        each.deleteLater()
    app.processEvents()
    return Result(max(found), FRAME_MS, "ms")


def lifelike(event: ev.Event) -> ev.Event:
    """Candidates come of the winner of the round before, and their answers have some length."""
    body = event.body
    if isinstance(body, ev.NodeStarted) and body.role == "proposer" and body.round > 0:
        before = NodeName("D" if body.round == 1 else f"R{body.round - 1}.A1")
        return replace(event, body=replace(body, parents=(before,), saw=(before,)))
    if isinstance(body, ev.NodeFinished) and ".J" not in body.node:
        return replace(event, body=replace(body, text=answer(LENGTH)))
    return event


def outline_steps(view: "OutlineView") -> Iterator[Step]:
    """Fold and unfold every round, unfold all there is, and scroll through it."""
    model = view.model()
    run = model.index(0, 0)
    rounds = [run, *(model.index(row, 0, run) for row in range(model.rowCount(run)))]
    for index in rounds:
        yield lambda index=index: view.collapse(index)  # type: ignore[misc]
        yield lambda index=index: view.expand(index)  # type: ignore[misc]
    yield view.expandAll
    yield from scrolling(view)


def map_steps(view: "MapView") -> Iterator[Step]:
    """From all of it at once nearer and nearer, scrolled through at each scale."""
    view.fit()
    for scale in SCALES:
        yield lambda scale=scale: view.zoom_to(scale)  # type: ignore[misc]
        yield from scrolling(view)
    yield view.fit


def scrolling(view: "QAbstractScrollArea") -> Iterator[Step]:
    """Down and across through the middle in strides, then by small turns of the wheel from there."""
    bars = (view.verticalScrollBar(), view.horizontalScrollBar())
    for bar, other in (bars, bars[::-1]):
        middle = (other.minimum() + other.maximum()) // 2
        yield lambda other=other, middle=middle: other.setValue(middle)  # type: ignore[misc]
        low, high = bar.minimum(), bar.maximum()
        strides = range(low, high + 1, max(1, (high - low) // STEPS))
        turns = range((low + high) // 2, min(high, (low + high) // 2 + 40 * STEPS), 40)
        for value in [*strides, *turns] if high > low else []:
            yield lambda bar=bar, value=value: bar.setValue(value)  # type: ignore[misc]


def _p95(
    name: str,
    app: QApplication,
    view: "QAbstractScrollArea",
    steps: Iterator[Step],
    counts: Callable[[], bool],
) -> float:
    """What 95 of 100 steps take at most, in milliseconds. ``counts``: is there anything to see?"""
    view.resize(WIDTH, HEIGHT)
    opening = _timed(app, view.show)
    paintings = _Paintings(view.viewport())
    times = sorted(
        took for step in steps for took in [_timed(app, step)] if paintings.were_any() and counts()
    )
    if len(times) < STEPS:
        raise RuntimeError(f"only {len(times)} steps painted anything")
    p95 = times[int(len(times) * 0.95)]
    say(
        f"  {name}: opens in {opening:.1f} ms; {len(times)} steps, median {times[len(times) // 2]:.2f}, "
        f"p95 {p95:.2f}, longest {times[-1]:.1f} ms"
    )
    view.close()
    return p95


class _Paintings(QObject):
    """Notes whether a widget is painted: a step that changes nothing is no step."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._has_been = False
        widget.installEventFilter(self)

    def were_any(self) -> bool:
        """Whether it has been since one last asked."""
        had, self._has_been = self._has_been, False
        return had

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        self._has_been |= event.type() == QEvent.Type.Paint
        return False


def _timed(app: QApplication, step: Step) -> float:
    before = time.thread_time()
    step()
    app.processEvents()
    return 1000 * (time.thread_time() - before)


def _application() -> QApplication:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    found = QApplication.instance()
    return found if isinstance(found, QApplication) else QApplication([])
