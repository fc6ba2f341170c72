"""What a person does to conversations: every verb can be undone, but the one that says it can't."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cort_desktop.domain import calls
from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId
from cort_desktop.domain.library import Conversation
from cort_desktop.domain.run import RunState
from cort_desktop.errors import UsageError
from cort_desktop.services.library import LONGEST_TITLE, LibraryService
from cort_desktop.services.outcomes import Outcome
from tests.fakes.desk import Desk, Shown, ask, asking, cort, desk, die
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, is_judge, longest_wins

SAID = {"D": "the short heron", "R1.A1": "the longest flamingo of them all", "R1.A2": "a magpie, explained"}


def script(request: calls.ChatRequest, nth: int) -> Reply:
    if is_judge(request):
        return Reply(text=longest_wins(request))
    return Reply(text=list(SAID.values())[min(nth, 3) - 1])


def titles(at: Desk) -> list[str]:
    return [each.title for each in run_virtual(at.library.conversations())]


def test_renaming(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        one = ask(at, asking("one?"))
        renamed = run_virtual(at.library.rename(one.conversation[:4], "  Birds \n of\tprey "))
        assert renamed.title == "Birds of prey"
        assert renamed == run_virtual(at.library.get(one.conversation))
        assert [hit.part for hit in run_virtual(at.library.search("prey"))] == ["title"]
        for wrong, words in (
            ("", "at least one"),
            (" \n", "at least one"),
            ("x" * 201, f"may have {LONGEST_TITLE}"),
        ):
            with pytest.raises(UsageError, match=words):
                run_virtual(at.library.rename(one.conversation, wrong))
        assert titles(at) == ["Birds of prey"]


def test_pinning_and_the_archive(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        one, two = ask(at, asking("one?")), ask(at, asking("two?"))
        assert titles(at) == ["two?", "one?"]
        assert run_virtual(at.library.pin(one.conversation)).pinned
        assert titles(at) == ["one?", "two?"]
        assert not run_virtual(at.library.pin(one.conversation, pinned=False)).pinned
        assert titles(at) == ["two?", "one?"]
        assert run_virtual(at.library.archive(two.conversation)).archived
        assert titles(at) == ["one?"]
        assert [each.title for each in run_virtual(at.library.archived())] == ["two?"]
        assert len(run_virtual(at.library.conversations(archived=True))) == 2
        assert [hit.archived for hit in run_virtual(at.library.search("two"))] == [True]
        assert not run_virtual(at.library.archive(two.conversation, archived=False)).archived
        assert titles(at) == ["two?", "one?"]


def test_the_list_can_be_read_from_its_beginning(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        for text in ("one?", "two?", "three?"):
            ask(at, asking(text))
        assert [each.title for each in run_virtual(at.library.conversations(limit=2))] == ["three?", "two?"]
        assert run_virtual(at.library.archived(limit=2)) == []


def test_the_bin(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        one, two = ask(at, asking("one?")), ask(at, asking("two?"))
        gone = [run_virtual(at.library.delete(each.conversation)) for each in (one, two)]
        assert titles(at) == []
        bin_ = run_virtual(at.library.bin())
        assert bin_ == gone[::-1]  # the latest first
        assert all(each.deleted is not None and each.deleted >= each.updated for each in bin_)
        assert run_virtual(at.library.restore(one.conversation)).deleted is None
        assert titles(at) == ["one?"]
        assert len(run_virtual(at.library.search("one"))) == 1


def test_deleting_for_good(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        one, two = ask(at, asking("one?")), ask(at, asking("two?"))
        with pytest.raises(UsageError, match="is not in the bin"):
            run_virtual(at.library.delete_for_good(one.conversation))
        for each in (one, two):
            run_virtual(at.library.delete(each.conversation))
        run_virtual(at.library.delete_for_good(one.conversation))
        with pytest.raises(UsageError):
            run_virtual(at.library.get(one.conversation))
        with pytest.raises(UsageError):
            run_virtual(at.chat.replay(one.run))
        run_virtual(at.library.restore(two.conversation))
        assert titles(at) == ["two?"]
        assert at.events(two.run)


def test_emptying_the_bin_leaves_what_is_worked_on(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        outcomes = [ask(at, asking(text)) for text in ("one?", "two?", "three?")]
        for each in outcomes[:2]:
            run_virtual(at.library.delete(each.conversation))
        with at.store.owners.claim(outcomes[0].run):
            with pytest.raises(UsageError, match="being worked on"):
                run_virtual(at.library.delete_for_good(outcomes[0].conversation))
            left = run_virtual(at.library.empty_bin())
        assert [each.id for each in left] == [outcomes[0].conversation]
        assert run_virtual(at.library.bin()) == left
        assert run_virtual(at.library.empty_bin()) == []
        assert run_virtual(at.library.bin()) == []
        assert titles(at) == ["three?"]


def test_a_run_that_works_in_this_window_is_not_deleted_under_itself(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        refused: list[str] = []

        async def main() -> None:
            begun = asyncio.Event()
            shown = Shown(lambda event: begun.set() if isinstance(event.body, ev.NodeStarted) else None)
            task = asyncio.ensure_future(at.chat.ask(cort(), shown))
            await begun.wait()
            conversation = (await at.library.conversations())[0].id
            await at.library.delete(conversation)
            for verb in (at.library.delete_for_good, at.library.duplicate):
                try:
                    await verb(conversation)
                except UsageError as error:
                    refused.append(str(error))
            outcome = await task
            assert outcome.unsaved is None

        run_virtual(main())
        assert [("being worked on" in words) for words in refused] == [True, True]


def test_a_duplicate_replays_and_is_asked_on_its_own(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(script)) as at:
        one = ask(at, cort("Which bird?", rounds=1))
        copy = run_virtual(at.library.duplicate(one.conversation))
        assert copy.title == "Copy of Which bird?"
        (turn,) = run_virtual(at.library.show(copy.id)).turns
        (run,) = turn.runs
        events = run_virtual(at.chat.replay(run.id))
        state = RunState(run.id).fold(events)
        assert state.started is not None
        assert (state.started.conversation, state.started.turn) == (copy.id, turn.turn.id)
        assert [event.type for event in events] == [event.type for event in at.events(one.run)]
        assert state.answer_node == one.state.answer_node
        for name in state.nodes:
            assert run_virtual(at.library.request(run.id, name)) == run_virtual(
                at.library.request(one.run, name)
            )
        ask(at, asking("And?", conversation=copy.id))
        assert [each.turns for each in run_virtual(at.library.conversations())] == [2, 1]
        assert run_virtual(at.library.duplicate(one.conversation, "Kopie")).title == "Kopie"


def test_a_branch_begins_at_any_finished_answer(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(script)) as at:
        one = ask(at, cort("Which bird?", rounds=1))
        ask(at, asking("later?", conversation=one.conversation))
        before = at.events(one.run)
        for node, override in (("D", True), ("R1.A1", False)):
            branch = run_virtual(at.library.branch(one.run, NodeName(node)))
            assert branch.title == "Branch of Which bird?"
            assert branch.branched_from is not None
            assert branch.branched_from.title == "Which bird?"
            (turn,) = run_virtual(at.library.show(branch.id)).turns
            events = run_virtual(at.chat.replay(turn.runs[0].id))
            assert (events[-1].type == "user.override") == override
            assert RunState(turn.runs[0].id).fold(events).answer_node == node
            assert turn.runs[0].answer == SAID[node]
            ask(at, asking("And?", conversation=branch.id))
            assert at.model.requests[-1].messages[-2].text == SAID[node]
        assert at.events(one.run) == before


def test_a_branch_needs_an_ended_run_and_a_finished_answer(tmp_path: Path) -> None:
    with desk(tmp_path, ScriptedModel(script)) as at:
        one = ask(at, cort("Which bird?", rounds=1))
        for node in ("R1.J1", "R9.A9"):
            with pytest.raises(UsageError, match=f"{node} is no finished answer"):
                run_virtual(at.library.branch(one.run, NodeName(node)))
        run = begun(at)
        with pytest.raises(UsageError, match="has not ended yet"):
            run_virtual(at.library.branch(run, NodeName("D")))
        with pytest.raises(UsageError, match="no run that begins with"):
            run_virtual(at.library.branch("zzz", NodeName("D")))
        assert len(run_virtual(at.library.conversations())) == 2


def begun(at: Desk, name: str = "r1") -> RunId:
    """A question that was stored, and nothing more."""
    at.store.conversations.start_turn(
        conversation=ConversationId(f"c-{name}"),
        turn=TurnId(f"t-{name}"),
        run=RunId(name),
        question=f"Q {name}?",
        strategy="single",
        title=f"Title {name}",
    ).result()
    return RunId(name)


def crashed(folder: Path) -> RunId:
    """What a process leaves that dies while three calls are in flight."""
    seen: list[RunId] = []
    with desk(folder / "live") as at:

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.NodeFinished) and not seen:
                seen.append(event.run)
                at.store.log.partial(event.run, NodeName("R1.A1"), "half an answer", "a thought")
                at.database.write(lambda _: None).result()
                die(folder / "live", folder / "left")

        ask(at, cort("Which bird?"), Shown(watch))
    return seen[0]


@pytest.mark.reliability(39)
def test_row_39_after_a_crash_it_is_known_what_to_go_on_with(tmp_path: Path) -> None:
    """Row 39: which run, of which question, and what was there of it already."""
    run = crashed(tmp_path)
    with desk(tmp_path / "left", ids="b") as at:
        empty = begun(at)
        binned = begun(at, "r2")
        run_virtual(at.library.delete("c-r2"))
        found = run_virtual(at.library.interrupted())
        assert [(one.run.id, one.title, one.question, one.can_go_on) for one in found] == [
            (run, "Which bird?", "Which bird?", True),
            (empty, "Title r1", "Q r1?", False),
        ]
        assert binned not in [one.run.id for one in found]
        assert run_virtual(at.library.partials(run[:4])) == {"R1.A1": ("half an answer", "a thought")}
        with at.store.owners.claim(run):
            assert [one.run.id for one in run_virtual(at.library.interrupted())] == [empty]
        with pytest.raises(UsageError):
            run_virtual(at.library.partials("zzz"))


def test_choosing_tells_what_is_shown_then(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        one = ask(at, asking("one?"))
        ask(at, asking("1?", conversation=one.conversation, instead_of=one.turn))
        view = run_virtual(at.library.choose_turn(one.turn))
        assert view == run_virtual(at.library.show(one.conversation))
        assert [turn.turn.id for turn in view.turns] == [one.turn]
        with pytest.raises(UsageError, match="no turn"):
            run_virtual(at.library.choose_turn(TurnId("nowhere")))
        with pytest.raises(UsageError, match="no run of this turn"):
            run_virtual(at.library.choose_run(one.turn, RunId("nowhere")))


Verb = Callable[[LibraryService, str], Awaitable[object]]
VERBS: list[Verb] = [
    lambda library, name: library.get(name),
    lambda library, name: library.show(name),
    lambda library, name: library.rename(name, "x"),
    lambda library, name: library.pin(name),
    lambda library, name: library.archive(name),
    lambda library, name: library.set_system(name, "x"),
    lambda library, name: library.delete(name),
    lambda library, name: library.restore(name),
    lambda library, name: library.delete_for_good(name),
    lambda library, name: library.duplicate(name),
]


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_not_there_is_said_in_words(tmp_path: Path, verb: Verb) -> None:
    with desk(tmp_path) as at:
        ask(at, asking())

        async def main() -> None:
            with pytest.raises(UsageError, match="There is no conversation that begins with 'zzz'"):
                await verb(at.library, "zzz")

        run_virtual(main())


@pytest.mark.parametrize("verb", VERBS[2:7])
def test_a_verb_returns_what_it_made(tmp_path: Path, verb: Verb) -> None:
    with desk(tmp_path) as at:
        outcome: Outcome = ask(at, asking())

        async def main() -> None:
            made = await verb(at.library, outcome.conversation)
            assert isinstance(made, Conversation)
            assert made == await at.library.get(outcome.conversation)

        run_virtual(main())
