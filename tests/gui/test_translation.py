"""Every text of the window can be translated: the translators' tool finds each, and a translation is used."""

import ast
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from cort_desktop.gui import translation

GUI = Path(__file__).parents[2] / "cort_desktop" / "gui"
FILES = sorted(GUI.rglob("*.py"))
MADE = {"tr": 0, "translate": 1, "QT_TRANSLATE_NOOP": 1}
"""Which argument of a call is the text."""


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the tool finds in the window's source."""
    made = tmp_path_factory.mktemp("texts") / "cort_xx.ts"
    command = [_tool("pyside6-lupdate"), *map(str, FILES), "-ts", str(made)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return made


def _texts(file: Path) -> Iterator[tuple[str | None, str]]:
    """(context, text) of each literal that is given to a translating call; a ``tr``'s context is None."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = MADE.get(name)
        if place is None or len(node.args) <= place:
            continue
        text = node.args[place]
        context = node.args[0] if place else None
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield (str(context.value) if isinstance(context, ast.Constant) else None), text.value


def test_the_tool_finds_every_literal(found: Path) -> None:
    entries = {
        (context.findtext("name"), message.findtext("source"))
        for context in ET.parse(found).getroot().iter("context")  # noqa: S314 - made above
        for message in context.iter("message")
    }
    texts = {text for _, text in entries}
    wanted = [(file, context, text) for file in FILES for context, text in _texts(file)]
    assert len(wanted) > 700
    lost = [
        f"{file.relative_to(GUI)}: {text!r}"
        for file, context, text in wanted
        if (text not in texts if context is None else (context, text) not in entries)
    ]
    assert not lost


def test_nobody_hides_a_text_from_the_tool() -> None:
    """A function or a name of one's own for ``translate`` would: it looks for that very name."""
    own = [
        f"{file.relative_to(GUI)}:{node.lineno}"
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (isinstance(node, ast.FunctionDef) and node.name in ("tr", "_tr", "_"))
        or (isinstance(node, ast.Assign) and any(getattr(each, "id", "") == "_tr" for each in node.targets))
    ]
    assert not own


def test_a_translation_that_is_there_is_spoken(qt_app: QApplication, found: Path, tmp_path: Path) -> None:
    words = found.read_text(encoding="utf-8").replace(
        '<source>&amp;File</source>\n        <translation type="unfinished"></translation>',
        "<source>&amp;File</source>\n        <translation>&amp;Datei</translation>",
    )
    assert "Datei" in words
    source = tmp_path / "cort_de.ts"
    source.write_text(words, encoding="utf-8")
    folder = tmp_path / translation.FOLDER
    folder.mkdir()
    command = [_tool("pyside6-lrelease"), str(source), "-qm", str(folder / "cort_de.qm")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    app = qt_app
    before = app.findChildren(QTranslator)
    german = QLocale(QLocale.Language.German, QLocale.Country.Germany)
    assert translation.install(app, tmp_path, german)
    try:
        assert QCoreApplication.translate("Menus", "&File") == "&Datei"
        assert QCoreApplication.translate("Menus", "&Edit") == "&Edit"
    finally:
        for each in app.findChildren(QTranslator):
            if each not in before:
                app.removeTranslator(each)
                each.deleteLater()
    assert not translation.install(app, tmp_path, QLocale(QLocale.Language.Finnish))


def test_without_one_nothing_changes(qt_app: QApplication, tmp_path: Path) -> None:
    assert not translation.install(qt_app, tmp_path, QLocale(QLocale.Language.German))
    assert QCoreApplication.translate("Menus", "&File") == "&File"
