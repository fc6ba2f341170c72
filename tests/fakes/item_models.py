"""Qt's own tester over a model; which class it is stands beside it, so that none is forgotten unseen:
``tests/gui/test_item_models.py`` looks for every class of the window.
"""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QObject
from PySide6.QtTest import QAbstractItemModelTester

Mode = QAbstractItemModelTester.FailureReportingMode


def under_tester(
    model: QAbstractItemModel,
    kind: type[QAbstractItemModel],
    parent: QObject | None = None,
    mode: Mode = Mode.Fatal,
) -> QAbstractItemModelTester:
    """Watch ``model``, which is a ``kind``, until the tester or its ``parent`` goes."""
    assert isinstance(model, kind), f"{type(model).__name__} is no {kind.__name__}"
    return QAbstractItemModelTester(model, mode, parent)
