"""Long conversations are summed up beside other work: kept, priced, used when ready, and never in the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain import calls
from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Price
from cort_desktop.domain.ids import Blob, ConversationId, ModelRef, NodeName, RunId
from cort_desktop.domain.settings import BudgetSettings, ContextSettings, ProviderSettings, Settings
from cort_desktop.domain.summaries import SummaryCall
from cort_desktop.engine.context import ContextView
from cort_desktop.services.outcomes import Outcome
from cort_desktop.services.rolling_summaries import STOPPED
from tests.fakes.desk import SETTINGS, Desk, Shown, asking, desk
from tests.fakes.loops import run_virtual
from tests.fakes.models import MODEL, Reply, ScriptedModel

NOTES = "They bake bread with rye; the oven is at 230 degrees."
PRICE = Price(input=Decimal(2), output=Decimal(10))
CONTEXT = 1200


def is_summary(request: calls.ChatRequest) -> bool:
    return "You keep the notes" in request.messages[0].text


def script(notes: Callable[[int], Reply] | None = None) -> Callable[[calls.ChatRequest, int], Reply]:
    """Long answers; short notes, counted from 1."""
    made = 0

    def reply(request: calls.ChatRequest, nth: int) -> Reply:
        nonlocal made
        if not is_summary(request):
            return Reply(text=f"answer {nth} " + "bread " * 60)
        made += 1
        return Reply(text=f"{NOTES} Version {made}.") if notes is None else notes(made)

    return reply


def talk(
    at: Desk, questions: int, conversation: ConversationId | None = None, *, first: int = 1, **more: Any
) -> Outcome:
    """Ask, waiting after each answer for what works in the background."""

    async def main() -> Outcome:
        home, outcome = conversation, None
        for number in range(first, first + questions):
            outcome = await at.chat.ask(
                asking(f"question {number}? " + "rye " * 20, conversation=home, max_tokens=100, **more),
                Shown(),
            )
            home = outcome.conversation
            await at.chat.settle()
        assert outcome is not None
        return outcome

    return run_virtual(main())


def summaries(at: Desk, conversation: ConversationId) -> list[SummaryCall]:
    return run_virtual(at.library.summaries(conversation))


def summary_requests(at: Desk) -> list[calls.ChatRequest]:
    return [request for request in at.model.requests if is_summary(request)]


def told(at: Desk, outcome: Outcome) -> dict[str, Any]:
    record = json.loads(run_virtual(at.library.request(outcome.run, NodeName("D"))))
    found: dict[str, Any] = record["context"]
    return found


def settings(context: ContextSettings | None = None, **more: Any) -> Settings:
    return replace(SETTINGS, context=context or ContextSettings(), **more)


def test_a_long_conversation_is_summed_up_and_later_questions_are_told_of_it(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(script()), context_tokens=CONTEXT, price=PRICE) as at:
        last = talk(at, 14)
        made = summaries(at, last.conversation)
        assert [one.version for one in made] == list(range(1, len(made) + 1))
        assert len(made) >= 2
        assert [one.turns for one in made] == sorted({one.turns for one in made})
        context = told(at, last)
        (part,) = [part for part in context["parts"] if part["part"] == "summary"]
        assert part["version"] in (made[-1].version, (made[-1].version or 0) - 1)  # the newest may be later
        sent = [r for r in at.model.requests if not is_summary(r)][-1]
        assert NOTES in sent.messages[1].text
        assert sent.messages[-1].text.startswith("question 14?")
        assert any(entry["why"] == "summed_up" for entry in context["left_out"])
        # each takes in the notes before it and only the turns since
        second = summary_requests(at)[1].messages[-1].text
        assert NOTES in second
        assert f"answer {1} " not in second


def test_every_call_is_priced_and_exactly_what_was_sent_is_kept(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(script()), context_tokens=CONTEXT, price=PRICE) as at:
        last = talk(at, 8)
        made = summaries(at, last.conversation)[0]
        assert made.state == "ready"
        assert made.usage is not None
        assert made.cost_microusd == PRICE.cost_microusd(made.usage) == 300
        assert (made.model, made.attempts, made.seconds) == (MODEL, 1, 1.0)
        record = json.loads(made.request)
        assert [m["content"] for m in record["messages"]] == [
            m.text for m in summary_requests(at)[0].messages
        ]


class _Hedged(ScriptedModel):
    """A model whose calls for notes are all asked a second time, and the second answers."""

    async def _attempt(
        self, request: calls.ChatRequest, reply: Reply, notify: calls.Notify
    ) -> calls.Completion:
        done = await super()._attempt(request, reply, notify)
        if not is_summary(request):
            return done
        notify(calls.AttemptStart(attempt=2, model=request.model, why="hedge"))
        notify(calls.AttemptCancel(attempt=1, why="the other request answered first"))
        return replace(done, attempts=2)


def test_a_request_that_was_given_up_for_another_one_is_booked_too(tmp_path: Path) -> None:
    with desk(tmp_path, _Hedged(script()), context_tokens=CONTEXT, price=PRICE) as at:
        last = talk(at, 8)
        made = summaries(at, last.conversation)[0]
        assert (made.state, made.attempts) == ("ready", 2)
        assert made.cost_microusd is None, "nobody told what the one that was given up has cost"
        sent = summary_requests(at)[0]
        most = PRICE.output * sent.max_tokens
        booked = at.store.spending.of_run(RunId(f"summaries of {last.conversation}"))
        calls_made = booked.calls // 2
        assert (booked.unknown, booked.known_microusd) == (calls_made, 300 * calls_made)
        assert booked.booked_microusd > calls_made * (300 + most)


def test_a_short_conversation_is_never_summed_up(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(script()), context_tokens=100_000) as at:
        last = talk(at, 5)
        assert summary_requests(at) == []
        assert summaries(at, last.conversation) == []
        assert [part["part"] for part in told(at, last)["parts"]] == ["system", "recent", "question"]


@pytest.mark.parametrize(
    "off",
    [
        {"settings": settings(ContextSettings(summary=False))},
        {"settings": settings(budget=BudgetSettings(usd=Decimal("0.0005"))), "price": PRICE},
        {"settings": settings(budget=BudgetSettings(tokens=700))},
    ],
)
def test_it_can_be_switched_off_and_is_held_by_the_caps(tmp_path: Path, off: dict[str, Any]) -> None:
    with desk(tmp_path, ScriptedModel(script()), context_tokens=CONTEXT, **off) as at:
        talk(at, 8, budget={"usd": 0, "tokens": 0})
        assert summary_requests(at) == []


def test_what_is_not_stored_is_not_summed_up(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(script()), context_tokens=CONTEXT) as at:
        talk(at, 8, store=False)
        assert summary_requests(at) == []


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply(text=""), "empty"),
        (Reply(text="cut", finish="length"), "cut off"),
        (Reply(text="garbage " * 4000), "what it sums up only"),
        (Reply(error="unreachable"), "The service failed."),
    ],
)
def test_a_useless_reply_is_never_used_but_booked(tmp_path: Path, reply: Reply, problem: str) -> None:
    model = ScriptedModel(script(lambda _: reply))
    with desk(tmp_path, model, context_tokens=CONTEXT, price=PRICE) as at:
        last = talk(at, 9)
        made = summaries(at, last.conversation)
        assert made
        assert all(problem in one.problem and one.version is None for one in made)
        assert made[0].cost_microusd == (0 if reply.error else 300)
        assert all(part["part"] != "summary" for part in told(at, last)["parts"])
        records = [one.request for one in made]
        if not reply.error:  # what came back useless is not asked again word for word
            assert len(records) == len(set(records))


def test_a_question_never_waits_for_it(tmp_path: Path) -> None:
    held = asyncio.Event()

    def notes(_nth: int) -> Reply:
        return Reply(text=NOTES, hold=held)

    with desk(tmp_path, ScriptedModel(script(notes)), context_tokens=CONTEXT) as at:

        async def main() -> None:
            home = None
            for number in range(10):
                wish = asking(f"question {number}? " + "rye " * 20, conversation=home, max_tokens=100)
                home = (await at.chat.ask(wish, Shown())).conversation
            assert at.chat.is_summing_up
            held.set()
            await at.chat.settle()
            assert not at.chat.is_summing_up

        run_virtual(main())


def test_a_model_with_few_places_makes_way_for_a_question(tmp_path: Path) -> None:
    held = asyncio.Event()
    model = ScriptedModel(script(lambda nth: Reply(text=NOTES, hold=held if nth == 1 else None)))
    with desk(tmp_path, model, context_tokens=CONTEXT, concurrency=1) as at:

        async def main() -> ConversationId:
            home = None
            while not summary_requests(at):
                wish = asking("question? " + "rye " * 20, conversation=home, max_tokens=100)
                home = (await at.chat.ask(wish, Shown())).conversation
                while at.chat.is_summing_up and not summary_requests(at):  # noqa: ASYNC110  a thread reads
                    await asyncio.sleep(0.01)
            wish = asking("one more? " + "rye " * 20, conversation=home, max_tokens=100)
            home = (await at.chat.ask(wish, Shown())).conversation
            await at.chat.settle()
            return home

        made = summaries(at, run_virtual(main()))
        assert made[0].problem == STOPPED
        assert made[-1].version is not None


def test_closing_gives_it_up_and_says_so(tmp_path: Path) -> None:
    held = asyncio.Event()
    with desk(tmp_path, ScriptedModel(script(lambda _: Reply(hold=held))), context_tokens=CONTEXT) as at:

        async def main() -> ConversationId:
            home = None
            while not at.chat.is_summing_up:
                wish = asking("question? " + "rye " * 20, conversation=home, max_tokens=100)
                home = (await at.chat.ask(wish, Shown())).conversation
            while not summary_requests(at):  # noqa: ASYNC110  a thread reads
                await asyncio.sleep(0.01)
            await at.chat.aclose()
            assert home is not None
            return home

        home = run_virtual(main())
        at.database.write(lambda _: None).result()  # what was handed over before is on disk
        (made,) = summaries(at, home)
        assert (made.problem, made.cost_microusd) == (STOPPED, None)


def test_another_model_is_asked_only_where_the_conversation_goes(tmp_path: Path) -> None:
    near, far = ModelRef("fake/small"), ModelRef("elsewhere/small")
    there = ProviderSettings(name="elsewhere", kind="openai", base_url="http://127.0.0.1:9/v1")
    providers = {**SETTINGS.providers, "elsewhere": there}
    for wanted, asked in ((near, near), (far, MODEL), (ModelRef("builtin/smollm2-135m"),) * 2):
        chosen = settings(ContextSettings(summary_model=wanted), providers=providers)
        folder = tmp_path / wanted.replace("/", "-")
        with desk(folder, ScriptedModel(script()), context_tokens=CONTEXT, settings=chosen) as at:
            talk(at, 8)
            assert {request.model for request in summary_requests(at)} == {asked}


def test_another_path_has_another_summary(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(script()), context_tokens=CONTEXT) as at:
        last = talk(at, 10)
        turns = at.store.conversations.path(last.conversation)
        # the second question in other words: nothing that was summed up holds on this path
        edited = run_virtual(
            _once(
                at, asking("edited?", conversation=last.conversation, instead_of=turns[1].id, max_tokens=100)
            )
        )
        again = talk(at, 1, last.conversation, first=90)
        assert all(part["part"] != "summary" for part in told(at, edited)["parts"])
        assert all(part["part"] != "summary" for part in told(at, again)["parts"])
        run_virtual(at.library.choose_turn(turns[-1].id))
        back = talk(at, 1, last.conversation, first=91)
        assert any(part["part"] == "summary" for part in told(at, back)["parts"])


def test_another_answer_makes_a_summary_of_it_useless(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(script()), context_tokens=CONTEXT) as at:
        last = talk(at, 10)
        first = at.store.conversations.path(last.conversation)[0]
        again = asking(first.question, conversation=last.conversation, again=first.id, max_tokens=100)
        run_virtual(_once(at, again))
        later = talk(at, 1, last.conversation, first=90)
        assert all(part["part"] != "summary" for part in told(at, later)["parts"])


async def _once(at: Desk, wish: Any) -> Outcome:
    outcome = await at.chat.ask(wish, Shown())
    await at.chat.settle()
    return outcome


def test_a_pinned_turn_is_always_told_of_and_an_old_one_is_found_by_its_words(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(script()), context_tokens=CONTEXT) as at:
        cat = run_virtual(_once(at, asking("My cat is called Miso, remember that.", max_tokens=100)))
        last = talk(at, 3, cat.conversation)
        path = at.store.conversations.path(cat.conversation)
        view = run_virtual(at.library.pin_turn(path[2].id))
        assert [turn.turn.pinned for turn in view.turns] == [False, False, True, False]
        talk(at, 9, cat.conversation, first=10)
        wish = asking("What is the name of my cat?", conversation=cat.conversation, max_tokens=100)
        last = run_virtual(_once(at, wish))
        parts = {part["part"]: part for part in told(at, last)["parts"]}
        assert parts["pinned"]["turns"] == [[3, 3]]
        assert [1, 1] in parts["retrieved"]["turns"]
        sent = [r for r in at.model.requests if not is_summary(r)][-1]
        assert any("Miso" in message.text for message in sent.messages[:-1])
        run_virtual(at.library.pin_turn(path[2].id, pinned=False))
        later = talk(at, 1, cat.conversation, first=30)
        assert all(part["part"] != "pinned" for part in told(at, later)["parts"])


def test_retrieval_can_be_switched_off(tmp_path: Path) -> None:
    off = settings(ContextSettings(summary=False, retrieved_turns=0))
    with desk(tmp_path, ScriptedModel(script()), context_tokens=CONTEXT, settings=off) as at:
        last = talk(at, 9)
        assert {part["part"] for part in told(at, last)["parts"]} == {"system", "recent", "question"}


def test_all_calls_of_a_run_begin_with_the_same_bytes_and_resume_holds_the_view(tmp_path: Path) -> None:
    model = ScriptedModel(script())
    with desk(tmp_path, model, context_tokens=CONTEXT) as at:
        home = talk(at, 10).conversation
        before = len(model.requests)
        shown = Shown()
        wish = asking(
            "And now?",
            strategy="best_of_n",
            alternatives=3,
            judges=1,
            conversation=home,
            max_tokens=60,
        )

        async def main() -> Outcome:
            def stop(event: ev.Event) -> None:
                shown(event)
                if isinstance(event.body, ev.NodeFinished):
                    at.chat.stop(event.run)

            stopped = await at.chat.ask(wish, stop)
            await at.chat.settle()
            (started,) = shown.bodies(ev.RunStarted)
            frozen = ContextView.from_json(at.store.log.blob(Blob(started.context)), started.question)
            assert frozen.summary is not None
            # a newer summary, another pin: neither changes what this run is told
            turn = at.store.conversations.path(home)[0].id
            await at.library.pin_turn(turn)
            done = await at.chat.resume(stopped.run, shown)
            await at.chat.settle()
            return done

        run_virtual(main())
        asked = [
            r
            for r in model.requests[before:]
            if not is_summary(r) and "<candidate id" not in r.messages[-1].text
        ]
        assert len(asked) >= 3
        assert len({r.messages[:-1] for r in asked}) == 1


def test_a_copy_takes_pins_and_summaries_along_and_pays_nothing_twice(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(script()), context_tokens=CONTEXT, price=PRICE) as at:
        last = talk(at, 10)
        run_virtual(at.library.pin_turn(at.store.conversations.path(last.conversation)[1].id))
        copy = run_virtual(at.library.duplicate(last.conversation))
        made, copied = summaries(at, last.conversation), summaries(at, copy.id)
        assert [one.text for one in copied] == [one.text for one in made]
        assert {one.cost_microusd for one in copied} == {0}
        assert [turn.pinned for turn in at.store.conversations.path(copy.id)][:3] == [False, True, False]
        later = talk(at, 1, copy.id, first=50)
        assert any(part["part"] == "summary" for part in told(at, later)["parts"])
        run_virtual(at.library.delete(copy.id))
        run_virtual(at.library.delete_for_good(copy.id))
        assert summaries(at, last.conversation) == made
