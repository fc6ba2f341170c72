"""A bench of the real program, killed while it works: what was paid for is kept, the rest is asked once."""

from __future__ import annotations

import json
import re
import signal
import time
from pathlib import Path
from typing import Any

from tests.e2e.programs import PATIENCE_S, Home
from tests.e2e.thinkers import serving
from tests.fakes.replies import Hang, Reply, chat_reply, models_reply
from tests.fakes.scripted_server import Request

WORDS = (
    "bench", "--tasks", "chain_sum", "--items", "6", "--strategies", "single,self_consistency:alternatives=3",
    "--model", "my-server/fast", "--no-controls", "--seed", "3", "--yes", "--out",
)  # fmt: skip
TRIALS = 2 * 6
CALLS = (1 + 3) * 6
KEPT = 5


class Sums:
    """Answers sums, of odd ones one too much; stops answering when ``left`` calls were answered."""

    def __init__(self, left: int = CALLS) -> None:
        self.left = left
        self.calls = 0

    def __call__(self, request: Request) -> Reply:
        if request.method == "GET":
            return models_reply("fast")
        self.calls += 1
        terms = re.findall(r"[-+]? ?\d+", str(request.messages[-1]["content"]).rsplit("problem:", 1)[1])
        total = sum(int(each.replace(" ", "")) for each in terms)
        return chat_reply(f"Answer: {total + total % 2}") if self.calls <= self.left else (Hang(),)


def journal(out: Path) -> list[bytes]:
    part = out.with_name(out.name + ".part")
    return part.read_bytes().splitlines(keepends=True) if part.exists() else []


def trials(out: Path) -> dict[tuple[str, int], tuple[Any, ...]]:
    """Label and item → what was asked, what was answered, and what it took; not how long."""
    found = json.loads(out.read_text())["trials"]
    return {
        (each["label"], each["item"]): (
            each["question"], json.dumps(each["answer"]), each["calls"], each["tokens"]
        )
        for each in found
    }  # fmt: skip


def test_a_bench_that_is_killed_goes_on_and_asks_nothing_twice(tmp_path: Path) -> None:
    killed, untouched = tmp_path / "killed.json", tmp_path / "untouched.json"
    first = Sums(left=CALLS // 2)
    with serving(first) as server, Home(tmp_path / "a", server.base_url).start(*WORDS, str(killed)) as going:
        until = time.monotonic() + PATIENCE_S
        while len(journal(killed)) <= KEPT and time.monotonic() < until:
            time.sleep(0.01)
        going.signal(signal.SIGKILL)
        going.process.wait()
    *whole, last = journal(killed)
    assert len(whole) >= KEPT
    # A crash of the whole machine may leave the last line torn; so does this.
    killed.with_name(killed.name + ".part").write_bytes(b"".join(whole) + last[: len(last) // 2])

    second, third = Sums(), Sums()
    with serving(second) as server:
        done = Home(tmp_path / "a", server.base_url).run(*WORDS, str(killed)).check(0)
    assert "single" in done.text
    assert not journal(killed)
    with serving(third) as server:
        home = Home(tmp_path / "b")
        # A person's own caps say nothing about a way to think; what it took is a person's money all the same.
        home.configure(server.base_url, "[budget]", "tokens = 60", "calls = 2")
        home.run(*WORDS, str(untouched)).check(0)
        month = json.loads(home.run("spending", "--json").check(0).text)
    assert trials(killed) == trials(untouched)
    assert len(trials(killed)) == TRIALS
    assert third.calls == CALLS
    assert [(each["model"], each["calls"]) for each in month["models"]] == [("my-server/fast", CALLS)]
    kept = [json.loads(line) for line in whole[1:]]  # the first says what is measured
    assert second.calls == CALLS - sum(each["calls"] for each in kept)
