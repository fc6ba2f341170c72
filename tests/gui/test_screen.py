"""Whether a window can be opened, told before Qt would abort."""

import subprocess
import sys
from pathlib import Path

import pytest

from cort_desktop.gui import screen
from cort_desktop.gui.screen import NO_SCREEN, refusal


def _all(_library: str) -> bool:
    return True


def test_without_a_screen_the_terminal_is_named() -> None:
    said = refusal({}, "linux", loads=_all)
    assert said == NO_SCREEN
    assert "chat" in said
    assert "ask" in said


def test_other_systems_always_have_one() -> None:
    assert refusal({}, "win32") is None
    assert refusal({}, "darwin") is None


def test_a_missing_library_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "_is_program", lambda name: name == "apt-get")
    said = refusal({"DISPLAY": ":0"}, "linux", loads=lambda name: name != "libxcb-cursor.so.0")
    assert said is not None
    assert "`sudo apt-get install libxcb-cursor0` installs them" in said
    monkeypatch.setattr(screen, "_is_program", lambda name: name == "dnf")
    said = refusal({"DISPLAY": ":0"}, "linux", loads=lambda name: name != "libxcb-cursor.so.0")
    assert said is not None
    assert "`sudo dnf install xcb-util-cursor`" in said


def test_off_screen_needs_no_library_of_x11() -> None:
    assert refusal({"QT_QPA_PLATFORM": "offscreen"}, "linux", loads=lambda n: "xcb" not in n) is None


def test_a_wayland_socket_that_is_not_there_is_no_screen(tmp_path: Path) -> None:
    environment = {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert refusal(environment, "linux", loads=_all) == NO_SCREEN
    (tmp_path / "wayland-0").touch()
    assert refusal(environment, "linux", loads=_all) is None


def test_a_screen_that_does_not_answer_is_said(tmp_path: Path) -> None:
    said = refusal({"DISPLAY": ":4711"}, "linux", loads=_all)
    assert said is not None
    assert ":4711" in said
    assert "chat" in said


def test_looking_loads_nothing_of_qt() -> None:
    code = "import sys; import cort_desktop.gui.screen; print([m for m in sys.modules if 'PySide' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
