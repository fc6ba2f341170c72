"""What stands on a card of the map: more of it the nearer it is, in whole lines, and nothing beside it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from cort_desktop.gui.rounds.map_cards import HEIGHT, WIDTH, cards_of
from cort_desktop.gui.rounds.map_paint import nearness
from cort_desktop.gui.rounds.map_words import CardWords, wrapped
from cort_desktop.gui.rounds.marks import Lettering, Marks
from tests.fakes.rounds import drawn_run
from tests.gui.rounds.desk import Desk


def test_a_nearer_card_says_more_and_every_line_is_whole(rounds: Desk) -> None:
    face = Lettering(rounds.theme.font("small"))
    text = "The planner scans more rows as the table grows, because nothing covers the sort. " * 8
    said = []
    for scale in (0.5, 1.0, 2.0):
        width = (WIDTH - 20) * scale
        lines = wrapped(text, face, width, round(2 * scale * 2))
        assert all(face.width(line) <= width + 0.5 for line, _ in lines)
        assert lines[-1][0].endswith("…")
        said.append(sum(len(line) for line, _ in lines))
    assert said[0] < said[1] < said[2]


@pytest.mark.parametrize("scale", [0.26, 0.3, 0.35, 0.45, 0.5, 0.62, 1.0, 1.7, 2.5])
@pytest.mark.parametrize("percent", [100, 200])
def test_nothing_is_written_beside_a_card(rounds: Desk, scale: float, percent: int) -> None:
    """What is written stays within its card: the picture is the same when it is clipped to the cards."""
    rounds.theme.use(percent=percent)
    story = drawn_run()
    rounds.look_at(story)
    found = cards_of(story.state(), rounds.model.told_of, lambda _: "Words and words and more words. " * 20)
    words = CardWords(rounds.theme, Marks(rounds.theme, rounds.owner))
    for card in found.by_key.values():
        pictures = []
        for is_clipped in (True, False):
            picture = QImage(
                round(WIDTH * scale) + 80, round(HEIGHT * scale) + 80, QImage.Format.Format_ARGB32
            )
            picture.fill(Qt.GlobalColor.white)
            painter = QPainter(picture)
            painter.translate(40, 40)
            box = QRectF(0, 0, WIDTH * scale, HEIGHT * scale)
            if is_clipped:
                painter.setClipRect(box)
            write = words.names if nearness(scale) == "names" else words.words
            write(painter, card, box)
            painter.end()
            pictures.append(picture)
        assert pictures[0] == pictures[1], card.key
    rounds.theme.use(percent=100)
