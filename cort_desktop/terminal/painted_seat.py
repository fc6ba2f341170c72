"""A seat for ``chat`` at a real terminal: a line editor that stays usable while a run is painted above it.

The line editor owns the terminal here, so the picture of the run is part of its prompt, and what is
printed goes above it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.output import Output, create_output
from prompt_toolkit.output.vt100 import Vt100_Output

from cort_desktop.domain import events as ev
from cort_desktop.telling.safe import neutral
from cort_desktop.terminal.glyphs import glyphs
from cort_desktop.terminal.interrupts import Interrupts
from cort_desktop.terminal.live import FRAMES_PER_SECOND, Watched, frame
from cort_desktop.terminal.painting import rendered
from cort_desktop.terminal.streams import Streams
from cort_desktop.terminal.views import View

if TYPE_CHECKING:
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.key_binding import KeyPressEvent

_ROWS_TO_TYPE = 4


class PaintedSeat:
    """A prompt with history and pasting; a working run is shown above the line that is being typed."""

    takes_lines_while_working = True

    def __init__(self, streams: Streams) -> None:
        self.has_typed = False
        self._streams = streams
        self._glyphs = glyphs(has_icons=streams.has_icons())
        self._view: _PromptView | None = None
        self._session: PromptSession[str] = PromptSession(
            message=self._message,
            prompt_continuation="  ",
            erase_when_done=True,
            key_bindings=_bindings(),
            output=_output(streams),
        )
        self._session.default_buffer.on_text_changed += self._note_typing

    async def read(self) -> str | None:
        self.has_typed = False
        try:
            text = await self._session.prompt_async()
        except EOFError:
            return None
        if text.strip():
            shown = neutral(text).replace("\n", "\n  ")
            self._streams.paint(f"{self._glyphs.prompt} {shown}\n")
        return text

    def interrupts(self) -> Interrupts:
        return Interrupts(self._streams, hears_signals=False)

    def view(self, interrupts: Interrupts) -> View:  # noqa: ARG002  a plain seat needs it
        self._view = _PromptView(self._invalidate, self._forget_view)
        return self._view

    async def above(self, action: Callable[[], None]) -> None:
        await run_in_terminal(action)

    def close(self) -> None:
        """The prompt has given the terminal back already."""

    def _note_typing(self, _buffer: Buffer) -> None:
        self.has_typed = True

    def _forget_view(self) -> None:
        self._view = None
        self._invalidate()

    def _invalidate(self) -> None:
        if self._session.app.is_running:
            self._session.app.invalidate()

    def _message(self) -> ANSI:
        prompt = f"{self._glyphs.prompt} "
        if self._view is None:
            return ANSI(prompt)
        columns, rows = self._streams.size()
        lines = frame(
            self._view.watched,
            now=self._streams.now(),
            size=(columns - 1, max(1, rows - _ROWS_TO_TYPE)),
            glyphs=self._glyphs,
            tick=self._view.tick,
            hint="/stop stops and keeps what there is",
        )
        return ANSI("\n".join([*rendered(lines, self._streams.console()), prompt]))


class _PromptView:
    """A run as the prompt shows it."""

    def __init__(self, repaint: Callable[[], None], on_close: Callable[[], None]) -> None:
        self.watched = Watched()
        self.tick = 0
        self._repaint = repaint
        self._on_close = on_close
        self._timer: asyncio.TimerHandle | None = None

    def recall(self, events: Iterable[ev.Event]) -> None:
        self.watched.recall(events)

    def show(self, event: ev.Event) -> None:
        self.watched.take(event)
        if self._timer is None:
            self._beat()

    def note(self, words: str) -> None:
        self.watched.note = words.partition(";")[0]

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._on_close()

    def _beat(self) -> None:
        self.tick += 1
        self._repaint()
        self._timer = asyncio.get_running_loop().call_later(1 / FRAMES_PER_SECOND, self._beat)


def _output(streams: Streams) -> Output:
    """Standard error; without asking the terminal where its cursor is, which some of them never answer."""
    output = create_output(stdout=streams.error_stream())
    if isinstance(output, Vt100_Output):
        output.enable_cpr = False
    return output


def _bindings() -> KeyBindings:
    """Enter sends; Alt-Enter begins a new line; Ctrl-C takes the line away, then is passed on."""
    bindings = KeyBindings()

    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    def interrupt(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    bindings.add("escape", "enter")(new_line)
    bindings.add("c-c")(interrupt)
    return bindings
