"""A conversation of 60 turns with a model that takes 2,000 tokens: the real program, from a pipe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import Blob, RunId
from tests.e2e.programs import Home
from tests.e2e.thinkers import serving
from tests.fakes.replies import chat_reply

CONTEXT = 2000
NOTES = "Notes: the cat is called Miso, and everything else was about bread."


def reply(request: Any) -> Any:
    if "You keep the notes" in request.messages[0]["content"]:
        return chat_reply(NOTES)
    return chat_reply("An answer about bread. " * 15)


def told(home: Home, run: str) -> list[dict[str, Any]]:
    """The requests of a run, as they are stored."""
    with home.library() as (_, log):
        nodes = [e.body for e in log.events(RunId(run)) if isinstance(e.body, ev.NodeStarted)]
        return [json.loads(log.blob(Blob(node.request or ""))) for node in nodes]


def test_a_conversation_of_60_turns_stays_within_a_small_model(tmp_path: Path) -> None:
    with serving(reply) as server:
        home = Home(tmp_path / "home")
        home.configure(
            server.base_url,
            f"context = {CONTEXT}",
            '[prices."my-server/fast"]',
            "input = 1.0",
            "output = 2.0",
        )
        asked = ["My cat is called Miso, please remember."]
        asked += [f"Question {number} about bread and rye?" for number in range(2, 60)]
        lines = "\n".join([*asked[:5], "/pin 2", *asked[5:], "What is the name of my cat?", "/context"])
        words = ("chat", "--strategy", "single", "--max-tokens", "200")
        done = home.run(*words, data=lines.encode()).check(0)
        assert "turn 2 is pinned" in done.err
        sent = [request.json for request in server.requests]
        assert max(len(json.dumps(one["messages"])) / 4 for one in sent) < CONTEXT
        listed = json.loads(home.run("conversations", "list", "--json").check(0).text)
        shown = json.loads(home.run("conversations", "show", listed[0]["id"], "--json").check(0).text)
        assert len(shown["path"]) == 60  # nothing of it is dropped from the database
        ready = [each for each in shown["summaries"] if each["version"] is not None]
        assert len(ready) >= 2
        assert all(each["cost_usd"] is not None for each in ready)
        (last,) = told(home, shown["path"][-1]["active"])
        parts = {part["part"]: part for part in last["context"]["parts"]}
        assert parts["pinned"]["turns"] == [[2, 2]]
        assert [1, 1] in parts["retrieved"]["turns"]
        assert parts["summary"]["version"] >= 1
        assert parts["recent"]["turns"][-1][-1] == 59
        assert NOTES in last["messages"][1]["content"]
        assert any("Miso, please" in message["content"] for message in last["messages"][:-1])
        assert "D was sent: system text · summary v" in done.err
        replayed = home.run("replay", shown["path"][-1]["active"]).check(0)
        assert "pinned turn 2" in replayed.text


def test_a_single_question_says_that_it_sums_up_and_keeps_that(tmp_path: Path) -> None:
    with serving(reply) as server:
        home = Home(tmp_path / "home")
        home.configure(server.base_url, f"context = {CONTEXT}")
        lines = "\n".join(f"Question {number} about bread?" for number in range(4))
        home.run("chat", "--strategy", "single", "--max-tokens", "200", data=lines.encode()).check(0)
        listed = json.loads(home.run("conversations", "list", "--json").check(0).text)
        name = listed[0]["id"]
        words = ("ask", "And " + "now " * 200, "--conversation", name, "--strategy", "single")
        done = [home.run(*words, "--max-tokens", "200").check(0) for _ in range(3)]
        assert any("summing up earlier turns for later questions" in one.err for one in done)
        shown = json.loads(home.run("conversations", "show", name, "--json").check(0).text)
        assert any(each["version"] == 1 for each in shown["summaries"])
