"""Hostile sizes: every turn does a bounded piece, and all of the text stays reachable.

What a turn costs is told by counts, not by the clock: characters read, parts built, letters laid out.
"""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from cort_desktop.gui.markdown import builder, limits
from cort_desktop.gui.markdown.flow import effort
from cort_desktop.gui.markdown.prose import Prose
from tests.gui.markdown.viewing import shown


@pytest.fixture(autouse=True)
def _app(qt_app: QApplication) -> None:
    """All of these want an application."""


HOSTILE = {
    "2 MB of prose": ("The query **slows** because `status` has no index. " * 6 + "\n\n") * 6800,
    "one line of 1 MB": "word " * 200_000,
    "one word of 1 MB": "x" * 1_000_000,
    "one word of 200 kB": "x" * 200_000,
    "500 code blocks": "Words.\n\n```python\nfor i in range(10):\n    print(i)\n```\n\n" * 500,
    "20,000 rows": "| a | b |\n|---|---|\n" + "| x | y |\n" * 20_000,
    "200 columns": "|" + "c|" * 200 + "\n|" + "---|" * 200 + "\n" + ("|" + "1|" * 200 + "\n") * 60,
    "20,000 quotes deep": "> " * 20_000 + "x",
    "20,000 lists deep": "- " * 20_000 + "x",
    "20,000 tags": "<div>" * 20_000,
    "50,000 fences": "```\n" * 50_000,
    "brackets": "[" * 100_000,
    "hidden letters": "\u202e\u200b" * 50_000,
    "formulas without end": "$" + "\\frac{1}{" * 60 + "x" + "}" * 60 + "$",
}


@pytest.mark.reliability(56)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_turn_is_a_bounded_piece(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HOSTILE[name]
    turns: list[list[int]] = []
    laid: list[int] = []
    real = builder.Builder.build

    def counting(self: builder.Builder, flow: object, wanted: object) -> object:
        missing = [at for at in wanted if flow.slots[at].part is None]  # type: ignore[attr-defined]
        result = real(self, flow, wanted)  # type: ignore[arg-type]
        built = [at for at in missing if flow.slots[at].part is not None]  # type: ignore[attr-defined]
        turns.append([effort(flow.slots[at]) for at in built])  # type: ignore[attr-defined]
        return result

    monkeypatch.setattr(builder.Builder, "build", counting)
    with shown() as it:
        it.view.set_text(text)
        for _ in range(12):
            it.turn()
        bar = it.area.verticalScrollBar()
        for step in range(5):
            bar.setValue(bar.maximum() * step // 4)
            it.turn()
        it.rest()
        laid += [len(part.text.toPlainText()) for part in it.view._flow.parts() if isinstance(part, Prose)]
        assert it.view.text == text
        it.view.copy_all()
        assert QApplication.clipboard().text() == text
    for efforts in turns:
        assert sum(efforts[:-1]) <= 7000  # the last one may go over
    assert max(laid, default=0) <= 3 * limits.PLAIN_PIECE


def test_only_what_is_near_is_built() -> None:
    with shown(HOSTILE["500 code blocks"]) as it:
        slots = it.view._flow.slots
        assert len(slots) == 1000
        built = [at for at, slot in enumerate(slots) if slot.part is not None]
        assert len(built) < 200
        it.area.verticalScrollBar().setValue(it.area.verticalScrollBar().maximum())
        it.rest()
        assert slots[-1].part is not None


def test_what_is_built_above_moves_nothing_that_is_seen() -> None:
    """The view says by how much what is above has grown, so that the transcript can scroll along."""
    text = "".join(
        f"Paragraph {n}: " + "words and words " * (n % 9) + "\n\n```\ncode\n```\n\n" for n in range(300)
    )
    with shown(text) as it:
        bar = it.area.verticalScrollBar()
        it.view.shifted.connect(lambda by: bar.setValue(bar.value() + by))
        bar.setValue(bar.maximum() // 2)
        flow = it.view._flow
        slot = flow.slots[flow.slot_at(it.view.visibleRegion().boundingRect().top())]
        offset = slot.top - bar.value()
        it.rest()
        assert abs(slot.top - bar.value() - offset) <= 2
