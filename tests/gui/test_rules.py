"""House rules of the window that a reader of its source can check."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

GUI = Path(__file__).parents[2] / "cort_desktop" / "gui"
FILES = sorted(GUI.rglob("*.py"))
TEXT_SETTERS = {
    "setText", "setToolTip", "setWindowTitle", "setPlaceholderText", "setAccessibleName",
    "setAccessibleDescription", "setInformativeText", "setTitle", "setStatusTip", "addAction", "addTab",
    "setHeaderLabels", "setLabelText", "addRow",
}  # fmt: skip
TEXT_MAKERS = {
    "PlainLabel",
    "ElidedLabel",
    "QLabel",
    "QAction",
    "QPushButton",
    "QCheckBox",
    "QGroupBox",
    "button",
}
STATIC_DIALOGS = {
    "QMessageBox": {"question", "information", "warning", "critical", "about", "aboutQt"},
    "QFileDialog": {"getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory"},
    "QInputDialog": {"getText", "getItem", "getInt", "getDouble", "getMultiLineText"},
    "QColorDialog": {"getColor"},
    "QFontDialog": {"getFont"},
}
WORDS = re.compile(r"[^\W\d_]{2,}")
NO_WORDS = {"CoRT Desktop"}


def _calls(file: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _where(file: Path, node: ast.AST) -> str:
    return f"{file.relative_to(GUI)}:{getattr(node, 'lineno', '?')}"


def test_there_is_something_to_look_at() -> None:
    assert len(FILES) > 40


def test_every_word_for_a_person_can_be_translated() -> None:
    bare = [
        f"{_where(file, call)} {argument.value!r}"
        for file in FILES
        for call in _calls(file)
        if _name(call) in TEXT_SETTERS | TEXT_MAKERS
        for argument in call.args
        if isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
        and WORDS.search(argument.value)
        and argument.value not in NO_WORDS
        and not argument.value.startswith("http")
        and not (_name(call) in TEXT_MAKERS and argument is not call.args[0])
    ]
    assert not bare


def test_what_is_translated_is_no_f_string() -> None:
    """A made-up text has no entry in a translation."""
    wrong = [
        _where(file, call)
        for file in FILES
        for call in _calls(file)
        if _name(call) in ("tr", "translate") and any(isinstance(each, ast.JoinedStr) for each in call.args)
    ]
    assert not wrong


def test_no_dialog_or_menu_spins_a_loop_of_its_own() -> None:
    """Inside a coroutine that would stop every other task for good."""
    before_the_loop = {"opening.py"}  # it waits for the first painting, when no task runs yet
    spinning = [
        _where(file, call)
        for file in FILES
        if file.name not in before_the_loop
        for call in _calls(file)
        if _name(call) in ("exec", "exec_")
    ]
    static = [
        _where(file, call)
        for file in FILES
        for call in _calls(file)
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.attr in STATIC_DIALOGS.get(call.func.value.id, ())
    ]
    assert not spinning + static


def test_tasks_have_one_owner() -> None:
    elsewhere = [
        _where(file, call)
        for file in FILES
        if file.name not in ("tasks.py", "run_feeds.py")
        for call in _calls(file)
        if _name(call) in ("create_task", "ensure_future", "asyncSlot", "asyncClose")
    ]
    assert not elsewhere


@pytest.mark.reliability(53)
def test_labels_and_boxes_take_text_as_it_is() -> None:
    """Every QLabel is a PlainLabel, every QMessageBox says PlainText, every tooltip goes through one door."""
    wrong = []
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        if "QMessageBox(" in text and "setTextFormat(Qt.TextFormat.PlainText)" not in text:
            wrong.append(f"{file.relative_to(GUI)} makes a QMessageBox of unknown text format")
        for call in _calls(file):
            if _name(call) == "QLabel" and file.name != "basics.py":
                wrong.append(f"{_where(file, call)} makes a QLabel")
            is_plain = bool(call.args) and "tooltip_text" in ast.unparse(call.args[-1])
            if _name(call) == "setToolTip" and file.name != "basics.py" and not is_plain:
                wrong.append(f"{_where(file, call)} sets a tooltip by itself")
    assert not wrong


def test_dicts_do_not_go_through_signals() -> None:
    """``Signal(dict)`` copies and ``Signal(int)`` turns 2**40 into 0: domain values go as ``object``."""
    wrong = [
        _where(file, call)
        for file in FILES
        for call in _calls(file)
        if _name(call) == "Signal"
        and any(
            isinstance(each, ast.Name) and each.id in ("dict", "list", "tuple", "set") for each in call.args
        )
    ]
    assert not wrong


def test_controllers_know_no_widgets() -> None:
    wrong = []
    for file in FILES:
        if "controller" in file.name:
            text = file.read_text(encoding="utf-8")
            if "QtWidgets" in text:
                wrong.append(f"{file.relative_to(GUI)} imports widgets")
            if len(text.splitlines()) > 200:
                wrong.append(f"{file.relative_to(GUI)} is long for a controller")
    assert not wrong
