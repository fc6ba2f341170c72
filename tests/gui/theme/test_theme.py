"""Colours, fonts and icons by name, in every look."""

import re
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QApplication, QWidget

from cort_desktop.gui.theme import Theme
from cort_desktop.gui.theme.tokens import DARK, LIGHT
from tests.fakes.window import RESOURCES, Gui

SOURCE = Path(__file__).parents[3] / "cort_desktop" / "gui"


def test_a_change_of_look_is_told_and_reaches_the_application(gui: Gui) -> None:
    told: list[str] = []
    gui.theme.changed.connect(lambda: told.append(gui.theme.look))
    gui.theme.use(mode="dark")
    assert told == ["dark"]
    assert gui.theme.colour("window").name() == DARK["window"]
    assert gui.app.palette().window().color().name() == DARK["window"]
    assert DARK["panel"] in gui.app.styleSheet()
    gui.theme.use(mode="light")
    assert told == ["dark", "light"]
    assert gui.app.palette().window().color().name() == LIGHT["window"]


def test_nothing_is_told_when_nothing_changes(gui: Gui) -> None:
    gui.theme.use(mode="light")
    told: list[str] = []
    gui.theme.changed.connect(lambda: told.append(gui.theme.look))
    gui.theme.use(mode="light")
    assert not told


def test_motion_alone_is_told_and_dresses_no_widget_anew(gui: Gui) -> None:
    gui.theme.use(motion=True)
    widget = QWidget()
    widget.ensurePolished()
    told: list[bool] = []
    dressed: list[QEvent.Type] = []

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            dressed.append(event.type())
            return False

    watch = Watch()
    widget.installEventFilter(watch)
    gui.theme.changed.connect(lambda: told.append(gui.theme.has_motion))
    gui.theme.use(motion=False)
    assert told == [False]
    assert QEvent.Type.StyleChange not in dressed
    gui.theme.use(mode="dark" if gui.theme.look == "light" else "light", motion=True)
    assert told == [False, True]
    assert QEvent.Type.StyleChange in dressed
    widget.deleteLater()


def test_the_system_is_followed_live(gui: Gui) -> None:
    gui.theme.use(mode="system")
    hints = gui.app.styleHints()
    for scheme, look in ((Qt.ColorScheme.Dark, "dark"), (Qt.ColorScheme.Light, "light")):
        gui.theme._scheme = partial(Qt.ColorScheme, scheme)  # no system to follow off screen
        hints.colorSchemeChanged.emit(scheme)
        assert gui.theme.look == look
    gui.theme.use(mode="contrast")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert gui.theme.look == "contrast"


def test_text_grows_with_its_setting(gui: Gui) -> None:
    before = gui.theme.font("body").pointSizeF()
    gui.theme.use(percent=200)
    assert gui.theme.font("body").pointSizeF() == pytest.approx(before * 2)
    assert gui.app.font().pointSizeF() == pytest.approx(before * 2)
    gui.theme.use(percent=100)


def test_the_faces_that_are_named_are_there(gui: Gui) -> None:
    for face in ("body", "mono"):
        wanted = gui.theme.font(face)
        assert QFontInfo(wanted).family() == wanted.family()
    assert QFontInfo(gui.theme.font("mono")).fixedPitch()


def test_an_icon_is_drawn_in_its_colour_at_every_scale(gui: Gui) -> None:
    icon = gui.theme.icon("star", "good", filled=True)
    for scale in (1.0, 2.0):
        image = icon.pixmap(QSize(24, 24), scale).toImage()
        middle = image.pixelColor(image.width() // 2, image.height() // 2)
        assert middle.name() == gui.theme.colour("good").name()


def test_every_icon_that_the_window_names_exists(gui: Gui) -> None:
    named = set()
    for file in SOURCE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        named |= set(re.findall(r"""\.icon\(\s*"([a-z0-9-]+)\"""", text))
        named |= set(re.findall(r"""icon="([a-z0-9-]+)\"""", text))
        named |= set(re.findall(r"""IconButton\(\s*[\w.]+,\s*"([a-z0-9-]+)\"""", text))
    assert len(named) > 20
    missing = [name for name in sorted(named) if not (RESOURCES / "icons" / f"{name}.svg").exists()]
    assert not missing
    with pytest.raises(FileNotFoundError):
        gui.theme.icon("no-such-drawing")


def test_every_role_in_use_has_a_look(qt_app: QApplication) -> None:
    sheet = (RESOURCES / "themes" / "window.qss").read_text(encoding="utf-8")
    known = set(re.findall(r'\[role="([a-z-]+)"\]', sheet))
    used = set()
    for file in SOURCE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        used |= set(re.findall(r"""set_role\([\w.]+,\s*"([a-z-]+)"\)""", text))
        used |= set(re.findall(r"""(?:PlainLabel|ElidedLabel|button)\([^\n]*?,\s*"([a-z-]+)"[,)]""", text))
    assert used - known == set()
    del qt_app


def test_the_sheet_has_no_colour_of_its_own() -> None:
    sheet = (RESOURCES / "themes" / "window.qss").read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet)
    assert Theme is not None
