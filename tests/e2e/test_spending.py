"""What a person is told of money by the program itself: a month, its limits, and a service that says what
each call cost.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.e2e.programs import Home
from tests.e2e.thinkers import serving, think
from tests.fakes.contract import check_stream
from tests.fakes.replies import Reply, chat_reply, models_reply, status_reply
from tests.fakes.scripted_server import Request

SERVER = """
[defaults]
model = "priced/fast"
[providers.priced]
kind = "openrouter"
base_url = "{url}"
key_env = "PRICED_KEY"
"""
PRICES = '[prices."priced/fast"]\ninput = 1.0\noutput = 2.0\n'
KEY = {"PRICED_KEY": "canary-key-000"}


class Bank:
    """A service that bills: what each answer cost is told in its usage, and counted here in micro-dollars."""

    def __init__(self, *, failing: int = 0) -> None:
        self.billed = 0
        self._failing = failing

    def __call__(self, request: Request) -> Reply:
        if request.method == "GET":
            return models_reply("fast")
        if self._failing:
            self._failing -= 1
            return status_reply(503, '{"error": {"message": "busy"}}')
        nth = request.json["seed"] % 7 + 1
        self.billed += 1_000 * nth
        usage = {"prompt_tokens": 20, "completion_tokens": 9, "cost": nth / 1_000}
        return chat_reply(f"An answer.\nAnswer: {nth}", usage=usage)


def priced(folder: Path, url: str, *more: str) -> Home:
    home = Home(folder / "home")
    home.config(SERVER.format(url=url) + PRICES + "\n".join(more))
    return home


def ask(home: Home, *words: str) -> list[dict[str, Any]]:
    done = home.run("ask", *words, "--events", env=KEY).check(0)
    check_stream(done.events)
    return done.events


def month(home: Home, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(home.run("spending", "--json", *words).check(0).text)
    return found


def test_a_month_is_what_the_service_billed(tmp_path: Path) -> None:
    bank = Bank(failing=2)
    with serving(bank) as server:
        home = priced(tmp_path, server.base_url)
        ends = [
            ask(home, "Why?", "--strategy", "self_consistency", "--alternatives", "4")[-1],
            ask(home, "How?", "--strategy", "single")[-1],
        ]
        found = month(home)
        kept = ask(home, "How?", "--strategy", "single")[-1]
        after = month(home)
    sent = [request for request in server.requests if request.method == "POST"]
    assert found["total"]["calls"] == len(sent) == sum(end["calls"] for end in ends)
    assert round(found["total"]["known_usd"] * 1e6) == bank.billed
    assert found["total"]["unknown_calls"] == 0, "what was refused with a 503 cost nothing"
    assert found["total"]["cost_usd"] == round(sum(end["cost_usd"] for end in ends), 6)
    assert [row["model"] for row in found["models"]] == ["priced/fast"]
    assert (kept["calls"], kept["cost_usd"]) == (0, 0)
    assert after["total"]["known_usd"] == found["total"]["known_usd"]
    assert (after["total"]["kept"], after["total"]["saved_usd"]) == (1, ends[1]["cost_usd"])


def test_it_outlives_the_conversation(tmp_path: Path) -> None:
    with serving(Bank()) as server:
        home = priced(tmp_path, server.base_url)
        conversation = ask(home, "Why?", "--strategy", "single")[0]["conversation"]
        before = month(home)
        home.run("conversations", "delete", conversation).check(0)
    assert before["total"]["calls"] == 1
    assert month(home) == before


def test_a_used_up_limit_ends_with_5_and_says_how_to_go_on(tmp_path: Path) -> None:
    with serving(Bank()) as server:
        home = priced(tmp_path, server.base_url, "[limits]", "day_usd = 0.02", "warn_at = 0.01")
        done = home.run("ask", "Why?", "--strategy", "single", "--max-tokens", "99", env=KEY)
        done.check(0, "The limit of $0.02 a day is nearly used up", "It starts anew on")
        home.config(
            (home.path / "config.toml")
            .read_text(encoding="utf-8")
            .replace("day_usd = 0.02", "day_usd = 0.000001")
        )
        sent = len(server.requests)
        refused = home.run("ask", "Again?", "--strategy", "single", env=KEY)
        refused.check(5, "is used up", "is spent today", "raise day_usd under [limits] in config.toml")
        assert refused.out == b""
        assert len(server.requests) == sent
        shown = home.run("spending").check(0).text
    assert "limit today: $0.00" in shown
    assert "by model:\n  priced/fast" in shown


def test_without_anything_spent_it_says_so(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert "$0, 0 calls, 0 tokens" in home.run("spending").check(0).text
    assert month(home)["total"]["cost_usd"] == 0
    home.run("spending", "--month", "2026-13").check(2, "is no month; write it like 2026-11")


def test_an_unpriced_call_is_unknown_and_never_0(tmp_path: Path) -> None:
    with serving(think) as server:
        home = Home(tmp_path / "home", server.base_url)
        home.run("ask", "Why?", "--strategy", "single").check(0)
    assert "unknown price, 1 call" in home.run("spending").check(0).text
    found = month(home)["total"]
    assert (found["cost_usd"], found["unknown_calls"]) == (None, 1)
