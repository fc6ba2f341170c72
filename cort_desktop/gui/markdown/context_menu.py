"""The menu of a text: copying what is selected, all of it, a link, or a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QTextEdit

if TYPE_CHECKING:
    from cort_desktop.gui.markdown.view import MarkdownView


def context_menu(view: MarkdownView, at: QPoint) -> QMenu:
    """The menu for a place on the screen; show it with ``popup``."""
    menu = QMenu(view)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    address = _address_at(view, at)
    if address:
        menu.addAction(QCoreApplication.translate("MarkdownView", "Open link…"), lambda: view.follow(address))
        menu.addAction(
            QCoreApplication.translate("MarkdownView", "Copy link"),
            lambda: QGuiApplication.clipboard().setText(address),
        )
        menu.addSeparator()
    copy = menu.addAction(QCoreApplication.translate("MarkdownView", "Copy"), view.copy)
    copy.setEnabled(bool(view.selected_text()))
    menu.addAction(QCoreApplication.translate("MarkdownView", "Copy all as Markdown"), view.copy_all)
    menu.addAction(QCoreApplication.translate("MarkdownView", "Select all"), view.select_all)
    menu.addSeparator()
    raw = menu.addAction(QCoreApplication.translate("MarkdownView", "Show as it is written"))
    raw.setCheckable(True)
    raw.setChecked(view.is_raw)
    raw.toggled.connect(view.set_raw)
    menu.addAction(QCoreApplication.translate("MarkdownView", "Open as text"), view.open_as_text)
    return menu


def _address_at(view: MarkdownView, at: QPoint) -> str:
    """The address of the link there, nothing without one."""
    widget = view.childAt(view.mapFromGlobal(at))
    while widget is not None and not isinstance(widget, QTextEdit):
        widget = widget.parentWidget()
    return widget.anchorAt(widget.viewport().mapFromGlobal(at)) if isinstance(widget, QTextEdit) else ""
