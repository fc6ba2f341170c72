"""What is about to be asked: the draft with its files, how to think, and with which model.

Each conversation has its own. Nothing is sent from here; ``controller`` takes the finished ``Ask``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from cort_desktop.domain.ids import ModelRef, TurnId
from cort_desktop.domain.library import TurnView
from cort_desktop.errors import CortError
from cort_desktop.gui.chat.drafts import (
    NEW_TEMPORARY,
    Choice,
    Draft,
    Key,
    PerConversation,
    Thinking,
)
from cort_desktop.gui.chat.kept import Kept
from cort_desktop.gui.chat.last_used import LastUsed
from cort_desktop.gui.chat.offers import PLAIN, thinking_in
from cort_desktop.gui.chat.readings import Reading, Readings
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui
from cort_desktop.services.attachments import AttachmentInfo
from cort_desktop.services.planning import Ask

ESTIMATE_AFTER_MS = 150


class Desk(QObject):
    """``draft_changed``: the draft is another one; ``files_changed``: its files are; ``choice_changed``: what
    was picked is; ``estimate_wanted``: a moment after the last change; ``refused`` has why a file was not
    taken; ``kept_changed``: what is to be kept over a restart is something else.
    """

    draft_changed = Signal()
    files_changed = Signal()
    choice_changed = Signal()
    estimate_wanted = Signal()
    refused = Signal(str)
    kept_changed = Signal()

    def __init__(self, ui: Ui, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._kept = PerConversation()
        self._key: Key = None
        self._from_last: dict[Key, Choice] = {}
        self._aside: dict[Key, Draft] = {}
        self._begun: dict[TurnId, Draft] = {}
        self._reading = Readings(ui, self)
        self._temporary: set[Key] = {NEW_TEMPORARY}
        self._last = LastUsed(ui)
        self.draft = Draft()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ESTIMATE_AFTER_MS)
        self._timer.timeout.connect(self.estimate_wanted)
        for changed in (self.draft_changed, self.files_changed):
            changed.connect(self.kept_changed)
        self._reading.changed.connect(self.files_changed)
        self._reading.read.connect(self._add)
        self._reading.refused.connect(self._refuse)

    def turn_to(self, key: Key, *, temporary: bool = False) -> None:
        """Take up what was written in another conversation; what was written here is kept."""
        key = _slot(key, temporary=temporary)
        if key == self._key:
            return
        self._kept.keep_draft(self._key, self.draft)
        self._key = key
        self.draft = self._kept.draft(key)
        self.draft_changed.emit()
        self._chosen()

    def moved(self, key: Key, *, temporary: bool = False) -> None:
        """The conversation without a question has become a real one: what was picked goes along, and what was
        written and attached since.
        """
        new = _slot(None, temporary=temporary)
        if temporary:
            self._temporary.add(key)
        self._kept.keep_choice(key, self._kept.choice(new))
        self._kept.keep_choice(new, None)
        if self._key == new:
            self._key = key
        self._reading.move(new, key)

    def kept(self) -> Kept:
        """What is to be there after a restart: nothing of temporary conversations."""
        drafts = self._kept.drafts | {self._key: self.draft}
        for (
            key,
            aside,
        ) in self._aside.items():  # an old question is edited: what it put aside was written here
            drafts[key] = aside
        found = {
            key: each for key, each in drafts.items() if key not in self._temporary and not each.is_empty
        }
        return Kept(drafts=found, last=self._last.kept)

    def take_up(self, kept: Kept) -> None:
        """What was kept from the last time; what was written since is newer."""
        self._last.take_up(kept.last)
        for key, draft in kept.drafts.items():
            if key == self._key and self.draft.is_empty:
                self.draft = draft
                self.draft_changed.emit()
            elif key != self._key and self._kept.draft(key).is_empty:
                self._kept.keep_draft(key, draft)
        self._chosen()

    def forget(self, key: Key) -> None:
        """A conversation is gone for good, with what was written in it."""
        self._kept.keep_draft(key, Draft())
        self._aside.pop(key, None)
        if key == self._key:
            self.draft = Draft()
            self.draft_changed.emit()
        self.kept_changed.emit()

    def settings_changed(self) -> None:
        """What the settings say now holds for what is new, if they say something else than before."""
        self._last.look()
        self._chosen()

    def write(self, text: str) -> None:
        """Remember what stands in the field."""
        if text != self.draft.text:
            self.draft = replace(self.draft, text=text)
            self._timer.start()
            self.kept_changed.emit()

    def sent(self, ask: Ask, key: Key) -> None:
        """A question was taken: it leaves the desk, unless something else was written meanwhile. What is new
        begins with what it was asked with.
        """
        key = _slot(key, temporary=not ask.store)
        self._last.use(self._choice_of(key))
        there = self.draft if key == self._key else self._kept.draft(key)
        if ask.again is not None or there.text != ask.question:
            return
        left = Draft() if there.edits is None else self._aside.pop(key, Draft())
        self._kept.keep_draft(key, left)
        if key == self._key:
            self.draft = left
            self.draft_changed.emit()
        else:
            self.kept_changed.emit()

    async def attach(self, paths: Sequence[Path]) -> None:
        """Read files that are to go along; what can't be read is told and left out. Until it is known, a file
        is one of ``readings``.
        """
        await self._reading.take(paths, self._key)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The files that are still being read for what is written here."""
        return self._reading.of(self._key)

    def drop_reading(self, reading: Reading) -> None:
        """Leave a file out that is not there yet."""
        self._reading.drop(reading)

    def remove(self, file: AttachmentInfo) -> None:
        """Leave a file out after all."""
        self._set_files(tuple(each for each in self.draft.files if each is not file))

    def edit(self, turn: TurnView, files: tuple[AttachmentInfo, ...]) -> None:
        """Write a question anew, with the files it had; what was being written comes back afterwards. One
        that is being written anew already stays as it is, and is there again after another one.
        """
        before, anew = self.draft, Draft(text=turn.turn.question, files=files, edits=turn.turn.id)
        if before.edits == turn.turn.id:
            return
        if before.edits is not None:
            self._begun[before.edits] = before
        elif not before.is_empty:
            self._aside[self._key] = before
        self.draft = self._begun.pop(turn.turn.id, anew)
        self.draft_changed.emit()
        self._timer.start()

    def drop_edit(self) -> None:
        """Leave the old question as it is."""
        self.draft = self._aside.pop(self._key, Draft())
        self.draft_changed.emit()

    @property
    def choice(self) -> Choice:
        """What was picked here; else what the last run was asked with; in what is new what the last question
        anywhere was; else nothing in particular. A way to think that is gone is none.
        """
        return self._choice_of(self._key)

    @property
    def model(self) -> ModelRef:
        """The model that would answer."""
        return self.choice.model or self._ui.app.preferences.settings.defaults.model

    @property
    def thinking(self) -> Thinking:
        """How the question would be thought through."""
        if self.choice.thinking != Thinking():
            return self.choice.thinking
        return thinking_in(self._ui.app.preferences.settings, self.model)

    def pick(self, *, thinking: Thinking | None = None, model: ModelRef | None = None) -> None:
        """Choose; what is None stays."""
        now = self.choice
        chosen = Choice(thinking=thinking or now.thinking, model=model or now.model)
        self._kept.keep_choice(self._key, chosen)
        self._chosen()

    def follow(self, feed: RunFeed) -> None:
        """A conversation goes on with what its last run was asked with."""
        started = feed.state.started
        if started is None or started.conversation != self._key:
            return
        models = started.spec.lineup.get("proposer", ())
        thinking = Thinking(preset=started.preset) if started.preset else Thinking(strategy=started.strategy)
        self._from_last[self._key] = Choice(thinking=thinking, model=models[0] if models else None)
        self._chosen()

    def asked(self, *, with_thinking: bool = False) -> Ask:
        """The draft as a question without a place; ``with_thinking``: in a contest in any case."""
        thinking = self.choice.thinking
        if with_thinking and self.thinking.strategy == PLAIN:
            thinking = self._contest()
        return Ask(
            question=self.draft.text,
            preset=thinking.preset,
            strategy=thinking.strategy,
            model=self.choice.model,
            attached=self.draft.files,
        )

    def _contest(self) -> Thinking:
        """How the settings think, or the preset that would hold without them."""
        settings = self._ui.app.preferences.settings
        found = thinking_in(settings, self.model)
        plain = replace(settings, defaults=replace(settings.defaults, strategy=None))
        return found if found.strategy != PLAIN else thinking_in(plain, self.model)

    def _choice_of(self, key: Key) -> Choice:
        new = self._last.choice if key in (None, NEW_TEMPORARY) else Choice()
        found = self._kept.choice(key) or self._from_last.get(key) or new
        return found if self._last.knows(found.thinking) else replace(found, thinking=Thinking())

    def _chosen(self) -> None:
        self.choice_changed.emit()
        self._timer.start()

    def _add(self, key: Key, file: AttachmentInfo) -> None:
        if key == self._key:
            self._set_files((*self.draft.files, file))
        else:
            there = self._kept.draft(key)
            self._kept.keep_draft(key, replace(there, files=(*there.files, file)))

    def _refuse(self, key: Key, error: CortError, words: str) -> None:
        """Say it where the file was wanted."""
        if key == self._key:
            self.refused.emit(words)
        else:
            self._ui.notices.error(error)

    def _set_files(self, files: tuple[AttachmentInfo, ...]) -> None:
        self.draft = replace(self.draft, files=files)
        self.files_changed.emit()
        self._timer.start()


def _slot(key: Key, *, temporary: bool) -> Key:
    """Where a draft belongs: one for a temporary conversation is not one for a new one."""
    return NEW_TEMPORARY if key is None and temporary else key
