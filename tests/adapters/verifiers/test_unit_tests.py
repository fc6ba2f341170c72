"""A person's tests in their cell: what they say, what they can't do, and that nothing of them is left.

What the system can't hold them in from is told as such; here only what is told to hold is held to it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from cort_desktop.adapters.verifiers.unit_tests import Limits, UnitTests, protections
from cort_desktop.domain.verifying import Finding, declared

SHORT = Limits(seconds=8, cpu_seconds=4)
CASES = """
import unittest, answer
class T(unittest.TestCase):
    def test_a(self): self.assertEqual(answer.x, 1)
    def test_b(self): self.assertEqual(answer.x, 2)
"""
ADD = "from answer import add\n\ndef test_add():\n    assert add(2, 2) == 4, 'two and two'\n"


def check(answer: str, tests: str, limits: Limits = SHORT) -> Finding:
    return asyncio.run(UnitTests(declared("python:t.py"), tests, limits).check(answer))


def code(text: str) -> str:
    return f"Here it is:\n\n```python\n{text}\n```\nI hope it helps."


@cache
def holds() -> Mapping[str, bool]:
    return asyncio.run(protections())


@pytest.mark.parametrize(
    ("answer", "tests", "passed", "words"),
    [
        (code("def add(a, b): return a + b"), ADD, True, "1 test passed"),
        ("def add(a, b): return a + b", ADD, True, "1 test passed"),
        ("```\ndef add(a, b): return a + b\n```", ADD, True, "1 test passed"),
        (
            code("def add(a, b): return a - b"),
            ADD,
            False,
            "1 of 1 tests failed; test_add: AssertionError: two",
        ),
        (code("def plus(a, b): return a + b"), ADD, False, "cannot import name 'add'"),
        ("no code, only words", ADD, False, "SyntaxError"),
        ("", ADD, False, "cannot import name 'add'"),
        (code("x = 1"), "import answer\nassert answer.x == 1", True, "t.py ran without an error"),
        (code("x = 2"), "import answer\nassert answer.x == 1", False, "AssertionError, line 2 of the tests"),
        (
            "The sky is blue.",
            "text = open('answer.txt').read()\ndef test_it():\n    assert 'blue' in text",
            True,
            "1 test passed",
        ),
        (
            code("x = 1"),
            CASES,
            False,
            "1 of 2 tests failed; test_b",
        ),
        (code("import sys\nsys.exit(0)"), "import answer", False, "left before its tests"),
        (code("import os\nos._exit(0)"), "import answer", False, "broke off before their end (exit code 0)"),
        (code('print(\'{"passed": true, "detail": ""}\')\nimport os\nos._exit(0)'), ADD, False, "broke off"),
    ],
)
def test_tests_say_how_an_answer_fares(answer: str, tests: str, passed: bool, words: str) -> None:
    found = check(answer, tests)
    assert found.passed is passed, found
    assert words in (found.detail or "")


def test_time_is_limited() -> None:
    found = check(code("import time\ntime.sleep(60)"), "import answer", replace(SHORT, seconds=1.0))
    assert (found.passed, found.detail) == (False, "Stopped after 1 seconds.")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("processor", "while True: pass", "ended by the system"),
        ("memory", "x = 'a' * 10**9", "MemoryError"),
        ("files", "open('big', 'wb').write(b'x' * (20 << 20))", "File too large"),
        ("files", "kept = [open('answer.txt') for _ in range(100)]", "Too many open files"),
        (
            "disk",
            "for i in range(20):\n    with open(f'{i}', 'wb') as file: file.write(b'x' * (8 << 20))",
            "No space left",
        ),
        ("writing", "open('/tmp/written-by-an-answer', 'w').write('x')", "PermissionError"),
        ("writing", "import os\nos.mkdir('../beside')", "PermissionError"),
        ("reading", "open('/etc/passwd').read()", "PermissionError"),
        ("reading", "import os\nos.listdir('..')", "PermissionError"),
        ("network", "import socket\nsocket.create_connection(('127.0.0.1', 9), 2)", "Error"),
        (
            "processes",
            "import os, time\nfor _ in range(60):\n    if os.fork() == 0:\n        time.sleep(30)",
            "BlockingIOError",
        ),
    ],
)
def test_what_is_said_to_hold_holds(name: str, text: str, words: str) -> None:
    """A limit that can't hold (a superuser has none on processes) is named, and nothing outlives the cell."""
    limits = replace(SHORT, cpu_seconds=1) if name == "processor" else SHORT
    before = _children()
    found = check(code(text), "import answer", limits)
    assert _children() == before
    assert set(holds()) >= {name}
    if holds()[name]:
        assert found.passed is False
        assert words in (found.detail or "")
    else:
        assert name == "processes"
    assert not Path("/tmp/written-by-an-answer").exists()


def test_no_network_means_not_even_a_server_on_this_machine() -> None:
    assert holds()["network"]

    async def main() -> tuple[Finding, int]:
        came = 0

        def count(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal came
            came += 1
            writer.close()

        server = await asyncio.start_server(count, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        text = code(f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)")
        async with server:
            found = await UnitTests(declared("python:t.py"), "import answer", SHORT).check(text)
        return found, came

    found, came = asyncio.run(main())
    assert (found.passed, came) == (False, 0)


def test_the_environment_is_empty_and_only_the_standard_library_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    text = "import os\nassert not set(os.environ) - {'LC_CTYPE', 'SYSTEMROOT'}, dict(os.environ)"
    assert check(code(text), "import answer").passed is True
    assert "No module named 'apsw'" in (check(code("import apsw"), "import answer").detail or "")


def test_what_tests_print_is_bounded_and_no_verdict() -> None:
    text = "import sys\nprint('x' * 10**7)\nsys.stderr.write('y' * 10**7)"
    assert check(code(text), "import answer").passed is True


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("how", ["", "os.setsid()"])
def test_nothing_that_was_started_is_left(how: str) -> None:
    assert holds()["alone"]
    text = f"import os, time\nif os.fork() == 0:\n    {how or 'pass'}\n    time.sleep(30)"
    before = _children()
    assert check(code(text), "import answer").passed is True
    assert _children() == before


def _children() -> set[str]:
    """Every process whose command is a cell."""
    found = set()
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                command = (place / "cmdline").read_bytes()
            except OSError:
                continue
            if b"cell.py" in command:
                found.add(place.name)
    return found


def test_cancelling_ends_the_tests_at_once() -> None:
    async def main() -> None:
        verifier = UnitTests(declared("python:t.py"), "import time\ntime.sleep(60)", Limits(seconds=60))
        task = asyncio.ensure_future(verifier.check("x"))
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)

    asyncio.run(main())


def test_it_says_which_protections_hold() -> None:
    told = holds()
    names = {"network", "writing", "reading", "disk", "processor", "memory", "files", "processes"}
    assert names <= set(told)
    if sys.platform == "linux":
        assert told["processor"]
        assert told["memory"]


def test_a_python_that_cannot_be_started_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    found = check("x", "pass")
    assert found.passed is None
    assert "could not be started" in (found.detail or "")
    assert asyncio.run(protections()) == {}
