"""The question before a provider is taken out, or a standard one made what it was at first."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QWidget

from cort_desktop.gui.preferences.questions import Question, ask
from cort_desktop.services.provider_views import ProviderView


class Remove(Protocol):
    """What is done when the answer is yes."""

    def __call__(self, *, forget_key: bool) -> object:
        """``forget_key``: its key goes along."""


def confirm_removal(view: ProviderView, window: QWidget, remove: Remove) -> None:
    """Ask whether ``view`` shall go; what goes along is said."""
    if view.is_standard:
        title = QCoreApplication.translate("Removal", "Reset %1?")
        words = QCoreApplication.translate(
            "Removal", "Its address and the rest become what they were at first."
        )
        verb = QCoreApplication.translate("Removal", "Reset")
    else:
        title = QCoreApplication.translate("Removal", "Remove %1?")
        words = QCoreApplication.translate(
            "Removal", "Defaults and prices that name its models go with it. Conversations stay as they are."
        )
        verb = QCoreApplication.translate("Removal", "Remove")
    forget = None
    if view.has_key:
        forget = QCheckBox(QCoreApplication.translate("Removal", "Also forget its key"))
        forget.setChecked(True)
    question = Question(
        name="settingsConfirmRemove", title=title.replace("%1", view.name), words=words, verb=verb
    )
    ask(question, window, lambda: remove(forget_key=forget is not None and forget.isChecked()), forget)
