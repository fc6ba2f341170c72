"""The forms that ask for the details of a wish: an alternative's move and model, a further look's judges and
criteria, the text of one's own candidate, one's own ranking.

Each hands out what was filled in and closes; prices and doing are ``wish_controller.py``'s.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from string import ascii_uppercase

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QTextCursor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Criterion
from cort_desktop.gui.rounds.text_dialog import displayable
from cort_desktop.gui.widgets import PlainLabel, set_role
from cort_desktop.telling.safe import one_line

translate = QCoreApplication.translate
_NODE = Qt.ItemDataRole.UserRole
_LONGEST_BEGINNING = 140
_INSET_PX = 6


class Form(QDialog):
    """A small form; ``filled`` is called when it is accepted. Show it by ``open()``."""

    def __init__(self, name: str, title: str, about: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 16, 16, 16)
        self.column.setSpacing(12)
        head = PlainLabel(about, "muted")
        head.setWordWrap(True)
        self.column.addWidget(head)
        self.fields = QFormLayout()
        self.fields.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.column.addLayout(self.fields)
        self.setMinimumWidth(420)

    def finish(self, yes: str, filled: Callable[[], None]) -> None:
        """Put the buttons below all else."""
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accepting = box.addButton(yes, QDialogButtonBox.ButtonRole.AcceptRole)
        self.accepting.setDefault(True)
        set_role(self.accepting, "primary")
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        self.accepted.connect(filled)
        self.column.addWidget(box)

    def field(self, name: str, widget: QWidget) -> None:
        """A row with its buddy."""
        label = PlainLabel(name)
        label.setBuddy(widget)
        widget.setAccessibleName(name)
        self.fields.addRow(label, widget)


class AlternativeForm(Form):
    """Which move, and from which model."""

    def __init__(
        self, state: RunState, done: Callable[[str | None, ModelRef | None], None], parent: QWidget
    ) -> None:
        super().__init__(
            "addAlternative",
            translate("WishForms", "Add an alternative"),
            translate(
                "WishForms",
                "It joins the round that is open if its judges were not asked yet; else it meets the answer "
                "head to head. What it takes is told before anything is asked.",
            ),
            parent,
        )
        self._move = QComboBox()
        for word, move in (
            (translate("WishForms", "What fits best"), None),
            (translate("WishForms", "A fresh attempt"), "fresh"),
            (translate("WishForms", "Another method"), "other_method"),
            (translate("WishForms", "Mend what judges found wrong"), "targeted_fix"),
            (translate("WishForms", "Join the two best"), "synthesis"),
        ):
            self._move.addItem(word, move)
        self._model = _models_box(state, "proposer", translate("WishForms", "The next of the line-up"))
        self.field(translate("WishForms", "Move"), self._move)
        self.field(translate("WishForms", "Model"), self._model)
        self.finish(
            translate("WishForms", "Go on…"), lambda: done(self._move.currentData(), _model_in(self._model))
        )


class RejudgeForm(Form):
    """Which round, by whom, on what."""

    def __init__(
        self,
        state: RunState,
        number: int | None,
        done: Callable[[int | None, tuple[ModelRef, ...], tuple[Criterion, ...], int], None],
        parent: QWidget,
    ) -> None:
        super().__init__(
            "judgeAgain",
            translate("WishForms", "Judge again"),
            translate(
                "WishForms",
                "The new verdicts are shown beside the first ones. They change no winner: you decide. "
                "Criteria are words with commas between them; without any the run’s own are used.",
            ),
            parent,
        )
        self._round = QComboBox()
        self._round.addItem(translate("WishForms", "The finalists of all rounds"), None)
        for each in sorted(n for n, round_ in state.rounds.items() if n and round_.result is not None):
            self._round.addItem(translate("WishForms", "Round {number}").format(number=each), each)
        self._round.setCurrentIndex(max(0, self._round.findData(number)))
        self._model = _models_box(state, "judge", translate("WishForms", "The judges of the run"))
        self._judges = QSpinBox()
        self._judges.setRange(1, 9)
        self._judges.findChildren(QLineEdit)[0].setTextMargins(_INSET_PX, 0, 0, 0)
        self._criteria = QLineEdit()
        self._criteria.setMaxLength(400)
        self._criteria.setPlaceholderText(
            ", ".join(criterion.id.replace("_", " ") for criterion in state.spec.criteria)
        )
        self.field(translate("WishForms", "What"), self._round)
        self.field(translate("WishForms", "Judge"), self._model)
        self.field(translate("WishForms", "Verdicts"), self._judges)
        self.field(translate("WishForms", "Criteria"), self._criteria)
        self.finish(translate("WishForms", "Go on…"), lambda: done(*self._filled()))

    def _filled(self) -> tuple[int | None, tuple[ModelRef, ...], tuple[Criterion, ...], int]:
        model = _model_in(self._model)
        ids = (
            re.sub(r"\W+", "_", name.strip().lower()).strip("_") for name in self._criteria.text().split(",")
        )
        criteria = tuple(Criterion(id=name) for name in dict.fromkeys(ids) if name)
        return self._round.currentData(), (model,) if model else (), criteria, self._judges.value()


class OwnForm(Form):
    """The text of a person's own candidate; ``begun`` is what was written before."""

    def __init__(self, done: Callable[[str], None], parent: QWidget, begun: str = "") -> None:
        super().__init__(
            "ownCandidate",
            translate("WishForms", "A candidate of your own"),
            translate(
                "WishForms",
                "Write the answer you want to see compared. Judges see it like the others, "
                "without knowing whose it is.",
            ),
            parent,
        )
        self._text = QPlainTextEdit()
        self._text.setTabChangesFocus(True)
        set_role(self._text, "field")
        self._text.setMinimumHeight(160)
        self._text.setAccessibleName(translate("WishForms", "Your candidate"))
        self.column.addWidget(self._text, 1)
        self.finish(translate("WishForms", "Let it be judged…"), lambda: done(self._text.toPlainText()))
        self._text.textChanged.connect(self._enable)
        self._text.setPlainText(begun)
        self._text.moveCursor(QTextCursor.MoveOperation.End)
        self._enable()

    @property
    def text(self) -> str:
        """What is written now."""
        return self._text.toPlainText()

    def _enable(self) -> None:
        self.accepting.setEnabled(bool(self.text.strip()))


class RankForm(Form):
    """A round's candidates without names or verdicts, in an order by chance, to be put into one's own."""

    def __init__(
        self,
        state: RunState,
        number: int,
        done: Callable[[tuple[tuple[NodeName, ...], ...]], None],
        parent: QWidget,
    ) -> None:
        super().__init__(
            "rankBlind",
            translate("WishForms", "Rank blind"),
            translate(
                "WishForms",
                "Best first: drag them, or use Alt+Up and Alt+Down. No names and no verdicts are shown. "
                "Your ranking is kept beside that of the judges.",
            ),
            parent,
        )
        self._texts = {name: displayable(state.nodes[name].text) for name in _blind(state, number)}
        self._list, self._whole = self._listed(state), self._read_in_full()
        self._list.currentItemChanged.connect(
            lambda item: self._whole.setPlainText(self._texts.get(item.data(_NODE), "") if item else "")
        )
        self._list.setCurrentRow(0)
        whole = PlainLabel(translate("WishForms", "The chosen one in full"), "small")
        whole.setBuddy(self._whole)
        self.column.addWidget(self._list, 1)
        self.column.addWidget(whole)
        self.column.addWidget(self._whole, 1)
        _shortcut(self, "Alt+Up", lambda: self._move(-1))
        _shortcut(self, "Alt+Down", lambda: self._move(1))
        self.finish(translate("WishForms", "Keep my ranking"), lambda: done(self._ranking()))

    def _listed(self, state: RunState) -> QListWidget:
        """The candidates by letters, each with how it begins."""
        found = QListWidget()
        found.setAccessibleName(translate("WishForms", "Candidates, best first"))
        found.setWordWrap(True)
        found.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        found.setMinimumHeight(160)
        for at, name in enumerate(self._texts):
            line = one_line(state.nodes[name].text)
            is_long = len(line) > _LONGEST_BEGINNING
            beginning = f"{line[:_LONGEST_BEGINNING].rstrip()} …" if is_long else line
            item = QListWidgetItem(f"{_letters(at)}  {beginning}")
            item.setData(_NODE, name)
            found.addItem(item)
        return found

    def _read_in_full(self) -> QPlainTextEdit:
        found = QPlainTextEdit()
        found.setReadOnly(True)
        set_role(found, "reading")
        found.setTabChangesFocus(True)
        found.setAccessibleName(translate("WishForms", "The chosen candidate"))
        found.setMinimumHeight(160)
        return found

    def _move(self, step: int) -> None:
        at = self._list.currentRow()
        if 0 <= at + step < self._list.count():
            self._list.insertItem(at + step, self._list.takeItem(at))
            self._list.setCurrentRow(at + step)

    def _ranking(self) -> tuple[tuple[NodeName, ...], ...]:
        return tuple((self._list.item(at).data(_NODE),) for at in range(self._list.count()))


def ranked_round(state: RunState, node: NodeName | None) -> int | None:
    """The round whose candidates are to be ranked: the chosen node's, else the last with two of them."""
    wanted = state.nodes[node].round if node is not None and node in state.nodes else None
    rounds = [number for number in sorted(state.rounds) if number and len(_blind(state, number)) > 1]
    return wanted if wanted in rounds else rounds[-1] if rounds else None


def _blind(state: RunState, number: int) -> list[NodeName]:
    """Whom a round compares, in an order that tells nothing but is always the same for the run."""
    round_ = state.rounds[number]
    before = state.rounds[number - 1].result if number - 1 in state.rounds else None
    stood = before.winner if before is not None else "D"
    names = [NodeName(stood)] if stood else []
    names += [name for name in (*round_.candidates, *round_.joined) if name not in names]
    found = [
        name
        for name in names
        if name in state.nodes and state.nodes[name].is_candidate and name not in state.out
    ]
    random.Random(f"{state.run}:{number}").shuffle(found)
    return found


def _letters(at: int) -> str:
    """``A`` to ``Z``, then ``AA``, ``AB``: a round may have more candidates than there are letters."""
    turn, letter = divmod(at, len(ascii_uppercase))
    return (_letters(turn - 1) if turn else "") + ascii_uppercase[letter]


def _shortcut(parent: QWidget, keys: str, call: Callable[[], None]) -> None:
    QShortcut(QKeySequence(keys), parent).activated.connect(call)


def _models_box(state: RunState, role: str, default: str) -> QComboBox:
    """The models of the line-up; any other can be typed as PROVIDER/MODEL."""
    box = QComboBox()
    box.setEditable(True)
    box.addItem(default)
    models: Sequence[ModelRef] = state.spec.lineup.get(role, ())
    every = dict.fromkeys((*models, *(ref for refs in state.spec.lineup.values() for ref in refs)))
    box.addItems([str(model) for model in every])
    return box


def _model_in(box: QComboBox) -> ModelRef | None:
    text = box.currentText().strip()
    return None if text == box.itemText(0) or not text else ModelRef(text)
