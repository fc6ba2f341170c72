"""Settings › Network: the way to all services, and whose certificates are believed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QLineEdit

from cort_desktop.domain.network import Network
from cort_desktop.domain.settings import Settings
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox
from cort_desktop.gui.preferences.rows import Page, Row, StateLine, line_of
from cort_desktop.gui.preferences.saver import Saver
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import PlainLabel, button

_FIELD_CHARACTERS = 30


class NetworkPage(Page):
    """A proxy, those asked without it, certificates. The environment's proxy is never taken by itself."""

    def __init__(self, theme: Theme, saver: Saver) -> None:
        super().__init__(
            self.tr("Network"),
            self.tr("For all providers alike. Servers on this very computer are always asked directly."),
        )
        self._saver = saver
        self._way = StateLine(theme)
        self._way.setObjectName("settingsWay")
        self.add(self._way)
        self.section(self.tr("Proxy"))
        self._add_proxy()
        self.section(self.tr("Certificates"))
        self._add_trust()
        self._add_firmness()
        self.finish()
        self._show(saver.settings)
        saver.changed.connect(self._show)

    def _add_proxy(self) -> None:
        tr = self.tr
        self._proxy = self._line("settingsProxy", "http://proxy.example:3128")
        self._proxy_row = Row(
            tr("Address"),
            self._proxy,
            tr("An HTTP proxy. Empty: every service is asked directly, whatever the environment says."),
        )
        self._env = self._line("settingsProxyEnv", "MY_PROXY_LOGIN")
        self._env_row = Row(
            tr("Name and password"),
            self._env,
            tr("The environment variable that holds “user:password” for it; they are written nowhere."),
        )
        self._direct = self._line("settingsDirect", "example.org, intranet")
        self._direct_row = Row(
            tr("Without it"),
            self._direct,
            tr("Hosts that are asked directly, with commas between them; each with those below it."),
        )
        self._proxy.editingFinished.connect(
            lambda: self._write("proxy", self._proxy.text().strip(), self._proxy_row)
        )
        self._env.editingFinished.connect(
            lambda: self._write("proxy_env", self._env.text().strip(), self._env_row)
        )
        self._direct.editingFinished.connect(self._write_direct)
        self.add(self._proxy_row, self._env_row, self._direct_row)

    def _add_trust(self) -> None:
        tr = self.tr
        self._trust = ChoiceBox(
            "settingsTrust",
            [
                Choice(value="bundled", text=tr("Those that come with the program")),
                Choice(value="system", text=tr("Those this computer trusts")),
            ],
        )
        self._trust_row = Row(
            tr("Authorities"),
            self._trust,
            tr("A company’s network that reads along needs this computer’s, or its own file below."),
        )
        self._trust.chosen.connect(
            lambda trust: self._write("trust", "" if trust == "bundled" else trust, self._trust_row)
        )
        self._file = self._line("settingsCaFile", tr("none"))
        self._file.setMinimumWidth(self.fontMetrics().averageCharWidth() * _FIELD_CHARACTERS)
        choose = button(tr("Choose…"))
        choose.setObjectName("settingsChooseCaFile")
        choose.setAccessibleName(tr("Choose a file of authorities"))
        choose.clicked.connect(self._choose)
        both = line_of(self._file, choose)
        both.setFocusProxy(self._file)
        self._file.setAccessibleName(tr("Further authorities"))
        self._file_row = Row(
            tr("Further authorities"), both, tr("A file of certificates (PEM) that are believed as well.")
        )
        self._file.editingFinished.connect(
            lambda: self._write("ca_file", self._file.text().strip(), self._file_row)
        )
        self.add(self._trust_row, self._file_row)

    def _add_firmness(self) -> None:
        words = PlainLabel(
            self.tr(
                "Certificates are always checked; there is no switch to look away. Redirections are not "
                "followed, for the key would go along. Addresses of cloud metadata are never asked."
            ),
            "small",
        )
        words.setWordWrap(True)
        self.add(words)

    def _line(self, name: str, example: str) -> QLineEdit:
        line = QLineEdit()
        line.setObjectName(name)
        line.setPlaceholderText(example)
        return line

    def _write(self, key: str, value: object, row: Row) -> None:
        """Write what differs; an empty value takes the setting out."""
        now = getattr(self._saver.settings.network, key)
        plain = getattr(Network(), key)
        if (value or plain) != now:
            self._saver.write({("network", key): value or None}, row.say)
        else:
            row.say(None)

    def _write_direct(self) -> None:
        hosts = tuple(part.strip() for part in self._direct.text().split(",") if part.strip())
        self._write("direct", hosts, self._direct_row)

    def _choose(self) -> None:
        dialog = QFileDialog(self.window(), self.tr("Choose a file of authorities"))
        dialog.setObjectName("settingsCaDialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Certificates (*.pem *.crt *.cer)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self._chose)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _chose(self, name: str) -> None:
        self._file.setText(str(Path(name)))
        self._write("ca_file", str(Path(name)), self._file_row)

    def _show(self, settings: Settings) -> None:
        network = settings.network
        for field, row, text in (
            (self._proxy, self._proxy_row, network.proxy),
            (self._env, self._env_row, network.proxy_env),
            (self._direct, self._direct_row, ", ".join(network.direct)),
            (self._file, self._file_row, network.ca_file),
        ):
            if not field.hasFocus() and row.error.isHidden():  # what was refused stays to be corrected
                field.setText(text)
        self._trust.show_value(network.trust)
        self._show_way(network)

    def _show_way(self, network: Network) -> None:
        """What it all means, in a sentence."""
        words = self.tr("Every service is asked directly.")
        if network.proxy:
            words = self.tr("Services on the network are asked through %1.").replace("%1", network.proxy)
        if network.proxy and network.direct:
            but = self.tr("Not so: %1.").replace("%1", ", ".join(network.direct))
            words = f"{words} {but}"
        trusts = (
            self.tr("The authorities of this computer are believed.")
            if network.trust == "system"
            else self.tr("The authorities that come with the program are believed.")
        )
        more = self.tr("Those in %1, too.").replace("%1", network.ca_file) if network.ca_file else ""
        missing = bool(network.ca_file) and not Path(network.ca_file).is_file()
        if missing:
            more = self.tr("%1 is not there: no service with https can be asked.").replace(
                "%1", network.ca_file
            )
        self._way.show_state("bad" if missing else "good", " ".join(filter(None, (words, trusts, more))))
