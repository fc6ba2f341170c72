"""The window off screen: one QApplication for the session, a fresh home for each test."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from tests.fakes.window import Gui


@pytest.fixture(scope="session")
def qt_app(qapp: QApplication) -> QApplication:
    """The application of this session."""
    qapp.setQuitOnLastWindowClosed(False)
    return qapp


@pytest.fixture
def gui(qt_app: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gui]:
    """Runs a coroutine with a Ui over real services: ``gui.run(main)``."""
    from tests.fakes.window import Gui, flush_deletions

    made = Gui(qt_app, tmp_path / "home", monkeypatch)
    yield made
    made.theme.deleteLater()
    flush_deletions()


@pytest.fixture(scope="module", autouse=True)
def nothing_old_is_collected() -> Iterator[None]:
    """What is left of a module (modules it loaded, caches) stays: collections look at what is new alone."""
    yield
    gc.collect()
    gc.freeze()
