"""Lines of the map: between which cards they run, and that one passing through is drawn without its ends."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QImage, QPainter

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.map_cards import PITCH, WIDTH, Card, Cards
from cort_desktop.gui.rounds.map_paint import MapPaint
from cort_desktop.gui.rounds.map_sight import lines_to
from cort_desktop.gui.rounds.marks import Marks
from cort_desktop.telling.told import Told
from tests.fakes.window import Gui

DRAFT, FIRST, SECOND = NodeName("D"), NodeName("R1.A1"), NodeName("R1.A2")
FAR = 3_000.0


def fan() -> Cards:
    """A draft and two that came of it: one beside it, on the winner's path, and one far below."""

    def card(key: NodeName, parent: NodeName | None, y: float, *, is_on_path: bool) -> Card:
        told = Told(mark="candidate", name=key, label="Answer")
        column = 0 if parent is None else 1
        return Card(
            key=key, parent=parent, column=column, told=told, x=column * PITCH, y=y, is_on_path=is_on_path
        )

    columns = [
        [card(DRAFT, None, 0.0, is_on_path=True)],
        [card(FIRST, DRAFT, 0.0, is_on_path=True), card(SECOND, DRAFT, FAR, is_on_path=False)],
    ]
    return Cards(
        by_key={each.key: each for column in columns for each in column},
        columns=columns,
        heads=[("Draft", "D"), ("Round 1", "R1")],
    )


def colours(gui: Gui, seen: QRectF, scale: float) -> set[str]:
    """Of the pixels of what is painted of ``seen``, but for the ground."""
    owner = QObject()
    image = QImage(round(seen.width() * scale), round(seen.height() * scale), QImage.Format.Format_RGB32)
    image.fill(gui.theme.colour("window"))
    painter = QPainter(image)
    painter.scale(scale, scale)
    painter.translate(-seen.topLeft())
    MapPaint(gui.theme, Marks(gui.theme, owner)).scene(painter, fan(), seen, scale, None, None)
    painter.end()
    found = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    return found - {gui.theme.colour("window").name()}


def test_a_line_reaches_from_its_parent_to_its_card() -> None:
    cards = fan()
    assert lines_to(cards.columns[0], cards) == []
    beside, below = lines_to(cards.columns[1], cards)
    assert (beside.top, beside.bottom, beside.is_on_path) == (0.0, 0.0, True)
    assert (below.top, below.bottom, below.is_on_path) == (0.0, FAR, False)
    box = below.path.boundingRect()
    assert (box.left(), box.right()) == (WIDTH, PITCH)


def test_a_line_that_passes_through_is_drawn(gui: Gui) -> None:
    between = QRectF(WIDTH - 20, FAR / 2 - 50, PITCH - WIDTH + 40, 100)
    for scale in (0.2, 0.5, 1.0, 2.0):
        assert colours(gui, between, scale)


def test_where_no_line_passes_nothing_is_drawn(gui: Gui) -> None:
    for top in (-FAR, FAR + 500):
        assert not colours(gui, QRectF(0, top, 2 * PITCH, 100), 1.0)
