"""Asks before an address is opened: all of it as it will be sent, its host in bold, and a way out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from cort_desktop.gui.markdown.links import Link
from cort_desktop.gui.widgets import PlainLabel, button, set_role

Opener = Callable[[QUrl], object]
_WIDTH, _ADDRESS_HEIGHT = 460, 84


class LinkDialog(QDialog):
    """Shown with ``open()``; calls ``opener`` when a person said so."""

    def __init__(self, link: Link, opener: Opener, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("linkDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._link = link
        self._opener = opener
        self.setWindowTitle(self.tr("Open this link?"))
        self.setMinimumWidth(_WIDTH)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(20, 20, 20, 16)
        rows.setSpacing(8)
        says = self.tr("This writes a mail to") if link.is_mail else self.tr("This opens in your browser:")
        rows.addWidget(PlainLabel(says, "muted"))
        host = PlainLabel(link.host, "title")
        host.setObjectName("linkHost")
        host.setWordWrap(True)
        rows.addWidget(host)
        if link.is_disguised:
            warning = self.tr(
                "This name is not what it looks like: foreign letters, or words before the real host."
            )
            doubt = PlainLabel(warning, "warn")
            doubt.setWordWrap(True)
            rows.addWidget(doubt)
        address = QPlainTextEdit(link.encoded)
        address.setObjectName("linkAddress")
        address.setReadOnly(True)
        address.setTabChangesFocus(True)
        address.setFixedHeight(_ADDRESS_HEIGHT)
        address.setAccessibleName(self.tr("Full address"))
        set_role(address, "code")
        rows.addWidget(address)
        rows.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        copy = button(self.tr("Copy link"))
        copy.setObjectName("copyLink")
        copy.clicked.connect(self._copy)
        row.addWidget(copy)
        row.addStretch()
        cancel = button(self.tr("Cancel"))
        cancel.setObjectName("cancelLink")
        cancel.clicked.connect(self.reject)
        cancel.setDefault(True)
        row.addWidget(cancel)
        open_it = button(self.tr("Open"), "primary")
        open_it.setObjectName("openLink")
        open_it.clicked.connect(self._open)
        row.addWidget(open_it)
        return row

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._link.encoded)
        self.reject()

    def _open(self) -> None:
        self.accept()
        self._opener(QUrl.fromEncoded(self._link.encoded.encode("ascii")))
