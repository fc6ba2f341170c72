"""The answers that are kept, as a list: narrowed by model, role and words; forgotten one, some or all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from cort_desktop.domain.ids import model_of
from cort_desktop.domain.kept_replies import KeptEntry, Tag
from cort_desktop.errors import CortError
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox
from cort_desktop.gui.preferences.questions import Question, ask
from cort_desktop.gui.preferences.roles import role_name
from cort_desktop.gui.preferences.rows import Beside, StateLine, line_of
from cort_desktop.gui.preferences.tables import Table
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import button, tooltip_text
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line

_ROWS = 10
_MODEL = 2
MOST_SHOWN = 500
_FIELD_CHARACTERS = 24


class KeptView(QWidget):
    """``changed`` follows answers that were forgotten."""

    changed = Signal()

    def __init__(self, ui: Ui) -> None:
        super().__init__()
        self._ui = ui
        self._entries: tuple[KeptEntry, ...] = ()
        self._found: tuple[KeptEntry, ...] = ()
        self._table = Table(
            "settingsKept",
            self.tr("Kept answers"),
            [
                self.tr("Question"),
                self.tr("Of"),
                self.tr("Model"),
                self.tr("Kept"),
                self.tr("Used"),
                self.tr("Saved"),
            ],
            figures=(4, 5),
        )
        self._table.currentItemChanged.connect(lambda *_: self._enable())
        self._count = Beside("", "small")
        self._said = StateLine(ui.theme)
        self._said.setObjectName("settingsKeptSaid")
        self._said.show_state("unasked", "")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._filters = self._narrowing()
        for each in (self._filters, self._table, self._verbs(), self._said):
            column.addWidget(each)
        self.show_entries(())

    def show_entries(self, entries: Sequence[KeptEntry]) -> None:
        """Show these, the latest first."""
        self._entries = tuple(entries)
        models = sorted({entry.filing.model for entry in entries})
        stages = sorted({entry.filing.stage for entry in entries}, key=role_name)
        anyone = Choice(value=None, text=self.tr("all models"))
        self._model.offer([anyone, *(Choice(value=model, text=one_line(model)) for model in models)])
        anything = Choice(value=None, text=self.tr("all roles"))
        self._stage.offer([anything, *(Choice(value=stage, text=role_name(stage)) for stage in stages)])
        self._filters.setVisible(bool(entries))
        self._table.setVisible(bool(entries))
        self._narrow()

    def _narrowing(self) -> QWidget:
        self._words = QLineEdit()
        self._words.setObjectName("settingsKeptFilter")
        self._words.setAccessibleName(self.tr("Find a kept answer by its question"))
        self._words.setPlaceholderText(self.tr("Find by question"))
        self._words.setClearButtonEnabled(True)
        self._words.setMinimumWidth(self.fontMetrics().averageCharWidth() * _FIELD_CHARACTERS)
        self._words.textChanged.connect(lambda _text: self._narrow())
        self._model = ChoiceBox("settingsKeptModel")
        self._model.setAccessibleName(self.tr("Of which model"))
        self._stage = ChoiceBox("settingsKeptStage")
        self._stage.setAccessibleName(self.tr("Of which role"))
        for box in (self._model, self._stage):
            box.chosen.connect(lambda _value: self._narrow())
        return line_of(self._words, self._model, self._stage)

    def _verbs(self) -> QWidget:
        self._one = button(self.tr("Forget it"))
        self._one.setObjectName("settingsForgetKept")
        self._one.clicked.connect(self._forget_one)
        self._conversation = button(self.tr("Forget all of its conversation"))
        self._conversation.setObjectName("settingsForgetConversation")
        self._conversation.clicked.connect(self._ask_conversation)
        self._all = button("", "danger")
        self._all.setObjectName("settingsForgetAll")
        self._all.clicked.connect(self._ask_all)
        return line_of(self._one, self._conversation, self._all, self._count)

    @property
    def _tags(self) -> dict[Tag, str]:
        """What the list is narrowed to, besides words."""
        tags: dict[Tag, str] = {}
        if isinstance(self._model.value, str):
            tags["model"] = self._model.value
        if isinstance(self._stage.value, str):
            tags["stage"] = self._stage.value
        return tags

    def _narrow(self) -> None:
        words = self._words.text().casefold().split()
        tags = self._tags
        self._found = tuple(
            entry
            for entry in self._entries
            if all(entry.filing.tag(name) == value for name, value in tags.items())
            and all(word in entry.filing.question.casefold() for word in words)
        )
        chosen = self._table.key()
        self._table.clear()
        for entry in self._found[:MOST_SHOWN]:
            self._put(entry)
        self._table.fit(_ROWS)
        self._table.choose(chosen)
        told = figures.count(len(self._found), "answer")
        if len(self._found) > MOST_SHOWN:
            told = self.tr("the latest %1 of %2").replace("%1", str(MOST_SHOWN)).replace("%2", told)
        self._count.setText(told if self._entries else "")
        self._enable()

    def _put(self, entry: KeptEntry) -> None:
        filing = entry.filing
        saved = figures.money(entry.saved_microusd) if entry.used else "–"
        texts = [
            one_line(filing.question) or self.tr("(no question)"),
            role_name(filing.stage),
            one_line(model_of(filing.model)),
            _moment(entry.made),
            QLocale().toString(entry.used),
            saved,
        ]
        row = self._table.put(entry.key, texts)
        row.setToolTip(_MODEL, tooltip_text(one_line(filing.model)))

    def _enable(self) -> None:
        has_one = self._table.currentItem() is not None
        for each in (self._one, self._conversation):
            each.setVisible(bool(self._entries))
            each.setEnabled(has_one)
        self._all.setVisible(bool(self._entries))
        is_narrowed = bool(self._tags)
        self._all.setText(self.tr("Forget these…") if is_narrowed else self.tr("Forget all…"))
        # Words find answers, but answers are forgotten together only by what they are filed under.
        self._all.setEnabled(bool(self._found) and not self._words.text().strip())

    def _chosen(self) -> KeptEntry | None:
        key = self._table.key()
        return next((entry for entry in self._found if entry.key == key), None)

    def _forget_one(self) -> None:
        entry = self._chosen()
        if entry is not None:
            self._start(self._drop_one(entry))

    def _ask_conversation(self) -> None:
        entry = self._chosen()
        if entry is None:
            return
        tags: dict[Tag, str] = {"conversation": entry.filing.conversation}
        count = sum(each.filing.conversation == entry.filing.conversation for each in self._entries)
        title = self.tr("Forget the %1 of its conversation?")
        self._confirm(title.replace("%1", figures.count(count, "kept answer")), tags)

    def _ask_all(self) -> None:
        count = figures.count(len(self._found), "kept answer")
        self._confirm(self.tr("Forget %1?").replace("%1", count), self._tags)

    def _confirm(self, title: str, tags: dict[Tag, str]) -> None:
        words = self.tr("Conversations stay as they are. The same questions asked again are paid for again.")
        question = Question(
            name="settingsConfirmForget", title=title, words=words, verb=self.tr("Forget them")
        )
        ask(question, self.window(), lambda: self._start(self._drop(tags)))

    def _start(self, work: object) -> None:
        self._ui.tasks.start(work, name="forget kept answers", failed=self._failed)  # type: ignore[arg-type]

    async def _drop_one(self, entry: KeptEntry) -> None:
        await self._ui.app.cache.clear_one(entry.key)
        self._told(1)

    async def _drop(self, tags: dict[Tag, str]) -> None:
        cache = self._ui.app.cache
        self._told(await (cache.clear_tagged(tags) if tags else cache.clear()))

    def _told(self, count: int) -> None:
        words = self.tr("%1 forgotten.").replace("%1", figures.count(count, "kept answer"))
        self._said.show_state("good", words)
        self.changed.emit()

    def _failed(self, error: CortError) -> None:
        """Another process may have forgotten it meanwhile: the list is read anew in any case."""
        self._said.show_state("bad", str(error))
        self.changed.emit()


def _moment(at: datetime) -> str:
    moment = QDateTime.fromSecsSinceEpoch(int(at.timestamp()))
    return QLocale().toString(moment, "d MMM, HH:mm")
