"""Conversations into files and back: where to is asked, the work is done beside the window, and what came of
it is said at the foot. What the dialogs look like is ``exchange_dialogs.py``; the files are the services'.
What writes them is loaded when it is wanted: most windows are opened for something else.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from cort_desktop.domain.library import Conversation
from cort_desktop.domain.whole_conversation import ExportForm
from cort_desktop.errors import CortError
from cort_desktop.gui.library import questions
from cort_desktop.gui.library.verbs import named
from cort_desktop.gui.notices import Offer
from cort_desktop.gui.ui import Ui
from cort_desktop.telling.safe import one_line

PATIENCE_S = 0.4
"""What is done sooner needs no bar."""


class Exchange(QObject):
    """``came`` has the ConversationId to show of what was taken in, ``changed`` follows every import."""

    came = Signal(object)
    changed = Signal()

    def __init__(self, ui: Ui, pane: QWidget) -> None:
        super().__init__(pane)
        self._ui = ui
        self._pane = pane
        self._last: Path | None = None
        self._begun = 0

    def export(self, conversations: Sequence[Conversation]) -> None:
        """Ask where to, and write them there."""
        from cort_desktop.gui.library import exchange_dialogs
        from cort_desktop.telling.exporting import file_name

        one = len(conversations) == 1
        name = file_name(conversations[0].title) if one else self.tr("conversations")
        take = partial(self._chosen, conversations)
        exchange_dialogs.ask_where(self._pane.window(), self._folder() / name, named(conversations), take)

    def choose(self) -> None:
        """Ask which files to take in."""
        from cort_desktop.gui.library import exchange_dialogs

        exchange_dialogs.ask_which(self._pane.window(), self._folder(), self.bring_in)

    def bring_in(self, files: Sequence[Path]) -> None:
        """Take ``.cort`` files in, one after the other, and show the first conversation of them."""
        if files:
            self._last = files[0].parent
            self._start(lambda course: self._bring_in(files, course), self.tr("Importing"))

    def _folder(self) -> Path:
        """That of the last file; at first where a person's documents are."""
        from cort_desktop.gui.library import exchange_dialogs

        last = self._last
        return last if last is not None and last.is_dir() else exchange_dialogs.documents()

    def _chosen(self, conversations: Sequence[Conversation], path: Path, form: ExportForm) -> None:
        self._last = path.parent
        write = partial(self.write, conversations, path, form)
        if path.exists():
            questions.ask_to_replace(self._ui, self._pane.window(), path.name, write)
        else:
            write()

    def write(self, conversations: Sequence[Conversation], path: Path, form: ExportForm) -> None:
        """Write conversations to ``path``, in the place of what is there."""
        self._start(lambda course: self._write(conversations, path, form, course), self.tr("Exporting"))

    async def _write(
        self, conversations: Sequence[Conversation], path: Path, form: ExportForm, course: _Course
    ) -> None:
        from cort_desktop.telling.exporting import RENDERS

        names = [each.id for each in conversations]
        await self._ui.app.exchange.export(
            names, path, render=RENDERS[form], replace=True, tell=partial(course.show, path.name)
        )
        words = self.tr("Exported {what} to “{file}”.")
        self._ui.notices.say(words.format(what=named(conversations), file=one_line(path.name)), "good")

    async def _bring_in(self, files: Sequence[Path], course: _Course) -> None:
        made: list[Conversation] = []
        try:
            for path in files:
                made += await self._taken_in(path, course)
        finally:  # stopped half-way, some may be in
            self.changed.emit()
        if made:
            self.came.emit(made[0].id)
            self._ui.notices.say(self.tr("Imported {what}.").format(what=named(made)), "good")

    async def _taken_in(self, path: Path, course: _Course) -> list[Conversation]:
        try:
            return await self._ui.app.exchange.import_file(path, tell=partial(course.show, path.name))
        except CortError as error:
            # A bar: what came in besides is said at the foot. The folder is where it was dropped from.
            words = str(error).replace(str(path), f"“{one_line(path.name)}”")
            self._ui.notices.bar(f"import:{path}", words, "bad")
            return []

    def _start(self, work: _Work, verb: str) -> None:
        self._begun += 1
        course = _Course(self._ui, f"exchange:{self._begun}", verb)
        task = self._ui.tasks.start(
            self._then_clear(work, course), name=f"library: {course.key}", failed=self._ui.notices.error
        )
        course.stop = None if task is None else task.cancel

    async def _then_clear(self, work: _Work, course: _Course) -> None:
        import asyncio

        try:
            await work(course)
        except asyncio.CancelledError:
            self._ui.notices.say(self.tr("It was stopped."))
            raise
        finally:
            course.clear()


class _Course(QObject):
    """A bar that tells how far long work is, and ends it. ``stop`` cancels it."""

    def __init__(self, ui: Ui, key: str, verb: str) -> None:
        super().__init__(ui.notices)
        self.key = key
        self.stop: Callable[[], object] | None = None
        self._ui = ui
        self._verb = verb
        self._since_s = ui.clock.monotonic()
        self._percent = -1

    def show(self, file: str, done: int, total: int) -> None:
        """So much of a file is done."""
        percent = 100 * done // max(1, total)
        if percent == self._percent or self._ui.clock.monotonic() - self._since_s < PATIENCE_S:
            return
        self._percent = percent
        words = self.tr("{verb} “{file}”… {percent} %").format(
            verb=self._verb, file=one_line(file), percent=percent
        )
        offers = () if self.stop is None else (Offer(text=self.tr("Stop"), call=self.stop),)
        self._ui.notices.bar(self.key, words, "info", offers)

    def clear(self) -> None:
        """It is over."""
        self._ui.notices.clear(self.key)
        self.deleteLater()


_Work = Callable[[_Course], Coroutine[Any, Any, None]]
