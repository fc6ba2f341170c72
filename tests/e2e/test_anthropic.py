"""The program and a service that speaks as Anthropic does: a whole run, its price, its list, its key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cort_desktop.domain.budget import Usage
from tests.e2e.programs import Home
from tests.e2e.thinkers import serving
from tests.fakes.models import CANDIDATE, verdict_json
from tests.fakes.replies import Reply, json_reply
from tests.fakes.scripted_server import Request, ScriptedServer
from tests.providers.conformance.wires import AnthropicWire

WIRE = AnthropicWire()
CANARY = "sk-ant-canary0123456789"
USED = Usage(input=1000, cached_input=600, cache_write=100, output=10)
CALL_MICROUSD = 300 * 3 + 600 * 0.3 + 100 * 3.75 + 10 * 15
PRICES = ("input = 3.0", "output = 15.0", "cached_input = 0.3", "cache_write = 3.75")


def script(request: Request) -> Reply:
    """Overloaded at first; then answers, ranked by length by a judge whose reply is held to a schema."""
    if request.method == "GET":
        models = [{"type": "model", "id": name, "max_input_tokens": 200_000} for name in ("fast", "slow")]
        return json_reply({"data": models, "has_more": False, "last_id": "slow"})
    assert request.headers["x-api-key"] == CANARY
    if request.number == 1:
        return WIRE.status(529, f"Overloaded, {CANARY}", type="overloaded_error")
    said = " ".join(text for _, text in WIRE.said_to(request))
    shown = CANDIDATE.findall(said)
    if "output_config" in request.json:
        ranked = sorted(shown, key=lambda each: -len(each[1]))
        return WIRE.answer(verdict_json([[label] for label, _ in ranked]), usage=USED)
    return WIRE.answer("An answer ", "o" * request.number, thoughts=["hm"], usage=USED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claude:
    home: Home
    server: ScriptedServer


@pytest.fixture
def claude(tmp_path: Path) -> Iterator[Claude]:
    with serving(script) as server:
        home = Home(tmp_path / "home")
        lines = [
            "[defaults]",
            'model = "claude/fast"',
            "[providers.claude]",
            'kind = "anthropic"',
            f'base_url = "{server.origin}"',
            'key_env = "CLAUDE_KEY"',
            '[prices."claude/fast"]',
            *PRICES,
        ]
        home.config("\n".join(lines))
        yield Claude(home=home, server=server)


@pytest.mark.reliability(7, 60)
def test_a_whole_run_is_thought_priced_and_keeps_the_key_to_itself(claude: Claude) -> None:
    env = {"CLAUDE_KEY": CANARY, "CORT_DESKTOP_LOG": "debug"}
    words = ("--strategy", "best_of_n", "--alternatives", "3", "--judges", "1", "--events", "--no-cache")
    done = claude.home.run("ask", "Why?", *words, env=env).check(0)
    finished = done.events[-1]
    assert (finished["status"], finished["missing"]) == ("complete", [])
    assert finished["answer"].startswith("An answer o")
    assert finished["calls"] == 5
    assert finished["usage"] == {
        "input": 4000, "cached_input": 2400, "cache_write": 400, "output": 40, "reasoning": 0
    }  # fmt: skip
    assert finished["cost_usd"] == pytest.approx(4 * CALL_MICROUSD / 1e6, abs=4e-6)
    verdicts = [event for event in done.events if event["type"] == "verdict"]
    assert [verdict["parsed_by"] for verdict in verdicts] == ["schema"]
    judged = [request for request in claude.server.requests if "output_config" in request.json]
    assert len(judged) == 1
    assert CANARY not in done.text + done.err
    for file in claude.home.path.rglob("*"):
        assert not file.is_file() or CANARY.encode() not in file.read_bytes(), file


def test_its_models_are_listed(claude: Claude) -> None:
    done = claude.home.run("models", env={"CLAUDE_KEY": CANARY}).check(0)
    assert "claude/fast" in done.text
    assert "claude/slow" in done.text
    (asked,) = claude.server.requests
    assert (asked.path, asked.headers["x-api-key"]) == ("/v1/models?limit=1000", CANARY)


def test_without_a_key_it_is_told_where_one_goes(claude: Claude) -> None:
    claude.home.config('[defaults]\nmodel = "anthropic/claude-x"')
    done = claude.home.run("ask", "Why?", "--strategy", "single", "--json")
    done.check(3, "keys set anthropic")
    assert json.loads(done.out)["status"] == "failed"
