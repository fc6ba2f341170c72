"""A run holds on to the models it began with, whatever happens to the settings meanwhile."""

from __future__ import annotations

from pathlib import Path

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ModelRef
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.errors import UsageError
from tests.fakes.desk import Shown, ask, cort, desk


def test_a_provider_removed_in_the_middle_is_asked_to_the_end(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        engine = at.chat._engine
        find = engine.models
        gone = False

        def models(ref: ModelRef) -> ModelHandle:
            if gone:
                raise UsageError("There is no provider named fake.")
            return find(ref)

        def remove(event: ev.Event) -> None:
            nonlocal gone
            gone = gone or isinstance(event.body, ev.NodeStarted)

        object.__setattr__(engine, "models", models)
        outcome = ask(at, cort(), Shown(remove))
    assert gone
    assert outcome.state.finished is not None
    assert (outcome.state.finished.status, outcome.state.spent.calls) == ("complete", 7)
