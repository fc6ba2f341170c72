"""The window for real: the program on an X server, with its keys, read over the accessibility bus.

Keys are pressed as a person presses them (X events, no call into the program); what is on the screen is what
a screen reader is told. The last test never touches keys at all: it is the pass of somebody who has only the
accessibility bus.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Thinking
from tests.e2e.programs import Home
from tests.e2e.thinkers import serving, slowly
from tests.fakes.at_spi import Accessible
from tests.fakes.real_screen import Program, Screen, real_screen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="X11 and AT-SPI are Linux's")
LONG_S = 240.0
CANDIDATE = re.compile(r"(R1\.A\d), Sample, ([^,]+)")


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with real_screen() as opened:
        yield opened


def rows(program: Program) -> list[Accessible]:
    """The rows of the outline, first column."""
    tree = program.root.find("Rounds", "tree")
    cells = [] if tree is None else tree.find_all("tree item")
    return [each for each in cells if "," in each.name]


def row_names(program: Program) -> list[str]:
    return [each.name for each in rows(program)]


def candidates(program: Program) -> dict[str, str]:
    """The samples in the outline: node → state in words."""
    found = (CANDIDATE.match(name) for name in row_names(program))
    return {each[1]: each[2] for each in found if each is not None}


def ask(program: Program, question: str) -> None:
    """Type a question into the composer and send it."""
    composer = program.wait("Message", "text")
    composer.focus()
    program.wait_for(lambda: "focused" in composer.states, "the composer's focus")
    program.screen.write(question)
    program.wait_for(lambda: composer.text == question, "the typed question")
    program.screen.keys("Return")


def to_the_rounds(program: Program) -> None:
    """Go round the panes until the outline has the focus."""
    tree = program.wait("Rounds", "tree")
    for _ in range(10):
        if "focused" in tree.states:
            return
        program.screen.keys("F6")
        time.sleep(0.3)  # a key goes through the X server and back
    raise AssertionError("F6 never came to the rounds")


def replayed(home: Home, run: str) -> list[dict[str, object]]:
    return home.run("replay", run, "--events").check(0).events


@pytest.mark.builtin
def test_a_day_with_the_window_and_the_real_model(home: Home, screen: Screen) -> None:
    with screen.program(home.path) as program:
        ask(program, "Why is the sky blue?")
        program.wait("Stop", "push button")
        program.wait_for(lambda: len(candidates(program)) == 3, "three samples at work")
        program.wait_for(lambda: "streaming" in candidates(program).values(), "text that streams", LONG_S)
        screen.keys("Escape")
        program.wait("Send", "push button", LONG_S)
        program.wait_for(lambda: any("top" in name for name in row_names(program)), "the end by a person")

        ask(program, "What makes bread rise?")
        program.wait("Stop", "push button")
        program.wait_for(lambda: "answer" in candidates(program).values(), "an answer", LONG_S)
        program.wait("Send", "push button", LONG_S)
        before = candidates(program)
        won = next(node for node, state in before.items() if state == "answer")
        loser = next(node for node in before if node != won)

        to_the_rounds(program)
        screen.keys("Home")
        for _ in range(12):
            selected = [each.name for each in rows(program) if "selected" in each.states]
            if selected and selected[0].startswith(loser):
                break
            screen.keys("Down")
        screen.keys("ctrl+shift+Return")
        confirm(program)
        program.wait_for(lambda: candidates(program).get(loser) == "your choice", "the override")

        first, second = home.runs()
        texts = {e["node"]: e["text"] for e in home.stored(second) if e["type"] == "node.finished"}
        word = rare_word(texts, won)
        screen.keys("ctrl+k")
        screen.write(word)
        hits = program.wait_for(lambda: program.root.find("Found places", "list"), "the hits")
        program.wait_for(lambda: any(word in each.name for each in hits.walk()), f"{word!r} among the hits")
        screen.keys("Escape")
        seen = row_names(program)
        screen.keys("ctrl+q")
        assert program.ended() == 0

    assert [e["type"] for e in replayed(home, first)][-1] == "run.finished"
    assert replayed(home, second) == home.stored(second)
    assert home.stored(second)[-1]["type"] == "user.override"
    with screen.program(home.path) as program:
        conversations = program.wait("Conversations", "list")
        program.wait_for(
            lambda: len(conversations.find_all("list item")) >= 2, "the conversation in the list"
        )

        def opened_again() -> bool:
            screen.keys("ctrl+Next")  # lost as long as the window is not whole
            return row_names(program) == seen

        program.wait_for(opened_again, "the same rounds as before")
        screen.keys("ctrl+q")
        assert program.ended() == 0


def confirm(program: Program) -> None:
    """An override that makes later answers stale asks first; this one has none after it."""
    found = program.root.find("Make it the answer", "push button")
    if found is not None and "dialog" in {each.role for each in program.root.walk(2)}:
        found.do("Press")


def rare_word(texts: dict[str, str], but: str) -> str:
    """A word that one of the other texts has and that one hasn't."""
    known = set(re.findall(r"[a-z]{6,}", texts[but].lower()))
    others = " ".join(text.lower() for node, text in texts.items() if node.startswith("R1.A") and node != but)
    return next(word for word in re.findall(r"[a-z]{6,}", others) if word not in known)


@pytest.mark.reliability(39)
def test_after_a_kill_the_window_offers_to_go_on(tmp_path: Path, screen: Screen) -> None:
    with serving(slowly(0.3, 0.4)) as server:
        home = Home(tmp_path / "home", server.base_url)
        with screen.program(home.path) as program:
            ask(program, "Why?")
            program.wait_for(
                lambda: any("streaming" in name for name in row_names(program)), "streams", LONG_S
            )
            program.process.send_signal(signal.SIGKILL)
            program.process.wait()
        (run,) = home.runs()
        assert not [e for e in home.stored(run) if e["type"] == "run.finished"]
        with screen.program(home.path) as program:
            program.wait("Go on", "push button").do("Press")
            program.wait_for(
                lambda: [e for e in home.stored(run) if e["type"] == "run.finished"], "its end", LONG_S
            )
            screen.keys("ctrl+q")
            assert program.ended() == 0
        types = [e["type"] for e in home.stored(run)]
        assert types.count("run.resumed") == 1


def test_closing_while_a_run_works_asks_and_keeps_what_there_is(tmp_path: Path, screen: Screen) -> None:
    with serving(slowly(0.3, 0.4)) as server:
        home = Home(tmp_path / "home", server.base_url)
        with screen.program(home.path) as program:
            ask(program, "Why?")
            program.wait_for(
                lambda: any("streaming" in name for name in row_names(program)), "streams", LONG_S
            )
            screen.keys("ctrl+q")
            program.wait("Keep thinking", "push button")
            screen.keys("Escape")
            program.wait_for(lambda: program.root.find("Keep thinking") is None, "the question gone")
            assert program.process.poll() is None
            screen.keys("ctrl+q")
            program.wait("Stop and close", "push button").do("Press")
            assert program.ended() == 0
        (run,) = home.runs()
        end = home.stored(run)[-1]
        assert end["type"] == "run.finished"
        assert end["status"] in ("stopped", "failed")


def test_a_polite_kill_stops_what_works_without_asking(tmp_path: Path, screen: Screen) -> None:
    with serving(slowly(0.3, 0.4)) as server:
        home = Home(tmp_path / "home", server.base_url)
        with screen.program(home.path) as program:
            ask(program, "Why?")
            program.wait_for(
                lambda: any("streaming" in name for name in row_names(program)), "streams", LONG_S
            )
            os.kill(program.process.pid, signal.SIGTERM)
            assert program.ended() == 0
        (run,) = home.runs()
        end = home.stored(run)[-1]
        assert end["type"] == "run.finished"
        assert end["status"] in ("stopped", "failed")


def test_a_second_window_hands_over(thinking: Thinking, screen: Screen) -> None:
    home = thinking.home
    home.run("ask", "What is blue?").check(0)
    conversation = json.loads(home.run("conversations", "list", "--json").check(0).text)[0]
    with screen.program(home.path) as program:
        program.wait("Message", "text")
        second = home.run("gui", "--open", conversation["id"], env=dict(program.environment)).check(0)
        assert second.out == b""
        program.wait_for(
            lambda: any("What is blue?" in name for name in row_names(program)), "the opened one"
        )
        os.kill(program.process.pid, signal.SIGTERM)
        assert program.ended() == 0


def test_somebody_with_only_the_accessibility_bus(thinking: Thinking, screen: Screen) -> None:
    """Asks a question, reads the tree and overrides a winner without a mouse and without a key."""
    home = thinking.home
    home.configure(thinking.server.base_url, "[presets.three]", 'strategy = "best_of_n"', "alternatives = 3")
    with screen.program(home.path) as program:
        program.wait("Message", "text").type("Is it A or B?")
        send = program.wait("Send", "push button")
        program.wait_for(lambda: "sensitive" in send.states, "a question that can be sent")
        send.do("Press")
        program.wait_for(lambda: "answer" in candidates(program).values(), "an answer", LONG_S)
        read = row_names(program)
        assert read[0].startswith("Is it A or B?")
        assert any(name.startswith("R1, Round 1") for name in read)
        before = candidates(program)
        won = next(node for node, state in before.items() if state == "answer")
        loser = next(node for node in before if node != won)
        row = next(each for each in rows(program) if each.name.startswith(loser))
        row.select_row()
        program.wait_for(
            lambda: any(n.startswith(loser) for n in panel_names(program)), f"{loser} in the candidate's pane"
        )
        program.wait("Make it the answer", "push button").do("Press")
        confirm(program)
        program.wait_for(lambda: candidates(program).get(loser) == "your choice", "the override")
        os.kill(program.process.pid, signal.SIGTERM)
        assert program.ended() == 0
    (run,) = home.runs()
    last = home.stored(run)[-1]
    assert (last["type"], last["node"]) == ("user.override", loser)


def panel_names(program: Program) -> list[str]:
    """What the pane of the candidate says it shows."""
    return [each.name for each in program.root.find_all("panel")]
