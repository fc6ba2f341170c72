"""Ctrl-C at every moment: what there is stays, the best answer so far is printed, and resume goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.programs import Home, Running
from tests.e2e.thinkers import identity, serving, slowly, think
from tests.fakes.contract import check_stream
from tests.fakes.replies import Hang, Reply, Wait, status_reply
from tests.fakes.scripted_server import Request, ScriptedServer

CORT = ("--seed", "5", "--strategy", "cort", "--rounds", "3", "--alternatives", "2")


def draft_then_hang(request: Request) -> Reply:
    """Only the draft is ever answered."""
    if "earlier answer" in request.messages[-1]["content"]:
        return [*think(request)[:2], Hang()]
    return think(request)


def wait_for_requests(server: ScriptedServer, count: int, running: Running) -> None:
    """Until the service has got so many, or the program is over."""
    while len(server.requests) < count and running.process.poll() is None:
        time.sleep(0.01)


@pytest.mark.reliability(31)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_prints_the_best_so_far_and_resume_goes_on(tmp_path: Path, number: signal.Signals) -> None:
    """Row 31: Stop during the fan-out: partial texts are kept, it is stopped, nothing is asked twice."""
    hanging = [True]

    def script(request: Request) -> Reply:
        return draft_then_hang(request) if hanging[0] else think(request)

    with serving(script) as server:
        home = Home(tmp_path / "home", server.base_url)
        with home.start("ask", "Why?", *CORT) as running:
            wait_for_requests(server, 3, running)
            running.signal(number)
            done = running.end().check(130, "You stopped the run. D is the best so far.", "resume")
        (run,) = home.runs()
        before = home.stored(run)
        check_stream(before)
        assert before[-1]["status"] == "stopped"
        assert done.text == before[-1]["answer"] + "\n"
        cut = [each for each in before if each["type"] == "node.cancelled"]
        assert {each["by"] for each in cut} == {"person"}
        asked = [identity(request) for request in server.requests]
        hanging[0] = False
        resumed = home.run("resume", run, "--events").check(0)
        check_stream(resumed.events, first=len(before) + 1)
        assert resumed.events[0]["type"] == "run.reopened"
        assert home.stored(run) == [*before, *resumed.events]
        again = [identity(request) for request in server.requests[len(asked) :]]
        assert asked[0] not in again
        assert len(again) == len(set(again)) == 9


def test_ctrl_c_with_the_stream(tmp_path: Path) -> None:
    with serving(draft_then_hang) as server:
        home = Home(tmp_path / "home", server.base_url)
        with home.start("ask", "Why?", *CORT, "--events=full") as running:
            running.until("node.finished", node="D")
            running.until("node.delta", node="R1.A2")
            running.signal(signal.SIGINT)
            done = running.end().check(130)
        check_stream(done.events)
        assert [each["type"] for each in done.events if each["type"].startswith("user.")] == ["user.stopped"]
        assert done.events[-1]["status"] == "stopped"
        partial = {each["node"]: each["partial"] for each in done.events if each["type"] == "node.cancelled"}
        assert partial["R1.A2"]
        run = done.events[0]["run"]
        facts = [each for each in done.events if each["type"] != "node.delta"]
        assert home.stored(run) == facts


def test_ctrl_c_before_there_is_an_answer(tmp_path: Path) -> None:
    with serving(lambda _: [Hang()]) as server:
        home = Home(tmp_path / "home", server.base_url)
        with home.start("ask", "Why?", *CORT) as running:
            wait_for_requests(server, 1, running)
            running.signal(signal.SIGINT)
            done = running.end().check(130, "no answer")
        assert done.out == b""
        assert "Why?" in home.run("conversations", "list").text


def test_ctrl_c_in_the_middle_of_waiting_to_try_again(tmp_path: Path) -> None:
    reply = status_reply(429, "slow down", headers={"Retry-After": "100"})
    with serving(lambda _: reply) as server:
        home = Home(tmp_path / "home", server.base_url)
        with home.start("ask", "Why?", "--strategy", "single", "--events") as running:
            running.until("attempt.failed", next="retry")
            running.signal(signal.SIGINT)
            running.end().check(130)
        assert len(server.requests) == 1


def test_ctrl_c_twice_leaves_at_once_and_loses_nothing(tmp_path: Path) -> None:
    with serving(draft_then_hang) as server:
        home = Home(tmp_path / "home", server.base_url)
        with home.start("ask", "Why?", *CORT, "--events") as running:
            run = running.until("node.finished", node="D")["run"]
            wait_for_requests(server, 3, running)
            running.signal(signal.SIGINT)
            time.sleep(0.002)
            running.signal(signal.SIGINT)
            done = running.end().check(130)
        stored = home.stored(run)
        acknowledged = [each for each in done.events if each["type"] == "node.finished"]
        assert all(each in stored for each in acknowledged)
    with serving(think) as server:
        home.configure(server.base_url)
        home.run("resume", run, "--json").check(0)
        drafts = [request for request in server.requests if request.messages[-1]["content"] == "Why?"]
        assert drafts == []


@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6])
def test_ctrl_c_while_it_starts_makes_no_noise(tmp_path: Path, after_s: float) -> None:
    with serving(slowly(0.2)) as server:
        home = Home(tmp_path / "home", server.base_url)
        with home.start("ask", "Why?", *CORT) as running:
            time.sleep(after_s)
            running.signal(signal.SIGINT)
            done = running.end()
        # Before our first line Python itself is interrupted, and says so in its own way.
        assert done.code == 130 or "cort_desktop" not in done.err
        for run in home.runs() if (home.data / "cort.db").exists() else []:
            home.run("replay", run, "--events").check(0)


def test_ctrl_c_at_a_question_that_is_awaited(home: Home) -> None:
    with home.start("ask", "-", stdin=subprocess.PIPE) as running:
        time.sleep(1.0)
        running.signal(signal.SIGINT)
        assert running.end().code == 130


def test_ctrl_c_in_a_chat_by_pipe_ends_it(tmp_path: Path) -> None:
    with serving(draft_then_hang) as server:
        home = Home(tmp_path / "home", server.base_url)
        with home.start("chat", *CORT, stdin=subprocess.PIPE) as running:
            assert running.process.stdin is not None
            running.process.stdin.write(b"one?\ntwo?\n")
            running.process.stdin.flush()
            wait_for_requests(server, 3, running)
            running.signal(signal.SIGINT)
            done = running.end().check(130, "D is the best so far")
        assert done.out.startswith(b"Try word")
        assert len(home.runs()) == 1


@pytest.mark.endurance
def test_a_resumed_run_can_be_stopped_and_resumed(tmp_path: Path) -> None:
    def script(request: Request) -> Reply:
        return [Wait(0.15), *think(request)]

    with serving(script) as server:
        home = Home(tmp_path / "home", server.base_url)
        words: tuple[str, ...] = (
            "ask",
            "Why?",
            *CORT[:4],
            "--rounds",
            "2",
            "--alternatives",
            "1",
            "--events",
        )
        run, codes, asked = "", list[int](), set[str]()
        for _ in range(12):
            seen = len(server.requests)
            with home.start(*words) as running:
                event = running.until("node.finished") if not codes else _next_finished(running)
                run = event["run"] if event else run
                running.signal(signal.SIGINT)
                done = running.end()
            codes.append(done.code)
            finished = {each["node"] for each in done.events if each["type"] == "node.finished"}
            assert not finished & asked
            asked |= finished
            assert len(server.requests) >= seen
            words = ("resume", run, "--events")
            if done.code == 0:
                break
        home.run(*words[:2], "--json").check(0)
        stored = home.stored(run)
        check_stream(stored)
        assert stored[-1]["status"] == "complete"
        names = [each["node"] for each in stored if each["type"] == "node.finished"]
        assert len(names) == len(set(names)) == 5


def _next_finished(running: Running) -> dict[str, Any] | None:
    while line := running.line():
        if b'"node.finished"' in line:
            found: dict[str, Any] = json.loads(line)
            return found
    return None
