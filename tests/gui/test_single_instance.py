"""A second start hands over to the first."""

import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from cort_desktop.errors import SettingsError
from cort_desktop.gui import application, single_instance
from cort_desktop.gui.application import Start, main
from cort_desktop.gui.single_instance import SingleInstance, Wanted
from cort_desktop.gui.ui import Ui
from tests.fakes.window import RESOURCES, Gui, until

_SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from cort_desktop.gui.single_instance import SingleInstance, Wanted
app = QCoreApplication([])
one = SingleInstance(Path(sys.argv[1]))
wanted = Wanted(conversation=sys.argv[2] or None, files=tuple(map(Path, sys.argv[3:])))
print(one.take(), one.hand_over(wanted) if not one.take() else "")
"""


def test_the_second_hands_over_and_the_first_hears_it(gui: Gui, tmp_path: Path) -> None:
    async def hand_over(ui: Ui) -> None:
        first = SingleInstance(tmp_path)
        assert first.take()
        first.listen()
        asked: list[object] = []
        first.asked.connect(asked.append)
        odd = ("/a b/ü “c” \n.cort", "/" + "long/" * 800 + "d.cort")
        for wanted in (("c0001",), ("",), ("", *odd)):
            done = ui.tasks.start(
                ui.tasks.offload(
                    subprocess.run,
                    [sys.executable, "-c", _SECOND, str(tmp_path), *wanted],
                    capture_output=True,
                    text=True,
                    check=True,
                    timeout=30,
                ),
                name="second",
            )
            assert done is not None
            result = await done
            assert result.stdout.split() == ["False", "True"], result.stderr
        await until(lambda: len(asked) == 3)
        assert asked == [
            Wanted(conversation="c0001"),
            Wanted(),
            Wanted(files=tuple(Path(each) for each in odd)),
        ]
        first.close()

    gui.run(hand_over)


def test_what_a_killed_window_left_is_no_hindrance(gui: Gui, tmp_path: Path) -> None:
    code = _SECOND.replace("print(", "import os; one.take(); os._exit(9) #")
    subprocess.run([sys.executable, "-c", code, str(tmp_path), ""], check=False, timeout=30)
    next_one = SingleInstance(tmp_path)
    assert next_one.take()
    next_one.close()
    next_one.deleteLater()
    assert gui is not None


def test_words_that_cannot_be_read_bring_the_window_to_the_front() -> None:
    from cort_desktop.gui.single_instance import _wanted

    assert _wanted(b'{"open": "c1"}') == Wanted(conversation="c1")
    assert _wanted(b'{"import": ["/a", 3]}') == Wanted(files=(Path("/a"),))
    for line in (b"\xff\xfe", b"[]", b'{"open": 3, "import": "/a"}', b"null", b"", b"[" * 60_000):
        assert _wanted(line) == Wanted()


def test_a_window_that_does_not_answer_keeps_its_folder(
    gui: Gui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "_PATIENCE_MS", 500)
    monkeypatch.setattr(application, "make_application", lambda *_: gui.app)
    hanging = SingleInstance(tmp_path)
    assert hanging.take()  # and never listens
    unused = cast("Any", None)
    start = Start(
        app=unused,
        close_app=unused,
        resources=RESOURCES,
        data=tmp_path,
        clock=unused,
        in_loop=unused,
        show_surprises=unused,
    )
    with pytest.raises(SettingsError) as refused:
        main(start)
    assert str(tmp_path) in str(refused.value)
    assert "\n" not in str(refused.value)
    hanging.close()
    hanging.deleteLater()
