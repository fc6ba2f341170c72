"""The program in a real pseudo-terminal: what it paints, what it leaves, what Ctrl-C and typing do."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

fcntl = pytest.importorskip("fcntl")
pty = pytest.importorskip("pty")
termios = pytest.importorskip("termios")

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
"""How long something may take before the test gives up; nothing is asserted about time."""


class Terminal:
    """A program under a pseudo-terminal."""

    def __init__(self, words: list[str], *, pace: str = "1", env: dict[str, str] | None = None) -> None:
        self.screen_text = ""
        self._seen = 0
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.modes_before = termios.tcgetattr(slave)
        self._slave = slave
        clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LINES", "TERM")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.front_program", pace, *words],
            cwd=ROOT,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**clean, "TERM": "xterm-256color", **(env or {})},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  needs the new session
        )

    def until(self, words: str) -> None:
        """Read until ``words`` come after what the last call waited for."""
        deadline = time.monotonic() + PATIENCE_S
        while (at := self.screen_text.find(words, self._seen)) < 0:
            assert time.monotonic() < deadline, f"{words!r} never came:\n{self.screen_text[-2000:]!r}"
            assert self._read(), f"ended without {words!r}:\n{self.screen_text[-2000:]!r}"
        self._seen = at + len(words)

    def prompt(self) -> None:
        """Read until the line editor is ready for keys."""
        self.until("\x1b[?2004h")
        self.until("›")

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def end(self) -> int:
        """Read to the end of the program; its exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it never ended:\n{self.screen_text!r}"
            self._read()
        while self._read():
            pass
        return self.process.returncode

    def modes(self) -> list[object]:
        found: list[object] = termios.tcgetattr(self._slave)
        return found

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)
        os.close(self._slave)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], 0.1)
        if not ready:
            return self.process.poll() is None
        with contextlib.suppress(OSError):
            self.screen_text += os.read(self._master, 65536).decode(errors="replace")
        return True


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


def start(
    terminals: list[Terminal], *words: str, pace: str = "1", env: dict[str, str] | None = None
) -> Terminal:
    terminal = Terminal(list(words), pace=pace, env=env)
    terminals.append(terminal)
    return terminal


SEQUENCE = re.compile(r"\x1b\[[?\d;]*[A-Za-z]")


def bare(text: str) -> str:
    return SEQUENCE.sub("", text).replace("\r", "")


def test_ask_paints_and_leaves_a_clean_end(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "ask", "Why?", pace="0.2")
    terminal.until("D writes")
    terminal.until("R1.A1 writes")
    assert terminal.end() == 0
    end = terminal.screen_text[terminal.screen_text.rindex("\x1b[?25h") :]
    lines = bare(end).split("\n")
    assert lines[1].startswith("◆ Why?")
    assert lines[8:13] == [
        "",
        "One.",
        "",
        "★ R1.A1 won 1 of 1 · 4 calls · 1.2k tokens · $0.0060 · 6.9 s",
        "One round was asked for.",
    ]
    assert terminal.modes() == terminal.modes_before


def test_hostile_text_never_reaches_the_terminal(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "ask", "Why?", pace="0.05")
    assert terminal.end() == 0
    assert "\x1b]" not in terminal.screen_text
    assert "\x07" not in terminal.screen_text
    assert "\u202e" not in terminal.screen_text
    assert "\x1b[2J" not in terminal.screen_text
    assert "␛]0;owned␇" in terminal.screen_text


def test_no_color_is_respected(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "ask", "Why?", pace="0.05", env={"NO_COLOR": "1"})
    assert terminal.end() == 0
    assert not re.search(r"\x1b\[[\d;]*3\dm", terminal.screen_text)


@pytest.mark.parametrize("kind", ["dumb", "unknown"])
def test_a_simple_terminal_gets_plain_lines(terminals: list[Terminal], kind: str) -> None:
    terminal = start(terminals, "ask", "Why?", pace="0", env={"TERM": kind})
    assert terminal.end() == 0
    assert "D answered · 300 tokens" in terminal.screen_text
    assert "\x1b[?" not in terminal.screen_text


def test_ctrl_c_stops_prints_the_best_and_gives_the_terminal_back(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "ask", "Why?")
    terminal.until("R1.A1 writes")
    assert terminal.modes() != terminal.modes_before  # typed keys are not echoed into the picture
    terminal.type("x\x03")
    assert terminal.end() == 130
    end = bare(terminal.screen_text[terminal.screen_text.rindex("\x1b[?25h") :])
    assert "\nThe draft.␛]0;owned␇" in end
    assert "go on with: cort-desktop resume 01run" in end
    assert terminal.modes() == terminal.modes_before


def test_a_second_ctrl_c_leaves_at_once(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "ask", "Why?", "--seed", "7")
    terminal.until("D writes")
    terminal.type("\x03")
    terminal.until("stopping")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert terminal.screen_text.rstrip().endswith("\x1b[?25h")
    assert terminal.modes() == terminal.modes_before


def test_sigterm_is_a_stop_too(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "ask", "Why?")
    terminal.until("R1.A1 writes")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.end() == 130
    assert "The draft." in bare(terminal.screen_text)


def test_events_on_a_terminal_are_not_painted_over(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "ask", "Why?", "--events", pace="0")
    assert terminal.end() == 0
    assert "\x1b" not in terminal.screen_text
    assert terminal.screen_text.count("\r\n") == terminal.screen_text.count('{"v":1')


def test_chat_takes_verbs_while_a_run_works(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "chat")
    terminal.prompt()
    terminal.type("\x1b[200~Why is\nthe sky blue?\x1b[201~\r")
    terminal.until("R1.A1 writes")
    terminal.type("/tree\r")
    terminal.until("Round 1")
    terminal.prompt()
    terminal.type("/stop\r")
    terminal.until("You stopped the run.")
    terminal.prompt()
    terminal.type("/wy\r")
    terminal.until("did you mean /why?")
    terminal.prompt()
    terminal.type("\x04")
    assert terminal.end() == 0
    assert "The draft.␛]0;owned␇" in terminal.screen_text
    assert "\x1b]0;owned" not in terminal.screen_text
    assert terminal.modes() == terminal.modes_before


def test_chat_ctrl_c_stops_then_leaves(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "chat")
    terminal.prompt()
    terminal.type("Why?\r")
    terminal.until("D writes")
    terminal.type("\x03")
    terminal.until("You stopped the run")
    terminal.prompt()
    terminal.type("\x03")
    terminal.until("Ctrl-C again")
    terminal.prompt()
    terminal.type("\x03")
    assert terminal.end() == 130


def test_a_hidden_prompt_for_a_key(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "keys", "set", "openai")
    terminal.until("Key for openai")
    terminal.type("sk-canary\r")
    assert terminal.end() == 0
    assert "The key for openai: the system key store" in terminal.screen_text
    assert "canary" not in terminal.screen_text


def test_ctrl_c_at_the_hidden_prompt(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "keys", "set", "openai")
    terminal.until("Key for openai")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "Traceback" not in terminal.screen_text
    assert terminal.modes() == terminal.modes_before


def test_sighup_is_a_stop_too(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "ask", "Why?")
    terminal.until("R1.A1 writes")
    terminal.process.send_signal(signal.SIGHUP)
    assert terminal.end() == 130
    assert "The draft." in bare(terminal.screen_text)


def test_chat_ctrl_c_takes_a_typed_line_away_first(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "chat")
    terminal.prompt()
    terminal.type("half a question\x03")
    terminal.type("/wy\r")  # alone on its line: what stood before it is gone
    terminal.until("There is no verb /wy; did you mean /why?")
    terminal.prompt()
    terminal.type("\x03")
    terminal.until("Ctrl-C again")
    terminal.prompt()
    terminal.type("x\x03")  # typing takes the warning back; this one only clears the line
    terminal.type("\x03")
    terminal.until("Ctrl-C again")
    terminal.prompt()
    terminal.type("\x03")
    assert terminal.end() == 130


def test_tree_in_a_chat_knows_what_streams(terminals: list[Terminal]) -> None:
    terminal = start(terminals, "chat")
    terminal.prompt()
    terminal.type("Why?\r")
    terminal.until("run 01run")
    terminal.until("D writes")
    terminal.type("/tree\r")
    terminal.until("\x1b[36mstreaming")  # printed; the picture above the prompt is coloured otherwise
    terminal.type("/stop\r")
    terminal.until("cort-desktop resume 01run; /retry begins anew")
    terminal.prompt()
    terminal.type("\x04")
    assert terminal.end() == 0


@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&-", "<&- 2>&-", "2>/dev/full"])
def test_closed_streams_end_in_no_traceback(closed: str) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m tests.fakes.front_program 0 ask Why? {closed}"],
        cwd=ROOT,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0
    assert b"Traceback" not in done.stdout + done.stderr
    if not closed.startswith(">&-"):
        assert done.stdout == b"One.\n"
