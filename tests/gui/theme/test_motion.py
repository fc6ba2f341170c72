"""Whether things may move: the desktop's own word, asked over a real bus."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from cort_desktop.gui.theme.motion import SystemMotion
from tests.fakes.window import Gui

_ASKED = """
import sys
from PySide6.QtCore import ClassInfo, QCoreApplication, QObject, QTimer, Slot
from PySide6.QtDBus import QDBusConnection, QDBusVariant
from cort_desktop.gui.theme.motion import SystemMotion

@ClassInfo({"D-Bus Interface": "org.freedesktop.portal.Settings"})
class Portal(QObject):
    @Slot(str, str, result="QDBusVariant")
    def Read(self, group, key):
        print(group, key)
        return QDBusVariant(QDBusVariant(sys.argv[1] == "moves"))

app = QCoreApplication([])
bus = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, "portal")
portal = Portal()
everything = QDBusConnection.RegisterOption.ExportAllSlots
assert bus.registerObject("/org/freedesktop/portal/desktop", portal, everything)
assert bus.registerService("org.freedesktop.portal.Desktop")
motion = SystemMotion()
motion.look()
motion.children()[0].finished.connect(lambda: QTimer.singleShot(0, app.quit))
app.exec()
print(motion.is_wanted)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("dbus-run-session") is None, reason="needs a bus of its own"
)
@pytest.mark.parametrize("moves", [True, False])
def test_the_portal_is_asked(moves: bool) -> None:
    bus = shutil.which("dbus-run-session")
    assert bus is not None
    command = [bus, "--", sys.executable, "-c", _ASKED, "moves" if moves else "still"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == ["org.gnome.desktop.interface enable-animations", str(moves)]


def test_what_is_no_answer_changes_nothing(gui: Gui) -> None:
    motion = SystemMotion()
    heard: list[bool] = []
    motion.changed.connect(lambda: heard.append(motion.is_wanted))
    for each in (None, "no", 0, True):
        motion.take(each)
    assert heard == []
    motion.take(False)
    motion.take(False)
    assert heard == [False]
    motion.deleteLater()
    assert gui is not None
