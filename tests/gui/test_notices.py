from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from cort_desktop.domain.ids import ConversationId
from cort_desktop.gui.notice_widgets import NoticeBars, Toasts
from cort_desktop.gui.notices import Offer
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.undo import Undoable
from tests.fakes.window import Gui, gone, shown


def _toast(place: QWidget) -> str:
    found = [each for each in place.findChildren(QFrame) if each.property("role") == "toast"]
    labels = [label.text() for each in found if each.isVisible() for label in each.findChildren(QLabel)]
    return labels[0] if labels else ""


def _order(bars: NoticeBars) -> list[str]:
    items = [bars._column.itemAt(at) for at in range(bars._column.count())]
    widgets = [None if item is None else item.widget() for item in items]
    return [each.accessibleName() for each in widgets if each is not None]


def test_a_toast_goes_when_its_deed_was_undone_by_other_means(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        place = shown(QWidget())
        toasts = Toasts(ui.notices, place)
        ui.undo.changed.connect(ui.notices.look_again)
        undone: list[str] = []
        what = Undoable(words="Undo deleting", call=lambda: undone.append("it"))
        ui.undo.push(what)
        offer = Offer(text="Undo", call=lambda: ui.undo.undo(what), stands=lambda: ui.undo.can_undo(what))
        ui.notices.say("Deleted it.", offer=offer)
        ui.undo.push(Undoable(words="Undo another", call=lambda: None))
        assert _toast(place) == "Deleted it."
        ui.undo.undo()
        assert _toast(place) == "Deleted it."
        ui.undo.undo()
        assert undone == ["it"]
        assert _toast(place) == ""
        toasts.hide()
        gone(place)

    gui.run(main)


def test_a_toast_about_a_conversation_goes_when_another_is_shown(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        place = shown(QWidget())
        toasts = Toasts(ui.notices, place)
        ui.notices.turn_to(ConversationId("one"))
        ui.notices.say("R1.A2 is the answer now.", about=ConversationId("one"))
        ui.notices.turn_to(ConversationId("one"))
        assert _toast(place) == "R1.A2 is the answer now."
        ui.notices.turn_to(ConversationId("two"))
        assert _toast(place) == ""
        ui.notices.say("The text is on the clipboard.")
        ui.notices.turn_to(None)
        assert _toast(place) == "The text is on the clipboard."
        toasts.hide()
        gone(place)

    gui.run(main)


def test_more_bars_than_fit_are_said_and_opened(gui: Gui) -> None:
    """All but the last four were hidden without a word."""

    async def main(ui: Ui) -> None:
        place = QWidget()
        bars = NoticeBars(ui.notices, ui.theme, place)
        shown(place)
        for number in range(6):
            ui.notices.bar(f"b{number}", f"Notice {number}", "warn")
        assert _order(bars) == [f"Notice {number}" for number in range(2, 6)]
        (more,) = [each for each in bars.findChildren(QPushButton) if each.text() == "2 more"]
        more.click()
        assert _order(bars) == [f"Notice {number}" for number in range(6)]
        assert more.text() == "Show fewer"
        ui.notices.clear("b0")
        ui.notices.clear("b5")
        assert more.isHidden()
        gone(place)

    gui.run(main)
