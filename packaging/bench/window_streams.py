"""The window while eight answers are streamed at 100 tokens a second each: the p99 of a timer of 16 ms is at
most 1.25 times that of the same window at rest.

The real program, its outline, candidate and timeline in view, over a real service on loopback in another
process; at rest and at work by turns. Off screen and on a virtual screen; the figure is the worse.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench._rendering import answer
from bench._served import home
from bench.window_start import screens
from devtools.bench import Result
from devtools.console import say
from tests.fakes.replies import DONE, Reply, Send, Step, Wait, event, framed, piece, stream_head
from tests.fakes.scripted_server import Request, ScriptedServer

BOUND = 1.25
STREAMS = 8
TOKENS_A_S = 100
TOKEN = 4
LENGTH = 24_000
TURNS = 2
SECONDS = 6.0
ANSWER_S = 60.0
"""After which a window that says nothing is taken for one that never will."""
CHILD = Path(__file__).with_name("_streaming_child.py")
CONFIG = f"""
[defaults]
model = "my-server/fast"
strategy = "best_of_n"
alternatives = {STREAMS}
judges = 1
[providers.my-server]
kind = "openai"
base_url = "{{base_url}}"
models = ["fast"]
max_concurrency = {STREAMS}
[cache]
enabled = false
[budget]
tokens = 0
"""


class Paced(Sequence[Step]):
    """A reply whose pieces leave by the clock: what a wait took too long, the next ones take less."""

    def __init__(self, pieces: list[Step]) -> None:
        self._pieces = pieces
        self._began = 0.0

    def __len__(self) -> int:
        return 2 * len(self._pieces)

    def __getitem__(self, at: Any) -> Any:
        number, is_piece = divmod(at, 2)
        if is_piece or number >= len(self._pieces):
            return self._pieces[number]
        now = asyncio.get_running_loop().time()
        self._began = self._began or now
        return Wait(max(0.0, self._began + number / TOKENS_A_S - now))


def script(_request: Request) -> Reply:
    """A long answer, a token at a time."""
    text = answer(LENGTH)
    tokens: list[Step] = [framed(event(piece(text[at : at + TOKEN]))) for at in range(0, len(text), TOKEN)]
    return Paced([stream_head(), *tokens, Send(framed(DONE).data)])


def measure() -> Result:
    """Milliseconds between the beats at work, beside those at rest."""
    results = []
    with screens() as found:
        for name, screen in found.items():
            results.append(asyncio.run(_measure(name, screen)))
    return max(results, key=lambda result: result.ratio)


async def _measure(name: str, screen: Mapping[str, str]) -> Result:
    async with ScriptedServer(script) as server:
        with home(server.base_url) as folder:
            (folder / "config.toml").write_text(CONFIG.format(base_url=server.base_url), encoding="utf-8")
            window = await Window.opened({**os.environ, **screen, "CORT_DESKTOP_HOME": str(folder)})
            try:
                rest, work, characters = await _by_turns(window)
            finally:
                await window.close()
    result = Result(p99(work) * 1000, p99(rest) * 1000, "ms")
    pace = characters / TOKEN / (TURNS * SECONDS)
    say(
        f"  {name}: {result.measured:.1f} ms, {result.ratio:.2f} times the window at rest; "
        f"{pace:.0f} tokens/s"
    )
    return result


async def _by_turns(window: "Window") -> tuple[list[float], list[float], int]:
    rest: list[float] = []
    work: list[float] = []
    characters = 0
    for turn in range(TURNS + 1):
        resting = (await window.told(f"measure {SECONDS}"))["gaps"]
        await window.told(f"ask Why is the sky blue, for the {turn + 1}. time?")
        streamed = await window.told(f"measure {SECONDS}")
        await window.told("stop")
        if turn:  # the first time fonts, lexers and the setting of formulas are loaded, once
            rest += resting
            work += streamed["gaps"]
            characters += streamed["characters"]
    return rest, work, characters


def p99(values: list[float]) -> float:
    """What 99 of 100 values are at most."""
    return sorted(values)[int(len(values) * 0.99)]


class Window:
    """The child of this figure."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def opened(cls, environment: Mapping[str, str]) -> "Window":
        """Start it; it can be told things at once."""
        command = (sys.executable, "-P", str(CHILD))
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(
                *command, env=environment, stdin=pipe, stdout=pipe, limit=2**24
            )
        )

    async def told(self, words: str) -> Any:
        """What it answers when it has done that."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the window has no pipes")
        stdin.write(f"{words}\n".encode())
        try:
            line = await asyncio.wait_for(stdout.readline(), ANSWER_S)
        except TimeoutError as timeout:
            raise RuntimeError(f"the window doesn't answer to “{words}”") from timeout
        if not line:
            raise RuntimeError(f"the window ended with {await self._process.wait()} instead of “{words}”")
        return json.loads(line)

    async def close(self) -> None:
        """Close it as a person would; kill it if that doesn't help."""
        if self._process.returncode is None and self._process.stdin is not None:
            self._process.stdin.write(b"close\n")
        try:
            await asyncio.wait_for(self._process.wait(), 20)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
