"""Every item model of the window is looked over by Qt's own tester in some test."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QAbstractItemModel

import cort_desktop.gui

TESTS = Path(__file__).parent


def models() -> set[str]:
    """The names of the window's own models, wherever in it they are made."""
    for module in pkgutil.walk_packages(cort_desktop.gui.__path__, "cort_desktop.gui."):
        importlib.import_module(module.name)
    return {
        kind.__name__
        for kind in _below(QAbstractItemModel)
        if kind.__module__.startswith("cort_desktop.gui.")
    }


def watched_in(source: str) -> set[str]:
    """The classes that stand in a call of ``under_tester``, which makes sure that the model is one."""
    return {
        call.args[1].id
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "under_tester"
        and len(call.args) > 1
        and isinstance(call.args[1], ast.Name)
    }


def _below(kind: type[QAbstractItemModel]) -> Iterator[type[QAbstractItemModel]]:
    each: type[QAbstractItemModel]
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def test_every_model_is_looked_over() -> None:
    found = models()
    assert {"RunTreeModel", "KeyedListModel", "ConversationListModel"} <= found  # also those below others
    looked_over: set[str] = set()
    for file in TESTS.rglob("*.py"):
        looked_over |= watched_in(file.read_text(encoding="utf-8"))
    assert found - looked_over == set()


def test_only_a_model_beside_its_tester_counts() -> None:
    assert watched_in("t = under_tester(pane.view.calls, TimelineModel, pane)") == {"TimelineModel"}
    assert watched_in("model = TimelineModel()\nunder_tester(model)") == set()
