"""Conversations out of one library into another: what was cut short goes on there, and who stops half-way
leaves nothing.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import Blob, ConversationId, RunId, TurnId
from cort_desktop.errors import UsageError
from cort_desktop.services.exchange import ExchangeService
from cort_desktop.telling.exporting import RENDERS
from tests.fakes.desk import Desk, Shown, ask, asking, cort, desk, resume
from tests.fakes.loops import run_virtual
from tests.services.test_chat_resume import check_resumed, crashed_at


def exchange(at: Desk, ids: str = "in") -> ExchangeService:
    numbers = itertools.count()
    return ExchangeService(lambda: at.store, new_id=lambda: f"{ids}{next(numbers):04d}", program="0.1.0")


def run_now(at: Desk, conversation: ConversationId) -> RunId:
    (turn,) = at.store.conversations.path(conversation)
    assert turn.active is not None
    return turn.active


def test_what_was_cut_short_goes_on_where_it_was_taken_to(tmp_path: Path) -> None:
    """At several places of a run: nothing that was answered is asked again, and the end is the same."""
    for number, place in enumerate((3, 6, 12)):
        folder = tmp_path / str(number)
        folder.mkdir()
        run, _ = crashed_at(folder, cort(), place)
        with desk(folder / "left", ids="b") as at:
            before = at.events(run)
            view = run_virtual(at.library.show(at.store.conversations.run(run).conversation))
            run_virtual(exchange(at).export([view.conversation.id], folder / "it.cort"))
        with desk(folder / "there", ids="c") as at:
            (made,) = run_virtual(exchange(at).import_file(folder / "it.cort"))
            (one,) = run_virtual(at.library.interrupted())
            assert one.can_go_on
            copy = run_now(at, made.id)
            assert copy == one.run.id
            kept, shown = at.events(copy), Shown()
            assert [replace(each, run=run) for each in kept[1:]] == before[1:]
            resume(at, copy, shown)
            check_resumed(at, copy, kept, shown)
            there = at.state(copy).answer
        with desk(folder / "left", ids="d") as at:
            resume(at, run)
            assert at.state(run).answer == there


def test_a_finished_run_is_replayed_and_gone_on_with(tmp_path: Path) -> None:
    with desk(tmp_path / "here") as at:
        first = ask(at, cort())
        file = tmp_path / "it.cort"
        told = run_virtual(exchange(at).export([first.conversation[:3]], file))
        assert [each.id for each in told] == [first.conversation]
        events = run_virtual(at.chat.replay(first.run))
    with desk(tmp_path / "there", ids="b") as at:
        (made,) = run_virtual(exchange(at).import_file(file))
        copy = run_now(at, made.id)
        replayed = run_virtual(at.chat.replay(copy))
        started = replayed[0].body
        assert isinstance(started, ev.RunStarted)
        assert (started.conversation, replayed[0].run) == (made.id, copy)
        assert [(each.seq, each.at, each.body) for each in replayed[1:]] == [
            (each.seq, each.at, each.body) for each in events[1:]
        ]
        second = ask(at, asking("And at night?", conversation=made.id))
        assert second.conversation == made.id
        assert run_virtual(at.library.get(made.id)).turns == 2
        assert "Why is the sky blue?" in at.store.log.blob(_request(at, second.run))


def _request(at: Desk, run: RunId) -> Blob:
    (started, *_) = [each.body for each in at.events(run) if isinstance(each.body, ev.NodeStarted)]
    assert started.request is not None
    return started.request


def test_a_file_that_is_there_stays_and_a_run_at_work_is_refused(tmp_path: Path) -> None:
    with desk(tmp_path / "here") as at:
        done = ask(at, asking())
        service, file = exchange(at), tmp_path / "it.md"
        file.write_text("mine")
        with pytest.raises(UsageError, match="is there already"):
            run_virtual(service.export([done.conversation], file))
        assert file.read_text() == "mine"
        at.store.conversations.start_turn(
            conversation=done.conversation,
            turn=TurnId("later"),
            run=RunId("going"),
            question="And?",
            strategy="single",
            parent=at.store.conversations.leaf(done.conversation),
        ).result()
        for render in RENDERS.values():
            with at.store.owners.claim(RunId("going")), pytest.raises(UsageError, match="can't be exported"):
                run_virtual(service.packed([done.conversation], render=render))
            run_virtual(service.packed([done.conversation], render=render))
        with pytest.raises(UsageError, match="no conversation to export"):
            run_virtual(service.packed([]))
        with pytest.raises(UsageError, match="nobody"):
            run_virtual(service.export(["nobody"], tmp_path / "new.cort"))
        assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "it.md"]


def test_the_same_conversation_twice_is_exported_once(tmp_path: Path) -> None:
    with desk(tmp_path / "here") as at:
        done = ask(at, asking())
        names = [done.conversation, done.conversation[:3]]
        told = json.loads(run_virtual(exchange(at).packed(names, render=RENDERS["json"])))
        assert told["id"] == done.conversation


def test_who_is_stopped_half_way_leaves_nothing(tmp_path: Path) -> None:
    with desk(tmp_path / "here") as at:
        names = [ask(at, asking(f"Question {number}?")).conversation for number in range(4)]

        async def stop_at_the_second() -> list[int]:
            seen: list[int] = []
            task = asyncio.ensure_future(
                exchange(at).export(names, tmp_path / "it.cort", tell=lambda done, _: seen.append(done))
            )
            while not seen:  # noqa: ASYNC110 - it waits for a thread
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return seen

        seen = asyncio.run(stop_at_the_second())
        assert seen[0] == 1
        left = {path.name for path in tmp_path.iterdir()}
        # It may have been quicker than the word to stop: then the file is whole.
        assert left in ({"here"}, {"here", "it.cort"})
        if "it.cort" in left:
            assert len(run_virtual(exchange(at).import_file(tmp_path / "it.cort"))) == 4


def test_work_that_is_cancelled_ends_at_its_next_word(tmp_path: Path) -> None:
    """The same without a race: the work waits for the word to stop."""
    with desk(tmp_path / "here") as at:
        done = ask(at, asking())
        service = exchange(at)

        async def stop() -> None:
            task = asyncio.current_task()
            assert task is not None
            loop = asyncio.get_running_loop()
            write = at.store.conversations.find_conversation

            def find(beginning: str) -> ConversationId:
                asyncio.run_coroutine_threadsafe(_cancel(task), loop).result()
                return write(beginning)

            at.store.conversations.find_conversation = find  # type: ignore[method-assign]
            await service.export([done.conversation], tmp_path / "it.cort")

        with pytest.raises(asyncio.CancelledError):
            asyncio.run(stop())
        assert [path.name for path in tmp_path.iterdir()] == ["here"]


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.sleep(0)


def test_readable_forms(tmp_path: Path) -> None:
    with desk(tmp_path / "here") as at:
        first = ask(at, cort("What is *2* + 2?\n\nBriefly.", system="Be <brief>."))
        ask(at, asking("And $3$?", conversation=first.conversation))
        ask(at, asking("Again?", conversation=first.conversation))
        text = run_virtual(exchange(at).packed([first.conversation], render=RENDERS["markdown"])).decode()
        assert text.startswith("# What is \\*2\\* + 2?")
        assert "> What is *2* + 2?\n>\n> Briefly.\n" in text
        assert "## Question 3" in text
        assert f"\n\n{at.state(first.run).answer}\n\n" in text
        assert " · 7 calls · " in text
        assert f"{at.state(first.run).answer_node} won" in text
        data = run_virtual(exchange(at).packed([first.conversation], render=RENDERS["json"]))
        told = json.loads(data)
        assert [len(turn["runs"][0]["events"]) for turn in told["path"]] == [
            len(at.events(RunId(turn["runs"][0]["id"]))) for turn in told["path"]
        ]
        assert told["path"][0]["runs"][0]["events"][0]["type"] == "run.started"
