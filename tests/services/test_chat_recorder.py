"""Record, then show: facts after their commit, in order; a disk without room takes no answer away."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.errors import StorageError
from cort_desktop.services.outcomes import Outcome
from cort_desktop.services.recorder import LIVE, Recorder
from tests.fakes.desk import Desk, Shown, ask, cort, desk, resume, slow_disk
from tests.fakes.faulty_disk import FullDisk, plugged_in
from tests.fakes.library import DRAFT, RUN, event, node_finished, node_started, run_finished, started
from tests.fakes.loops import run, run_virtual
from tests.fakes.models import good_model


def begun(at: Desk) -> None:
    at.store.conversations.start_turn(
        conversation="c",  # type: ignore[arg-type]
        turn="t",  # type: ignore[arg-type]
        run=RUN,
        question="Why?",
        strategy="single",
    ).result()


def delta(text: str) -> ev.Event:
    return ev.Event(run=RUN, seq=None, at=event(1, started()).at, body=ev.NodeDelta(node=DRAFT, text=text))


def test_facts_are_shown_after_their_commit_and_everything_in_order(tmp_path: Path) -> None:
    shown = Shown()
    with desk(tmp_path) as at:
        begun(at)

        async def main() -> None:
            recorder = Recorder(at.store.log, shown)
            with slow_disk(at):
                recorder([event(1, started())], {})
                recorder([event(2, node_started())], {})
                await asyncio.sleep(0.02)
                assert list(shown) == []  # what came after waits too, or order would be lost
            await recorder.flush()
            assert [each.seq for each in shown] == [1, 2]
            with slow_disk(at):
                recorder([delta("half")], {})
                recorder([event(3, ev.NodeStalled(node=DRAFT, idle_seconds=1.0))], {})
                assert [each.seq for each in shown] == [1, 2, None, 3]  # at once: nobody relies on them
                recorder([event(4, node_finished())], {})
                recorder([event(5, run_finished())], {})
                await asyncio.sleep(0.02)
                assert len(shown) == 4
            await recorder.flush()
            assert [each.seq for each in shown] == [1, 2, None, 3, 4, 5]
            assert recorder.unsaved is None

        run(main())
        assert at.events(RUN) == shown.stored


def test_at_the_moment_a_fact_is_shown_it_is_on_disk(tmp_path: Path) -> None:
    with desk(tmp_path, patient=False) as at:
        late: list[int] = []

        def watch(each: ev.Event) -> None:
            fact = each.seq is not None and not isinstance(each.body, LIVE)
            if fact and each not in at.events(each.run):
                late.append(each.seq or 0)

        shown = Shown(watch)
        outcome = ask(at, cort(), shown)
        assert late == []
        assert shown.stored == at.events(outcome.run)


def test_a_verdict_is_saved_with_the_reply_it_was_read_from(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        outcome = ask(at, cort())
        stored = at.events(outcome.run)
        for before, after in itertools.pairwise(stored):
            if isinstance(after.body, ev.Verdict):
                assert isinstance(before.body, ev.NodeFinished)
                assert before.body.node == after.body.node
                assert before.at == after.at


def test_streamed_text_is_kept_until_its_call_ends(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        begun(at)

        async def main() -> None:
            recorder = Recorder(at.store.log, Shown())
            recorder([event(1, started())], {})
            recorder([event(2, node_started())], {})
            recorder([delta("half a ")], {})
            recorder([delta("sentence")], {})
            recorder([event(3, ev.NodeStalled(node=DRAFT, idle_seconds=1.0))], {})
            await recorder.flush()
            assert at.store.log.partials(RUN) == {DRAFT: ("half a sentence", "")}
            recorder([event(4, node_finished())], {})
            await recorder.flush()
            assert at.store.log.partials(RUN) == {}

        run(main())


def test_a_fresh_attempt_replaces_the_text_of_a_broken_one(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        begun(at)

        async def main() -> None:
            recorder = Recorder(at.store.log, Shown())
            recorder([event(1, started())], {})
            recorder([event(2, node_started())], {})
            recorder([delta("broken")], {})
            again = ev.AttemptStarted(node=DRAFT, attempt=2, model="fake/model", why="again")  # type: ignore[arg-type]
            recorder([event(3, again)], {})
            recorder([delta("whole")], {})
            recorder([event(4, ev.NodeStalled(node=DRAFT, idle_seconds=1.0))], {})
            await recorder.flush()
            assert at.store.log.partials(RUN) == {DRAFT: ("whole", "")}

        run(main())


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # how apsw tells of a Python disk
@pytest.mark.reliability(41)
def test_row_41_a_full_disk_takes_no_answer_away(tmp_path: Path) -> None:
    """Row 41: no room from the n-th write on, for all n: either nothing was sent, or the answer comes."""
    seen: set[str] = set()
    for fail_at in itertools.count(1, 9):
        disk = FullDisk(f"chat-full-{fail_at}", fail_at)
        with plugged_in(disk):
            seen.add(asked_on(tmp_path / f"{fail_at}", disk))
        if not disk.failed:
            break
    assert seen == {"refused", "unsaved", "saved"}


def asked_on(folder: Path, disk: FullDisk) -> str:
    """Ask on a disk that fills up; what came of it."""
    shown = Shown()
    model = good_model()
    said: list[StorageError] = []
    with closing_may_fail(said), desk(folder, model, vfs=disk.name) as at, closing_may_fail(said):
        outcome = ask(at, cort(), shown)
        check_answered(outcome, shown)
        if outcome.unsaved is None:
            assert shown.stored == at.events(outcome.run)
            return "saved"
        said.append(outcome.unsaved)
    assert said
    assert all("disk is full" in str(error) for error in said)
    if not shown:
        assert model.requests == []
        return "refused"
    return "unsaved"


@contextmanager
def closing_may_fail(said: list[StorageError]) -> Iterator[None]:
    """Keep what a disk without room is told of."""
    try:
        yield
    except StorageError as error:
        said.append(error)


def check_answered(outcome: Outcome, shown: Shown) -> None:
    end = outcome.state.finished
    assert end is not None
    assert end.answer
    assert [each.seq for each in shown.stored] == list(range(1, len(shown.stored) + 1))
    assert shown.stored[-1].body == end


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.reliability(41)
def test_row_41_room_in_time_saves_everything(tmp_path: Path) -> None:
    """Row 41: the disk is full while the run works and has room again before it ends: nothing is missing."""
    disk = FullDisk("chat-heals", 0)
    disk.heal()
    with plugged_in(disk), desk(tmp_path, vfs=disk.name) as at:

        def on_event(each: ev.Event) -> None:
            if isinstance(each.body, ev.NodeStarted) and each.body.node == "R1.A1":
                disk._fail_at = 0
            if isinstance(each.body, ev.NodeStarted) and each.body.node == "R2.A1":
                disk.heal()

        shown = Shown(on_event)
        outcome = ask(at, cort(), shown)
        assert disk.failed
        assert outcome.unsaved is None
        assert at.events(outcome.run) == shown.stored


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.reliability(41)
def test_row_41_what_was_saved_of_an_unsaved_run_can_be_gone_on_with(tmp_path: Path) -> None:
    """Row 41: after a disk that stayed full, the part of the run that is on disk is sound and resumable."""
    disk = FullDisk("chat-stays-full", 0)
    disk.heal()
    ids: list[RunId] = []

    def on_event(each: ev.Event) -> None:
        ids[:] = [each.run]
        if isinstance(each.body, ev.NodeFinished) and each.body.node == "D":
            disk._fail_at = 0

    said: list[StorageError] = []
    with plugged_in(disk), closing_may_fail(said), desk(tmp_path, vfs=disk.name) as at:
        outcome = ask(at, cort(), Shown(on_event))
        assert outcome.unsaved is not None
    assert "disk is full" in str(said[0])
    with desk(tmp_path, ids="b") as at:
        before, shown = at.events(ids[0]), Shown()
        assert NodeName("D") in at.state(ids[0]).nodes
        resume(at, ids[0], shown)
        assert "D" not in shown.asked()
        assert at.events(ids[0]) == [*before, *shown.stored]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.reliability(41)
def test_row_41_what_could_not_be_saved_is_saved_before_a_run_is_gone_on_with(tmp_path: Path) -> None:
    """Row 41: the run ends unsaved, then there is room again: what it did is neither lost nor done twice."""
    disk = FullDisk("chat-room-again", 0)
    disk.heal()

    def on_event(each: ev.Event) -> None:
        if isinstance(each.body, ev.NodeFinished) and each.body.node == "D":
            disk._fail_at = 0

    shown, model = Shown(on_event), good_model()
    with plugged_in(disk), desk(tmp_path, model, vfs=disk.name) as at:
        outcome = ask(at, cort(), shown)
        assert outcome.unsaved is not None
        asked = len(model.requests)
        with pytest.raises(StorageError, match="disk is full"):
            resume(at, outcome.run)  # nothing is asked that could not be kept
        disk.heal()
        again = resume(at, outcome.run)
        assert len(model.requests) == asked
        assert again.state.answer == outcome.state.answer
        assert at.events(outcome.run) == shown.stored


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.reliability(41)
def test_row_41_a_choice_that_could_not_be_saved_can_be_made_again(tmp_path: Path) -> None:
    """Row 41: who was told that a word was not saved says it once more, and it stands in the log once."""
    disk = FullDisk("chat-choice", 0)
    disk.heal()
    with plugged_in(disk), desk(tmp_path, vfs=disk.name) as at:
        outcome = ask(at, cort())
        before = at.events(outcome.run)
        disk._fail_at = 0
        for _ in range(2):
            with pytest.raises(StorageError, match="disk is full"):
                run_virtual(at.chat.override(outcome.run, NodeName("R1.A1")))
        disk.heal()
        (word,) = run_virtual(at.chat.override(outcome.run, NodeName("R1.A1")))
        assert at.events(outcome.run) == [*before, word]
        assert resume(at, outcome.run).state.answer_node == "R1.A1"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.reliability(41)
def test_row_41_a_question_that_was_refused_for_want_of_room_does_not_come_back(tmp_path: Path) -> None:
    """Row 41: who was told that the question was not stored asks again, and finds it once."""
    disk = FullDisk("chat-refused", 0)
    disk.heal()
    with plugged_in(disk), desk(tmp_path, vfs=disk.name) as at:
        disk._fail_at = 0
        with pytest.raises(StorageError, match="disk is full"):
            ask(at, cort())
        disk.heal()
        asked = ask(at, cort())
    with desk(tmp_path, ids="b") as later:
        assert [each.id for each in later.store.conversations.list()] == [asked.conversation]
        assert later.store.conversations.interrupted() == []


def test_without_a_log_everything_is_shown_at_once(tmp_path: Path) -> None:
    shown = Shown()

    async def main() -> None:
        recorder = Recorder(None, shown)
        recorder([event(1, started()), delta("x")], {})
        assert len(shown) == 2
        await recorder.flush()
        assert recorder.unsaved is None

    run(main())


def test_showing_may_stop_the_run(tmp_path: Path) -> None:
    """A front end may answer an event with a word to the run, in the middle of being shown it."""
    with desk(tmp_path) as at:
        kinds: list[Callable[[ev.Event], bool]] = [
            lambda each: isinstance(each.body, ev.RunStarted),
            lambda each: isinstance(each.body, ev.NodeDelta),
            lambda each: isinstance(each.body, ev.RoundFinished),
        ]
        for number, is_it in enumerate(kinds):

            def watch(each: ev.Event, is_it: Callable[[ev.Event], bool] = is_it) -> None:
                if is_it(each):
                    at.chat.stop(each.run)

            shown = Shown(watch)
            outcome = run_virtual(at.chat.ask(cort(f"{number}?"), shown))
            assert outcome.state.stopped
            assert at.events(outcome.run) == shown.stored
