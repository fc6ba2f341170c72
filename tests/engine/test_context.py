"""The view of a conversation a call is sent: the question is never cut, and what is left out is said."""

from __future__ import annotations

import json

from cort_desktop.domain import events as ev
from cort_desktop.domain.messages import Message, assistant, system, user
from cort_desktop.engine.context import ContextView, count_messages
from cort_desktop.engine.fitting import Fitted, fit
from tests.fakes.loops import run_virtual
from tests.fakes.models import ScriptedModel, good_model, handle
from tests.fakes.runs import RUN, Log, engine, started

TURNS = (user("first " * 50), assistant("one " * 50), user("second " * 50), assistant("two " * 50))


class Words:
    """Counts words; exactly four fifths of them, so that the margin for other vocabularies makes it even."""

    def count(self, text: str) -> int:
        return len(text.split())

    def exact(self, text: str) -> int:
        return len(text.split()) * 4 // 5


count = Words().count


def messages(view: ContextView) -> tuple[Message, ...]:
    return (system(view.system or ""), *view.turns, user(view.question_text))


def fitted(context_tokens: int | None, *, max_tokens: int = 40, question: str = "why " * 10) -> Fitted:
    view = ContextView(system="be brief", turns=TURNS, question=question)
    return fit(view, messages, tokens=Words(), max_tokens=max_tokens, context_tokens=context_tokens)


def test_all_turns_are_sent_when_they_fit() -> None:
    assert fitted(None).view.turns == TURNS
    assert fitted(1000).view.turns == TURNS


def test_the_oldest_exchange_goes_first_and_is_counted() -> None:
    some = fitted(280)
    first, answer = some.view.turns
    assert first.text.startswith("(This conversation is longer")
    assert first.text.endswith(TURNS[2].text)
    assert answer == TURNS[3]
    assert some.view.left_out == 2
    assert some.tokens + some.max_tokens <= 280
    none = fitted(90)
    assert none.view.turns == ()
    assert none.view.left_out == 4


def test_the_question_is_never_cut_and_the_answers_room_shrinks_to_a_quarter_at_most() -> None:
    tight = fitted(56, question="why " * 10)
    assert tight.max_tokens < 40
    assert tight.messages[-1].text == "why " * 10
    over = fitted(20, question="why " * 100)
    assert over.max_tokens == 10
    assert over.tokens + over.max_tokens > 20
    assert count_messages(over.messages, count) == over.tokens


def test_a_view_survives_the_way_into_the_database_and_back() -> None:
    view = ContextView(
        system=None, turns=TURNS, question="q", attachments=(("a.txt", "text\u2028x"),), left_out=0
    )
    assert ContextView.from_json(view.to_json(), "q") == view
    assert '<attachment name="a.txt">' in view.question_text


def _asked(context_tokens: int, question: str) -> tuple[ScriptedModel, Log, ev.RunFinished]:
    model, log = good_model(), Log()
    view = ContextView(system=None, turns=TURNS, question=question)

    async def go() -> ev.RunFinished:
        handle_ = handle(model, context_tokens=context_tokens)
        return await engine(handle_).start(RUN, started("single"), view, log, {}).answer()

    return model, log, run_virtual(go())


def test_the_request_says_what_of_the_conversation_is_in_it() -> None:
    _, log, _ = _asked(300, "Why?")
    (node,) = log.bodies(ev.NodeStarted)
    record = json.loads(log.texts[node.request])
    assert record["context"]["messages_left_out"] > 0
    assert record["context"]["messages_left_out"] + record["context"]["messages_sent"] == len(TURNS)
    assert record["messages"][-1]["content"].startswith("Why?")


def test_a_question_too_long_for_the_model_is_refused_without_a_request() -> None:
    model, log, end = _asked(300, "word " * 5000)
    assert model.requests == []
    (failed,) = log.bodies(ev.NodeFailed)
    assert failed.error.kind == "context_too_long"
    assert "300" in failed.error.message
    assert end.status == "failed"
    assert end.calls == 0
    assert end.cost_microusd == 0
