"""A desk for each test of the rounds; whatever Qt says fails it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from tests.gui.rounds.desk import Desk, no_qt_message


@pytest.fixture
def rounds(qt_app: QApplication) -> Iterator[Desk]:
    """Theme, model, selection and feeds."""
    with no_qt_message():
        made = Desk(qt_app)
        yield made
        made.close()
