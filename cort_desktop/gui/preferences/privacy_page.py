"""Settings › Privacy: every host that was contacted, and what each provider would be sent."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from cort_desktop.domain.settings import Settings
from cort_desktop.gui.preferences.controls import Tick
from cort_desktop.gui.preferences.rows import Page, Row
from cort_desktop.gui.preferences.saver import Saver
from cort_desktop.gui.preferences.tables import Table
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button


class PrivacyPage(Page):
    """Who was contacted, who would be, and what stays."""

    def __init__(self, ui: Ui, saver: Saver) -> None:
        super().__init__(
            self.tr("Privacy"),
            self.tr(
                "Nothing leaves this computer but what you send to the providers you set up. There is no "
                "telemetry, no account, no check for updates; no answer can make this window load anything."
            ),
        )
        self._ui = ui
        self._saver = saver
        self._add_attribution()
        self._add_hosts()
        self.section(self.tr("What each provider is sent"))
        self._wanted = QWidget()
        self.add(self._wanted)
        self.section(self.tr("What stays here"))
        stays = PlainLabel(
            self.tr(
                "Conversations, runs and settings are files of yours on this computer (Settings › Data). "
                "Keys are in the system key store or in environment variables, never in a file of this "
                "program or in a log. A link in an answer opens only after you have seen where it leads."
            ),
            "muted",
        )
        stays.setWordWrap(True)
        self.add(stays)
        self.finish()
        self._show(saver.settings)
        saver.changed.connect(self._show)
        self.entered()

    def _add_attribution(self) -> None:
        self._attribution = Tick("settingsAttribution", self.tr("Tell OpenRouter the name of this program"))
        self._attribution_row = Row(
            self.tr("Attribution"),
            self._attribution,
            self.tr("It counts which programs use it. Nothing about you or your questions is in it."),
        )
        self._attribution.chosen.connect(
            lambda on: self._saver.write(
                {("privacy", "attribution"): None if on else False}, self._attribution_row.say
            )
        )
        self.add(self._attribution_row)

    def _show(self, settings: Settings) -> None:
        self._attribution.show_state(settings.privacy.attribution)

    def _add_hosts(self) -> None:
        self.section(self.tr("Hosts contacted"))
        self._since = PlainLabel("", "small")
        self._since.setWordWrap(True)
        self._hosts = Table(
            "settingsHosts",
            self.tr("Hosts contacted"),
            [self.tr("Host"), self.tr("Provider"), self.tr("First"), self.tr("Last"), self.tr("Requests")],
            figures=(4,),
        )
        again = button(self.tr("Look again"))
        again.setObjectName("settingsHostsAgain")
        again.clicked.connect(self.entered)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._since, 1)
        row.addWidget(again)
        line = QWidget()
        line.setLayout(row)
        self.add(line, self._hosts)

    def entered(self) -> None:
        """Look at the record anew."""
        hosts = self._ui.app.preferences.hosts()
        self._hosts.clear()
        for contact in hosts.contacted:
            texts = [
                contact.origin + (self.tr(" (this computer)") if contact.is_local else ""),
                contact.provider,
                _time(contact.first),
                _time(contact.last),
                QLocale().toString(contact.requests),
            ]
            self._hosts.put(contact.origin, texts)
        self._hosts.setVisible(bool(hosts.contacted))
        self._hosts.fit()
        since = _time(hosts.since)
        if hosts.contacted:
            words = self.tr("Since the program started, at %1.")
        else:
            words = self.tr("None since the program started, at %1.")
        self._since.setText(words.replace("%1", since))
        self._list_wanted()

    def _list_wanted(self) -> None:
        """A line for each provider; made anew, for there are few."""
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(1, 1)
        for row, wanted in enumerate(self._ui.app.preferences.hosts().wanted):
            name = PlainLabel(wanted.provider, "strong")
            words = PlainLabel(f"{wanted.origin}\n{wanted.words}" if wanted.origin else wanted.words, "muted")
            words.setWordWrap(True)
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, row, 1)
        self.column.replaceWidget(self._wanted, fresh)
        self._wanted.deleteLater()
        self._wanted = fresh


def _time(at: datetime) -> str:
    moment = QDateTime.fromSecsSinceEpoch(int(at.timestamp()))
    return QLocale().toString(moment.time(), QLocale.FormatType.ShortFormat)
