"""The table [context]: what a question is told of a conversation that is longer than its model."""

from __future__ import annotations

from collections.abc import Callable

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.settings import MOST_RETRIEVED_TURNS, ContextSettings
from cort_desktop.domain.settings_values import Table

_CONTEXT = ("summary", "summary_model", "retrieved_turns")
ReadRefs = Callable[[Table, str], tuple[ModelRef, ...]]


def read_context(table: Table, refs: ReadRefs) -> ContextSettings:
    """[context]: what is wrong is noted, and its default holds. ``refs`` reads names of models."""
    table.doubt_unknown(_CONTEXT)
    plain = ContextSettings()
    models = refs(table, "summary_model")
    if len(models) > 1:
        table.wrong("summary_model", "must be one model")
    most = table.whole("retrieved_turns", 0, MOST_RETRIEVED_TURNS)
    return ContextSettings(
        summary=table.truth("summary") is not False,
        summary_model=models[0] if len(models) == 1 else None,
        retrieved_turns=plain.retrieved_turns if most is None else most,
    )
