"""The painted view of a working run: the tree of rounds, the budget, what is being written right now.

Events are folded when they come; painting happens at most ``FRAMES_PER_SECOND`` times a second from the
loop's timer. ``frame`` is pure: state in, lines out. The terminal's side of it is ``live_area.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from rich.text import Text

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.telling.outline import Row, outline
from cort_desktop.telling.safe import neutral, one_line
from cort_desktop.telling.states import Streaming, is_unjudged, judged_in, reading_words
from cort_desktop.telling.summary import budget_parts, budget_share
from cort_desktop.terminal.glyphs import Glyphs, glyphs
from cort_desktop.terminal.live_area import LiveArea
from cort_desktop.terminal.painting import rendered
from cort_desktop.terminal.streams import MOST_COLUMNS, Streams
from cort_desktop.terminal.tree import cut, fold_text, tree_lines

FRAMES_PER_SECOND = 12

_TAIL_CHARACTERS = 600
_TAIL_LINES = 4
_VERDICT_CHARACTERS = 20_000
_BAR_CELLS = 16
_FEWEST_TREE_ROWS = 3


@dataclass(slots=True, kw_only=True)
class Watched:
    """A run as far as it was seen: its state, and what streams beside it."""

    state: RunState | None = None
    streaming: dict[NodeName, Streaming] = field(default_factory=dict)
    tails: dict[NodeName, str] = field(default_factory=dict)
    verdicts: dict[NodeName, str] = field(default_factory=dict)
    latest: NodeName | None = None
    last_at: datetime | None = None
    note: str = ""

    def recall(self, events: Iterable[ev.Event]) -> None:
        """Take in what happened earlier; the time since then counts for nothing."""
        for event in events:
            self.take(event)
        self.last_at = None

    def take(self, event: ev.Event) -> None:
        """Fold one event, or remember a piece of streamed text."""
        if self.state is None:
            self.state = RunState(event.run)
        self.state.apply(event)
        body = event.body
        if isinstance(body, ev.NodeDelta):
            self._stream(body)
            return
        self.last_at = event.at
        if isinstance(
            body, ev.NodeStarted | ev.AttemptStarted | ev.NodeFinished | ev.NodeFailed | ev.NodeCancelled
        ):
            self.streaming.pop(body.node, None)
            self.tails.pop(body.node, None)
            self.verdicts.pop(body.node, None)

    def _stream(self, body: ev.NodeDelta) -> None:
        before = self.streaming.get(body.node, Streaming())
        is_reasoning = body.channel == "reasoning"
        judged = self._judged(body) if self._is_judge(body.node) and not is_reasoning else before.judged
        tail = self.tails.get(body.node, "") if before.is_reasoning == is_reasoning else ""
        self.tails[body.node] = (tail + body.text)[-_TAIL_CHARACTERS:]
        self.streaming[body.node] = Streaming(
            characters=before.characters + len(body.text), is_reasoning=is_reasoning, judged=judged
        )
        if self.latest not in self.tails:
            self.latest = body.node  # one call is followed to its end: text that changes places can't be read

    def _is_judge(self, name: NodeName) -> bool:
        node = self.state.nodes.get(name) if self.state is not None else None
        return node is not None and node.role == "judge"

    def _judged(self, body: ev.NodeDelta) -> int:
        """How many candidates a verdict has come to so far."""
        text = self.verdicts.get(body.node, "") + body.text
        self.verdicts[body.node] = text[-_VERDICT_CHARACTERS:]
        return judged_in(text)


def frame(
    watched: Watched,
    *,
    now: datetime,
    size: tuple[int, int],
    glyphs: Glyphs,
    tick: int,
    hint: str = "Ctrl-C stops and keeps what there is",
) -> list[Text]:
    """The lines of one picture: at most ``size`` columns and rows. hint: how to stop, in words."""
    state = watched.state
    if state is None or state.started is None:
        return []
    width, height = min(size[0], MOST_COLUMNS), size[1]
    status = _status(watched, state, now, width, glyphs, hint)
    tail = (
        [cut(line, width, glyphs.ellipsis) for line in _tail(watched, width)]
        if height >= _FEWEST_TREE_ROWS + len(status) + _TAIL_LINES + 1
        else []
    )
    rows = outline(state, now=now, live=watched.streaming)
    room = max(1, height - len(status) - len(tail))
    lines = tree_lines(_fitted(rows, state, room - 1), width=width, glyphs=_turned(glyphs, tick), fold=False)
    gap = [Text()] if room - len(lines) >= 2 else []  # noqa: PLR2004  two gaps, if there is room for both
    return [*lines[:room], *(gap if tail else []), *tail, *gap, *status]


def _fitted(rows: list[Row], state: RunState, room: int) -> list[Row]:
    """The rows there is room for: decided rounds shrink to their winners, judges go, then the top goes."""
    decided = tuple(f"R{number}." for number, round_ in state.rounds.items() if round_.result is not None)

    def is_old(row: Row) -> bool:
        return bool(decided) and row.name.startswith(decided)

    steps: tuple[Callable[[Row], bool], ...] = (
        lambda row: not is_old(row) or row.mark in ("won", "failed"),
        lambda row: ".J" not in row.name or row.mark in ("running", "failed"),
        lambda row: not is_old(row),
    )
    for keeps in steps:
        if len(rows) > room:
            rows = [row for row in rows if keeps(row)]
    return rows if len(rows) <= room else [*rows[:1], *rows[len(rows) - room + 1 :]][:room]


def _turned(icons: Glyphs, tick: int) -> Glyphs:
    """The icon of running work turns, so that one sees the program is alive."""
    from dataclasses import replace

    wheel = icons.wheel[tick // 2 % len(icons.wheel)]
    return replace(icons, marks={**icons.marks, "running": wheel})


def _tail(watched: Watched, width: int) -> list[Text]:
    """The most recent text of the call that wrote last, always as many lines, so that nothing jumps."""
    name = watched.latest
    if name is None or name not in watched.tails:
        return []
    is_reasoning = watched.streaming[name].is_reasoning
    node = watched.state.nodes.get(name) if watched.state is not None else None
    if node is not None and node.role == "judge" and not is_reasoning:
        # A verdict is JSON, which nobody wants to read; how far it is says more.
        title = Text(f"{name} {reading_words(node, watched.streaming[name])}", style="cyan")
        return [title, *([Text()] * (_TAIL_LINES - 1))]
    text = neutral(watched.tails[name]).replace("\t", "    ").rstrip()
    folded = [line for part in text.split("\n") for line in fold_text(Text(part), width - 2) or [Text()]]
    shown = folded[-(_TAIL_LINES - 1) :]
    shown += [Text()] * (_TAIL_LINES - 1 - len(shown))
    title = Text(f"{name} {'reasons' if is_reasoning else 'writes'}", style="cyan")
    return [
        title,
        *(Text("  ") + Text(line.plain, style="dim italic" if is_reasoning else "dim") for line in shown),
    ]


def _status(
    watched: Watched, state: RunState, now: datetime, width: int, icons: Glyphs, hint: str
) -> list[Text]:
    """So far, and the budget."""
    dot = f" {icons.dot} "
    elapsed = _elapsed(watched, state, now)
    share = budget_share(state, elapsed)
    line = Text(dot.join(budget_parts(state, elapsed)), style="dim")
    if share is not None and line.cell_len + _BAR_CELLS + 2 <= width:
        full = round(share * _BAR_CELLS)
        bar = Text(icons.full * full, style="cyan")
        bar.append(icons.empty * (_BAR_CELLS - full) + "  ", style="dim")
        line = bar + line
    best = f"so far: {state.best}{', not judged yet' if is_unjudged(state) else ''}"
    so_far = Text(best if state.best is not None else "no answer yet", style="bold")
    if watched.note:
        so_far.append(dot + watched.note, style="yellow")
    elif state.limits:
        so_far.append(f"{dot}cap of {', '.join(state.limits)} reached, nothing new starts", style="yellow")
    elif so_far.cell_len + len(dot) + len(hint) <= width:
        so_far.append(f"{dot}{hint}", style="dim")
    else:
        so_far.append(f"{dot}{' '.join(hint.split()[:2])}", style="dim")
    return [cut(so_far, width, icons.ellipsis), cut(line, width, icons.ellipsis)]


def _elapsed(watched: Watched, state: RunState, now: datetime) -> float:
    if watched.last_at is None:
        return state.active_seconds
    return state.active_seconds + max(0.0, (now - watched.last_at).total_seconds())


class LiveView:
    """Paints a run on standard error while it works; when it has ended, its whole tree stays there."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._watched = Watched()
        self._area = LiveArea(streams.paint)
        self._glyphs = glyphs(has_icons=streams.has_icons())
        self._timer: asyncio.TimerHandle | None = None
        self._tick = 0

    def recall(self, events: Iterable[ev.Event]) -> None:
        self._watched.recall(events)

    def show(self, event: ev.Event) -> None:
        self._watched.take(event)
        if self._timer is None:
            self._schedule()

    def note(self, words: str) -> None:
        """Say something beside the budget, and paint everything anew (a key that was pressed shows too)."""
        self._watched.note = one_line(words)
        self._area.forget()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._area.clear()
        state, self._watched = self._watched.state, Watched()
        if state is not None and state.finished is not None:
            width = min(self._streams.size()[0] - 1, MOST_COLUMNS)
            lines = tree_lines(outline(state), width=width, glyphs=self._glyphs, fold=True)
            self._streams.paint(
                "".join(f"{line}\n" for line in rendered([*lines, Text()], self._streams.console()))
            )

    def _schedule(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(1 / FRAMES_PER_SECOND, self._paint)

    def _paint(self) -> None:
        columns, rows = self._streams.size()
        size = (columns - 1, rows - 1)
        lines = frame(self._watched, now=self._streams.now(), size=size, glyphs=self._glyphs, tick=self._tick)
        console = self._streams.console()
        self._area.paint(rendered(lines, console), [line.cell_len for line in lines], columns)
        self._tick += 1
        self._schedule()
