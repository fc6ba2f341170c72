"""The original's loop with its faults mended: what it says of its rounds."""

from __future__ import annotations

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.calls import ChatRequest
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, handle, is_judge, judged, verdict_json
from tests.fakes.runs import Log, finish


def script(request: ChatRequest, _nth: int) -> Reply:
    if is_judge(request):
        return Reply(text=verdict_json([[label] for label, _ in judged(request)]))
    return Reply(text='{"rounds": 1}' if request.max_tokens < 100 else "an answer")


@pytest.mark.parametrize(
    ("rounds", "end"),
    [(0, "No round was to be played; D"), (1, "1 of 1 round is done; "), (2, "2 of 2 rounds are done; ")],
)
def test_rounds_are_counted_in_plain_words(rounds: int, end: str) -> None:
    state = run_virtual(
        finish(handle(ScriptedModel(script)), "cort", Log(), rounds=rounds, alternatives=1, judges=1)
    )
    assert state.finished is not None
    assert state.finished.reason.text.startswith(end)


def test_a_model_may_ask_for_one_round() -> None:
    log = Log()
    run_virtual(finish(handle(ScriptedModel(script)), "cort", log, rounds=None, alternatives=1, judges=1))
    (plan,) = log.bodies(ev.RunPlanned)
    assert (plan.spec.rounds, plan.why) == (1, "The model asks for 1 round.")
