"""The built-in model for real: what every strategy writes, and what becomes of a run whose model dies."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain import wire
from cort_desktop.domain.ids import RunId
from cort_desktop.domain.run import RunState
from tests.e2e.programs import TOP, Home
from tests.fakes.builtin import KNOWN, NAME
from tests.fakes.contract import check_stream
from tests.fakes.runs import snapshot

pytestmark = pytest.mark.builtin
SMALL = ("--max-tokens", "48", "--seed", "3", "--events")
STRATEGIES = {
    "single": ("--strategy", "single"),
    "best_of_n": ("--strategy", "best_of_n", "--alternatives", "2", "--judges", "1"),
    "self_consistency": ("--strategy", "self_consistency", "--alternatives", "4"),
}


def state_of(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Everything in the fold of printed events."""
    return snapshot(RunState(RunId(lines[0]["run"])).fold(map(wire.event_from_json, lines)))


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(options, id=name, marks=() if name == "single" else pytest.mark.endurance)
        for name, options in STRATEGIES.items()
    ],
)
def test_a_strategy_with_a_real_model_keeps_the_contract(home: Home, options: tuple[str, ...]) -> None:
    live = home.run("ask", "What is 7 + 5?", *options, *SMALL).check(0)
    check_stream(live.events)
    end = live.events[-1]
    assert end["status"] in ("complete", "degraded")
    assert end["answer"]
    assert end["cost_usd"] == 0
    run = end["run"]
    replayed = home.run("replay", run, "--events").check(0)
    assert replayed.out == live.out
    assert state_of(replayed.events) == state_of(live.events)
    finished = [each for each in live.events if each["type"] == "node.finished"]
    assert all(each["usage"]["output"] > 0 for each in finished)
    verdicts = [each for each in live.events if each["type"] == "verdict"]
    assert all(each["parsed_by"] == "schema" for each in verdicts)
    assert bool(verdicts) == (options[1] == "best_of_n")


CORT = ("--strategy", "cort", "--rounds", "1", "--alternatives", "2", "--judges", "1")


def test_cort_in_two_pieces_keeps_the_contract(home: Home) -> None:
    """It meets its cap and is gone on with: live, replayed and resumed state are the same."""
    words = ("ask", "What is 7 + 5?", *CORT, *SMALL)
    first = home.run(*words, "--budget-calls", "2").check(0)
    run = first.events[0]["run"]
    assert first.events[-1]["reason"]["rule"] == "calls"
    resumed = home.run("resume", run, "--events").check(0)
    check_stream(resumed.events, first=len(first.events) + 1)
    together = [*first.events, *resumed.events]
    assert home.stored(run) == together
    assert state_of(home.run("replay", run, "--events").events) == state_of(together)
    assert together[-1]["status"] in ("complete", "degraded")
    assert [each["parsed_by"] for each in together if each["type"] == "verdict"] == ["schema"]
    names = [each["node"] for each in together if each["type"] == "node.finished"]
    assert sorted(names) == sorted(set(names))


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux's /proc")
def test_a_model_that_is_killed_is_an_event_and_starts_again(home: Home) -> None:
    two = ("--strategy", "self_consistency", "--alternatives", "2", "--max-tokens", "64")
    with home.start("ask", "Tell a long story.", *two, "--events") as running:
        running.until("attempt.first_content")
        (child,) = children(running.process.pid)
        os.kill(child, signal.SIGKILL)
        done = running.end().check(0)
    check_stream(done.events)
    crashed = [each for each in done.events if each["type"] == "attempt.failed"]
    assert crashed
    assert {each["error"]["kind"] for each in crashed} == {"crashed"}
    assert "died in the middle of a call" in crashed[0]["error"]["message"]
    assert done.events[-1]["answer"]
    assert home.stored(done.events[0]["run"]) == done.events


def hidden(tmp_path: Path) -> dict[str, str]:
    """An environment in which the wheel's model can't be found."""
    place = tmp_path / "hides"
    place.mkdir()
    package = KNOWN[NAME].member.partition("/")[0]
    (place / f"{package}.py").write_text("")
    return {"PYTHONPATH": f"{place}:{TOP}"}


@pytest.mark.parametrize("bytes_", [0, 1_000_000])
def test_a_file_cut_short_is_one_sentence(home: Home, tmp_path: Path, bytes_: int) -> None:
    env = hidden(tmp_path)
    model = KNOWN[NAME]
    (home.path / "models").mkdir()
    file = home.path / "models" / model.file_name
    file.write_bytes(b"GGUF".ljust(bytes_, b"\0")[:bytes_])
    done = home.run("ask", "Why?", "--strategy", "single", env=env)
    done.check(4, str(file), f"has {bytes_:,} bytes instead of {model.bytes:,}", "models install")
    assert done.out == b""
    assert done.err.count("models install") <= 2
    report = json.loads(home.run("doctor", "--json", env=env).check(0).out)
    assert report["builtin"][NAME] == {"condition": "damaged", "path": str(file)}


def test_a_file_that_is_not_there_is_one_sentence(home: Home, tmp_path: Path) -> None:
    done = home.run("ask", "Why?", "--strategy", "single", env=hidden(tmp_path))
    assert done.check(4, f"The file of the built-in model {NAME} is not there.").out == b""


def test_a_damaged_own_file_does_not_hide_the_sound_one(home: Home) -> None:
    (home.path / "models").mkdir()
    (home.path / "models" / KNOWN[NAME].file_name).write_bytes(b"GGUF")
    assert home.run("ask", "Why?", "--strategy", "single", "--max-tokens", "8").check(0).out


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux's /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_child_ends_with_the_program(home: Home, number: signal.Signals) -> None:
    with home.start("ask", "Tell a long story.", *CORT, "--events") as running:
        running.until("attempt.first_content")
        (child,) = children(running.process.pid)
        running.signal(number)
        assert running.end().code in (130, -signal.SIGKILL)
    for _ in range(200):
        if not alive(child):
            return
        time.sleep(0.05)
    pytest.fail(f"the child {child} outlived the program")


def alive(pid: int) -> bool:
    """Whether a process still runs; one that only waits to be collected has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
