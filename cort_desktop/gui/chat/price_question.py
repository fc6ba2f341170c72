"""The price of answering a question again: in words, and as a question before it is paid."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from cort_desktop.domain.budget import Estimate
from cort_desktop.gui.chat.estimating import estimate_words
from cort_desktop.gui.chat.questions import Priced
from cort_desktop.gui.widgets import set_role


def price_words(estimate: Estimate) -> str:
    """``Answering again takes ≈ 4 calls · 1–2k tokens · $0.02.``"""
    words = QCoreApplication.translate("PriceQuestion", "Answering again takes {price}.")
    return words.format(price=estimate_words(estimate))


def ask_price(priced: Priced, window: QWidget) -> None:
    """Have the price confirmed; Enter does."""
    box = QMessageBox(window)
    box.setObjectName("priceQuestion")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    title = QCoreApplication.translate("PriceQuestion", "Answer this question again?")
    stays = QCoreApplication.translate("PriceQuestion", "What was answered before stays beside it.")
    box.setWindowTitle(title)
    box.setText(title)
    said = (f"{price_words(priced.forecast)} {stays}", *priced.forecast.warnings)
    box.setInformativeText("\n\n".join(said))
    yes = box.addButton(
        QCoreApplication.translate("PriceQuestion", "Answer again"), QMessageBox.ButtonRole.AcceptRole
    )
    set_role(yes, "primary")
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(yes)
    box.buttonClicked.connect(lambda button: priced.go() if button is yes else None)
    box.open()
