"""Services count thoughts as output: a model that thinks is given room for them, which the budget covers."""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain import calls
from cort_desktop.domain import events as ev
from tests.fakes.loops import run_virtual
from tests.fakes.models import ScriptedModel, good_model, handle
from tests.fakes.runs import Log, finish


def asked(thinking_tokens: int) -> tuple[ScriptedModel, Log]:
    model, log = good_model(), Log()
    plain = handle(model)
    thinking = replace(plain, profile=replace(plain.profile, thinking_tokens=thinking_tokens))
    run_virtual(finish(thinking, "best_of_n", log))
    return model, log


def test_every_call_of_a_model_that_thinks_has_room_for_it_and_it_is_held_in_the_budget() -> None:
    (plain, plain_log), (thinking, thinking_log) = asked(0), asked(4000)

    def limits(model: ScriptedModel) -> list[int]:
        return sorted(request.max_tokens for request in model.requests)

    def held(log: Log) -> list[int]:
        return sorted(body.reserved.tokens for body in log.bodies(ev.NodeStarted) if body.reserved)

    assert len(limits(plain)) == 7
    assert limits(thinking) == [limit + 4000 for limit in limits(plain)]
    assert held(thinking_log) == [tokens + 4000 for tokens in held(plain_log)]


def test_the_services_name_for_an_answer_is_in_the_record() -> None:
    class Named(ScriptedModel):
        async def complete(
            self, request: calls.ChatRequest, notify: calls.Notify, admit: calls.Admit = calls.always
        ) -> calls.Completion:
            done = await super().complete(request, notify, admit)
            return replace(done, generation=f"gen-{len(self.requests)}")

    log = Log()
    run_virtual(finish(handle(Named(good_model().script)), "single", log))
    assert [body.generation for body in log.bodies(ev.NodeFinished)] == ["gen-1"]
    unnamed = Log()
    run_virtual(finish(handle(good_model()), "single", unnamed))
    assert [body.generation for body in unnamed.bodies(ev.NodeFinished)] == [None]
