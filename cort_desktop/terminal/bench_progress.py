"""How far a bench is, on standard error: a bar where there is a terminal, now and then a line elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line
from cort_desktop.terminal.streams import Streams

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from cort_desktop.services.bench_run import Progress

_LINE_EVERY_S = 30.0
_NOW_CHARACTERS = 44


class BenchProgress:
    """Shows progress within a ``with`` block; what was painted is gone after it."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._said_at: float | None = None

    def __enter__(self) -> Self:
        if self._streams.is_lively:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TextColumn("{task.fields[words]}"),
                console=self._streams.console(),
                transient=True,
                refresh_per_second=4,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._bar.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _where: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Take in how far it is."""
        if self._bar is not None:
            words = f"{_left(progress)}  {one_line(progress.now)[:_NOW_CHARACTERS]}"
            if self._task is None:
                self._task = self._bar.add_task("", total=progress.total, words="")
            self._bar.update(self._task, completed=progress.done, total=progress.total, words=words)
        elif self._said_at is None or progress.seconds - self._said_at >= _LINE_EVERY_S:
            self._said_at = progress.seconds
            done = f"{progress.done} of {progress.total}"
            self._streams.say(f"{done}, {_left(progress)}: {one_line(progress.now)}")


def _left(progress: Progress) -> str:
    spent = f"{figures.tokens(progress.tokens)} tokens, {figures.money(progress.cost_microusd)}"
    if progress.left_s is None:
        return spent
    return f"{figures.seconds(progress.left_s)} left, {spent}"
