"""The real program as a process, with an empty home: what needs no model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cort_desktop import __version__

ROOT = Path(__file__).parents[2]


def _no_screen() -> dict[str, str]:
    screen = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return {name: value for name, value in os.environ.items() if name not in screen}


def program(
    home: Path, *words: str, data: bytes | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run ``cort-desktop WORDS``; without ``data`` its standard input is /dev/null."""
    return subprocess.run(
        [sys.executable, "-m", "cort_desktop", *words],
        cwd=ROOT,
        input=data,
        stdin=subprocess.DEVNULL if data is None else None,
        capture_output=True,
        env={**_no_screen(), "CORT_DESKTOP_HOME": str(home), **(env or {})},
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "data", "code", "said"),
    [
        ((), b"", 2, "The question is empty"),
        ((), b"\r\n \n", 2, "The question is empty"),
        ((), b"What is \0 this?", 2, "looks like binary data"),
        (("ask", "-"), os.urandom(4096), 2, "looks like binary data"),
        (("ask", ""), None, 2, "The question is empty"),
        (("ask",), None, 2, "There is no question"),
        (("aks",), None, 2, "did you mean ask?"),
        (("ask", "Why?", "--strategy", "cortt"), None, 2, "cort"),
        (("ask", "Why?", "--model", "nowhere/x"), None, 2, "nowhere"),
        (("ask", "Why?", "--file", "/not/there.txt"), None, 2, "/not/there.txt"),
        (("resume", "zzz"), None, 2, "zzz"),
        (("replay", "zzz"), None, 2, "zzz"),
        (("conversations", "show", "zzz"), None, 2, "zzz"),
        (("keys", "set", "openai", "sk-canary"), None, 2, "never given on the command line"),
        (("gui",), None, 3, "no screen"),
    ],
)
def test_bad_input_is_one_sentence(
    tmp_path: Path, words: tuple[str, ...], data: bytes | None, code: int, said: str
) -> None:
    done = program(tmp_path, *words, data=data)
    err = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b""), err
    assert err.startswith("cort-desktop: ")
    assert said in err
    assert err.count("\n") == 1
    assert "canary" not in err


def test_version(tmp_path: Path) -> None:
    done = program(tmp_path, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"cort-desktop {__version__}\n".encode(), b"")


def test_no_command_and_no_input_is_a_chat_that_ends_at_once(tmp_path: Path) -> None:
    done = program(tmp_path)
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"So this is `chat`" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_an_empty_library(tmp_path: Path) -> None:
    done = program(tmp_path, "conversations", "list", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_doctor_and_keys_and_help(tmp_path: Path) -> None:
    assert json.loads(program(tmp_path, "doctor", "--json").stdout)["app"] == __version__
    assert program(tmp_path, "keys").returncode == 0
    assert program(tmp_path, "ask", "--help").stdout.startswith(b"usage: cort-desktop ask")


def test_a_reader_that_left_makes_no_noise(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "cort_desktop", "doctor"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=gone,
            stderr=subprocess.PIPE,
            env={**_no_screen(), "CORT_DESKTOP_HOME": str(tmp_path)},
            timeout=120,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_small_alphabets_end_in_no_traceback(tmp_path: Path, encoding: str) -> None:
    done = program(tmp_path, "ask", "--help", env={"PYTHONIOENCODING": encoding})
    assert done.returncode == 0
    assert "…".encode() in program(tmp_path, "--help", env={"PYTHONIOENCODING": encoding}).stdout
    assert b"Traceback" not in done.stderr


@pytest.mark.builtin
@pytest.mark.endurance
def test_a_piped_question_gets_an_answer_from_the_built_in_model(tmp_path: Path) -> None:
    done = program(tmp_path, data=b"Name one colour of the sky.\r\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert b"best_of_n" in done.stderr
    listed = json.loads(program(tmp_path, "conversations", "list", "--json").stdout)
    assert [each["title"] for each in listed] == ["Name one colour of the sky."]
