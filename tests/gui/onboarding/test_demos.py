"""Every recording that comes along: a whole run of a strategy there is, and nothing of its machine."""

from __future__ import annotations

import getpass
import json
import re
import socket
from pathlib import Path

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.run import RunState
from cort_desktop.engine.strategies import built_in
from cort_desktop.errors import StorageError
from cort_desktop.gui.onboarding.demos import SHELF, Demo, read_demos, read_events
from cort_desktop.gui.onboarding.words import facts, replay_words
from cort_desktop.gui.rounds.replay import Schedule
from cort_desktop.telling.strategies import strategy_title
from tests.fakes.runs import snapshot
from tests.fakes.window import RESOURCES

FOLDER = RESOURCES / "demos"
DEMOS = read_demos(FOLDER)
LONGEST_S = 120
every_demo = pytest.mark.parametrize("demo", DEMOS, ids=[each.name for each in DEMOS])


def test_there_are_two_and_each_file_is_offered() -> None:
    assert len(DEMOS) >= 2
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == {name for name, _, _ in SHELF}


def test_one_is_a_contest_before_judges_and_one_a_vote() -> None:
    bodies = {each.name: {type(event.body) for event in each.events} for each in DEMOS}
    assert any(ev.Verdict in found for found in bodies.values())
    assert any(ev.Vote in found for found in bodies.values())


@every_demo
def test_it_is_a_whole_run(demo: Demo) -> None:
    state = RunState(demo.events[0].run).fold(demo.events)
    assert [event.seq for event in demo.events] == list(range(1, len(demo.events) + 1))
    assert len({event.run for event in demo.events}) == 1
    assert demo.finished.status == "complete"
    assert demo.finished.answer
    assert not state.running
    assert not demo.finished.missing
    assert state.answer_node == demo.finished.answer_node


@every_demo
def test_it_is_of_a_strategy_there_is_and_of_the_model_that_comes_along(demo: Demo) -> None:
    assert demo.started.strategy in built_in()
    assert {ref for models in demo.started.spec.lineup.values() for ref in models} == {demo.model}
    assert demo.model.startswith("builtin/")


@every_demo
def test_it_holds_known_events_only_and_no_pieces_of_text(demo: Demo) -> None:
    assert not [event.type for event in demo.events if isinstance(event.body, ev.Unknown | ev.NodeDelta)]


@every_demo
def test_it_can_be_watched_to_its_end(demo: Demo) -> None:
    """Texts come bit by bit, and it isn't so long that nobody stays."""
    schedule = Schedule(demo.events)
    assert 5 < schedule.seconds < LONGEST_S
    written = [body for event in demo.events if isinstance(body := event.body, ev.NodeFinished)]
    assert {each.node for each in schedule.reveals} == {each.node for each in written}


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_nothing_of_a_machine_is_in_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"(/home/|/root/|/tmp/|/Users/|[A-Z]:\\\\)", text)
    assert not re.search(r"\b(sk-|ghp_|xox)[A-Za-z0-9_-]{8,}", text)
    assert not re.search(r"\b\d{1,3}(\.\d{1,3}){3}\b", text)
    for name in (socket.gethostname(), getpass.getuser()):
        assert len(name) < 4 or not re.search(rf"\b{re.escape(name)}\b", text)


@every_demo
def test_what_is_said_of_it_is_read_off_its_events(demo: Demo) -> None:
    told = facts(demo)
    assert f"{demo.finished.calls} calls" in told
    assert strategy_title(demo.started.strategy) in told
    assert "smollm2-135m, the built-in model" in told
    assert str(demo.recorded.year) in told
    assert "real speed" in replay_words(demo, 1.0)
    assert "4 times as fast" in replay_words(demo, 4.0)
    assert demo.title
    assert demo.words


@every_demo
def test_the_same_file_is_the_same_run(demo: Demo) -> None:
    again = read_events(FOLDER / f"{demo.name}.jsonl")
    run = demo.events[0].run
    assert snapshot(RunState(run).fold(again)) == snapshot(RunState(run).fold(demo.events))


def test_only_some_can_be_read(tmp_path: Path) -> None:
    first = SHELF[0][0]
    (tmp_path / f"{first}.jsonl").write_bytes((FOLDER / f"{first}.jsonl").read_bytes())
    assert [each.name for each in read_demos(tmp_path, [first])] == [first]
    with pytest.raises(StorageError, match="Installing CoRT Desktop again"):
        read_demos(tmp_path)


@pytest.mark.parametrize("broken", ["", "{", "[]", "\x00", '{"type": "run.started"}'])
def test_a_broken_file_is_named(tmp_path: Path, broken: str) -> None:
    file = tmp_path / "bread.jsonl"
    file.write_text(broken, encoding="utf-8")
    with pytest.raises(StorageError, match=r"bread\.jsonl"):
        read_events(file)


def test_half_a_run_is_none(tmp_path: Path) -> None:
    lines = (FOLDER / f"{SHELF[0][0]}.jsonl").read_text(encoding="utf-8").splitlines()
    for part in (lines[:-1], lines[1:]):
        file = tmp_path / "half.jsonl"
        file.write_text("\n".join(part), encoding="utf-8")
        with pytest.raises(StorageError):
            read_events(file)
    assert json.loads(lines[0])["type"] == "run.started"
