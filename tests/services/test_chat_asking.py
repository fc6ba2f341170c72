"""Asking through the service, on a real database file."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import pytest

from cort_desktop.domain import calls
from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ConversationId, NodeName, TurnId
from cort_desktop.domain.settings import ContextSettings, Defaults
from cort_desktop.errors import UsageError
from cort_desktop.services.beginnings import title_of
from cort_desktop.services.chat import ChatService
from cort_desktop.services.store import Store
from cort_desktop.storage.conversations import Conversations
from tests.fakes.desk import QUESTION, SETTINGS, Desk, Shown, ask, asking, cort, desk, resume, slow_disk
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel


def echo(request: calls.ChatRequest, nth: int) -> Reply:
    return Reply(text=f"answer {nth}")


def said(request: calls.ChatRequest) -> list[tuple[str, str]]:
    """The messages after the system text."""
    return [(message.role, message.text) for message in request.messages if message.role != "system"]


@pytest.mark.reliability(1)
def test_row_1_the_question_is_stored_before_anything_is_sent(tmp_path: Path) -> None:
    """Row 1: the prompt is stored before the first request leaves."""
    seen: list[object] = []

    def script(request: calls.ChatRequest, nth: int) -> Reply:
        with apsw.Connection(str(tmp_path / "cort.db"), flags=apsw.SQLITE_OPEN_READONLY) as connection:
            seen.append(connection.execute("SELECT question FROM turns").get)
            seen.append(connection.execute("SELECT status FROM runs").fetchall())
        return Reply(error="unreachable")

    with desk(tmp_path, ScriptedModel(script)) as at:
        outcome = ask(at, asking())
        assert seen == [QUESTION, [(None,)]]
        assert outcome.state.finished is not None
        assert outcome.state.finished.status == "failed"
        assert at.store.conversations.path(outcome.conversation)[0].question == QUESTION
        assert at.store.conversations.run(outcome.run).status == "failed"


def test_an_answer_comes_back_and_is_kept(tmp_path: Path) -> None:
    shown = Shown()
    with desk(tmp_path) as at:
        outcome = ask(at, cort(), shown)
        assert outcome.unsaved is None
        row = at.store.conversations.run(outcome.run)
        end = outcome.state.finished
        assert end is not None
        assert (row.status, row.answer, row.answer_node) == ("complete", end.answer, end.answer_node)
        assert shown.stored == at.events(outcome.run)
        assert [event.seq for event in shown.stored] == list(range(1, len(shown.stored) + 1))
        assert run_virtual(at.chat.replay(outcome.run)) == shown.stored
        assert (row.strategy, row.turn, row.conversation) == ("cort", outcome.turn, outcome.conversation)
        listed = run_virtual(at.library.conversations())
        assert [(each.id, each.title, each.turns) for each in listed] == [(outcome.conversation, QUESTION, 1)]


def test_earlier_turns_go_along_with_a_further_question(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(echo)) as at:
        first = ask(at, asking("one?", system="Be brief."))
        second = ask(at, asking("two?", conversation=first.conversation))
        third = ask(at, asking("three?", conversation=first.conversation))
        assert second.conversation == first.conversation
        assert said(at.model.requests[2]) == [
            ("user", "one?"),
            ("assistant", "answer 1"),
            ("user", "two?"),
            ("assistant", "answer 2"),
            ("user", "three?"),
        ]
        assert at.model.requests[2].messages[0].text == "Be brief."
        record = json.loads(run_virtual(at.library.request(third.run, NodeName("D"))))
        assert (record["context"]["messages_sent"], record["context"]["messages_left_out"]) == (4, 0)
        assert [m["content"] for m in record["messages"]] == [m.text for m in at.model.requests[2].messages]
        view = run_virtual(at.library.show(first.conversation[:5]))
        assert [turn.turn.question for turn in view.turns] == ["one?", "two?", "three?"]


def test_what_does_not_fit_is_left_out_oldest_first_and_said_so(tmp_path: Path) -> None:
    settings = replace(SETTINGS, context=ContextSettings(summary=False))
    with desk(tmp_path, ScriptedModel(echo), context_tokens=260, settings=settings) as at:
        first = ask(at, asking("one? " + "word " * 100, max_tokens=60))
        ask(at, asking("two?", max_tokens=60, conversation=first.conversation))
        last = ask(at, asking("three? " + "word " * 40, max_tokens=60, conversation=first.conversation))
        messages = said(at.model.requests[2])
        assert [text.split("?")[0].split()[-1] for role, text in messages if role == "user"] == [
            "two",
            "three",
        ]
        assert messages[-1][1].count("word") == 40
        record = json.loads(run_virtual(at.library.request(last.run, NodeName("D"))))
        assert (record["context"]["messages_sent"], record["context"]["messages_left_out"]) == (2, 2)
        assert record["context"]["left_out"] == [{"why": "no_room", "turns": [[1, 1]]}]


def test_a_question_that_can_not_fit_fails_in_plain_words_and_is_kept(tmp_path: Path) -> None:
    with desk(tmp_path, context_tokens=100) as at:
        outcome = ask(at, asking("word " * 400))
        assert at.model.requests == []
        node = outcome.state.nodes[NodeName("D")]
        assert node.error is not None
        assert node.error.kind == "context_too_long"
        assert "shorten the question" in node.error.message
        assert at.store.conversations.run(outcome.run).status == "failed"


def test_again_makes_a_sibling_run_which_counts_from_then_on(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(echo)) as at:
        first = ask(at, asking("one?"))
        two = ask(at, asking("two?", conversation=first.conversation))
        sibling = ask(at, asking("two?", conversation=first.conversation, again=two.turn))
        assert (sibling.turn, sibling.conversation) == (two.turn, two.conversation)
        assert sibling.run != two.run
        assert said(at.model.requests[2]) == said(at.model.requests[1])
        turn = at.store.conversations.path(first.conversation)[1]
        assert (turn.runs, turn.active) == ((two.run, sibling.run), sibling.run)
        ask(at, asking("three?", conversation=first.conversation))
        assert ("assistant", "answer 3") in said(at.model.requests[3])
        assert ("assistant", "answer 2") not in said(at.model.requests[3])
        run_virtual(_chosen(at, turn.id, two.run))
        ask(at, asking("four?", conversation=first.conversation))
        assert ("assistant", "answer 2") in said(at.model.requests[4])


async def _chosen(at: Desk, turn: TurnId, run: str) -> None:
    found = at.store.conversations.find(run)
    await asyncio.wrap_future(at.store.conversations.set_active(turn, found))


def test_a_turn_that_is_not_in_the_conversation_can_not_be_asked_again(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        outcome = ask(at, asking())
        with pytest.raises(UsageError, match="nowhere"):
            ask(at, asking(conversation=outcome.conversation, again=TurnId("nowhere")))
        assert len(at.model.requests) == 1
        assert len(at.store.conversations.turns(outcome.conversation)) == 1


def test_a_turn_without_an_answer_is_only_its_question_to_the_next(tmp_path: Path) -> None:
    def script(request: calls.ChatRequest, nth: int) -> Reply:
        return Reply(error="unavailable") if nth == 1 else echo(request, nth)

    with desk(tmp_path, ScriptedModel(script)) as at:
        first = ask(at, asking("one?"))
        ask(at, asking("two?", conversation=first.conversation))
        assert said(at.model.requests[1]) == [("user", "one?"), ("user", "two?")]


def test_files_go_along_and_are_kept_with_the_run(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("the notes: äöü", encoding="utf-8")
    with desk(tmp_path / "data") as at:
        outcome = ask(at, asking(files=(file,)))
        assert 'name="notes.txt"' in at.model.requests[0].messages[-1].text
        assert "the notes: äöü" in at.model.requests[0].messages[-1].text
        started = outcome.state.started
        assert started is not None
        assert started.attachments[0].name == "notes.txt"
        assert at.store.log.blob(started.attachments[0].blob) == "the notes: äöü"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\0\1", "no text file"), (b"\xff\xfe\xfd", "not UTF-8"), (None, "can't be read")],
)
def test_a_file_that_can_not_go_along_is_refused_before_anything(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    file = tmp_path / "notes.bin"
    if content is not None:
        file.write_bytes(content)
    with desk(tmp_path / "data") as at:
        with pytest.raises(UsageError, match=words):
            ask(at, asking(files=(file,)))
        assert at.model.requests == []
        assert at.store.conversations.list() == []


def test_what_is_no_file_can_not_go_along(tmp_path: Path) -> None:
    """A pipe without a writer or an endless device would hold the program up for ever."""
    os.mkfifo(tmp_path / "pipe")
    with desk(tmp_path / "data") as at:
        for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
            with pytest.raises(UsageError, match=f"{path} is no file"):
                ask(at, asking(files=(path,)))
        assert at.model.requests == []


def test_half_characters_are_repaired_before_anything_is_done_with_them(tmp_path: Path) -> None:
    """Bytes of a command line that are no text arrive as lone surrogates, which nothing can store or send."""
    file = tmp_path / "a\udcff.txt"
    file.write_text("notes", encoding="utf-8")
    with desk(tmp_path / "data") as at:
        outcome = ask(at, asking("Why \udcff?", system="Be \udc80 brief.", files=(file,)))
        assert outcome.state.question == "Why \ufffd?"
        assert at.model.requests[0].messages[0].text == "Be \ufffd brief."
        assert 'name="a\ufffd.txt"' in at.model.requests[0].messages[-1].text
        assert at.store.conversations.list()[0].title == "Why \ufffd?"


def test_no_store_stores_nothing_and_opens_nothing(tmp_path: Path) -> None:
    with desk(tmp_path / "data") as at:
        chat = ChatService(
            at.chat._engine,
            _closed,
            lambda: SETTINGS,
            at.chat._verifiers,
            new_id=lambda: "x",
            new_seed=lambda: 1,
        )
        shown = Shown()
        outcome = run_virtual(chat.ask(cort(store=False), shown))
        assert outcome.unsaved is None
        assert outcome.state.finished is not None
        assert outcome.state.finished.answer
        assert shown.stored
        assert shown.bodies(ev.NodeDelta)
        assert at.store.conversations.list() == []


def _closed() -> Store:
    raise AssertionError("nothing is to be stored, so nothing may be opened")


def test_an_unstored_question_still_knows_its_conversation(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(echo)) as at:
        first = ask(at, asking("one?"))
        ask(at, asking("two?", conversation=first.conversation, store=False))
        assert said(at.model.requests[1]) == [("user", "one?"), ("assistant", "answer 1"), ("user", "two?")]
        assert len(at.store.conversations.turns(first.conversation)) == 1


def test_stop_keeps_the_best_so_far(tmp_path: Path) -> None:
    with desk(tmp_path) as at:

        def stop(event: ev.Event) -> None:
            if isinstance(event.body, ev.NodeFinished):
                at.chat.stop(event.run)

        shown = Shown(stop)
        outcome = ask(at, cort(), shown)
        end = outcome.state.finished
        assert end is not None
        assert (end.status, end.reason.rule, end.answer_node) == ("stopped", "stopped", "D")
        assert at.store.conversations.run(outcome.run).answer == end.answer
        assert shown.stored == at.events(outcome.run)
        at.chat.stop(outcome.run)  # nothing works any more: nothing happens
        assert at.events(outcome.run) == shown.stored


def test_cancelling_is_a_stop_that_is_saved(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        shown = Shown()

        async def main() -> None:
            reached = asyncio.Event()
            shown.watch = lambda event: reached.set() if _first_content(event, "R1.A2") else None
            task = asyncio.ensure_future(at.chat.ask(cort(), shown))
            await reached.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        run_virtual(main())
        assert at.model.running == 0
        (row,) = at.store.conversations.runs(_only_turn(at))
        state = at.state(row.id)
        assert (row.status, row.answer_node) == ("stopped", "D")
        assert state.stopped
        assert state.running == {}
        assert shown.stored == at.events(row.id)
        cut = [node.text for node in state.nodes.values() if node.cancelled_by == "person"]
        assert len(cut) == 2
        assert all(cut)


def _first_content(event: ev.Event, node: str) -> bool:
    return isinstance(event.body, ev.AttemptFirstContent) and event.body.node == node


def test_cancelling_before_anything_was_sent_keeps_the_question(tmp_path: Path) -> None:
    with desk(tmp_path) as at:

        async def main() -> None:
            handed_over = asyncio.Event()

            class Telling(Conversations):
                def start_turn(self, **what: Any) -> Any:
                    handed_over.set()
                    return super().start_turn(**what)

            at.store._loaded().conversations = Telling(at.database)
            with slow_disk(at):
                task = asyncio.ensure_future(at.chat.ask(cort(), Shown()))
                await handed_over.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

        run_virtual(main())
        assert at.model.requests == []
        assert at.store.conversations.list()[0].title == QUESTION
        (turn,) = at.store.conversations.path(at.store.conversations.list()[0].id)
        run = turn.runs[0]
        assert [event.type for event in at.events(run)] == ["run.started", "user.stopped", "run.finished"]
        assert at.store.conversations.interrupted() == []
        assert at.chat.working() == ()
        assert resume(at, run).state.answer is not None


def _only_turn(at: Desk) -> TurnId:
    (conversation,) = at.store.conversations.list()
    (turn,) = at.store.conversations.turns(conversation.id)
    return turn.id


@pytest.mark.parametrize("question", ["", "  \n\t "])
def test_an_empty_question_is_refused(tmp_path: Path, question: str) -> None:
    with desk(tmp_path) as at:
        with pytest.raises(UsageError, match="empty"):
            ask(at, asking(question))
        assert at.store.conversations.list() == []


def test_an_unknown_conversation_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        with pytest.raises(UsageError, match=r"no conversation .*zzz"):
            ask(at, asking(conversation=ConversationId("zzz")))
        assert at.model.requests == []


def test_two_questions_at_once_are_two_runs(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        shown = Shown()

        async def main() -> None:
            await asyncio.gather(at.chat.ask(cort("one?"), shown), at.chat.ask(cort("two?"), shown))

        run_virtual(main())
        rows = [at.store.conversations.run(run) for run in {event.run for event in shown}]
        assert [row.status for row in rows] == ["complete", "complete"]
        for row in rows:
            assert [event for event in shown.stored if event.run == row.id] == at.events(row.id)


def test_what_is_offered(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        assert {info.name for info in at.chat.strategies()} >= {
            "single",
            "best_of_n",
            "cort",
            "self_consistency",
        }
        assert all(info.summary for info in at.chat.strategies())
        offered = ["quick", "balanced", "deep", "max", "council", "classic"]
        assert [preset.name for preset in at.chat.presets()] == offered


def test_the_estimate_and_the_spec_are_frozen_with_the_run(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        outcome = ask(at, cort(seed=3, temperature=0.2, max_tokens=99))
        started = outcome.state.started
        assert started is not None
        assert (started.spec.seed, started.spec.max_tokens) == (3, 99)
        assert started.spec.temperature == {"proposer": 0.2}
        assert started.estimate.calls_low <= len(at.model.requests) <= started.estimate.calls_high
        proposers = [request for request in at.model.requests if request.max_tokens == 99]
        assert {request.temperature for request in proposers} == {0.2}


def test_the_settings_system_text_holds_unless_one_is_said(tmp_path: Path) -> None:
    settings = SETTINGS.__class__(
        defaults=Defaults(model=SETTINGS.defaults.model, system="In rhyme."), providers=SETTINGS.providers
    )
    with desk(tmp_path, settings=settings) as at:
        ask(at, asking())
        ask(at, asking(system="In prose."))
        assert [request.messages[0].text for request in at.model.requests] == ["In rhyme.", "In prose."]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Why?", "Why?"),
        ("a\n\tb   c", "a b c"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        ("ab " * 40, ("ab " * 40)[:59].rstrip() + "…"),
    ],
)
def test_titles(question: str, title: str) -> None:
    assert title_of(question) == title
