"""Asking the same thing twice: the second time nothing is sent, it costs nothing, and everything says so."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.programs import Home
from tests.e2e.test_streams import STRATEGIES
from tests.e2e.thinkers import serving
from tests.fakes.contract import check_stream
from tests.fakes.replies import chat_reply, status_reply

PRICES = ['[prices."my-server/fast"]', "input = 1.0", "output = 2.0"]


def events(home: Home, *words: str) -> list[dict[str, Any]]:
    done = home.run("ask", "Why?", *words, "--events").check(0)
    check_stream(done.events)
    return done.events


def of(stream: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [each for each in stream if each["type"] == kind]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(options, id=name, marks=() if name == "cort" else pytest.mark.endurance)
        for name, options in STRATEGIES.items()
    ],
)
def test_the_same_question_again_sends_nothing_and_costs_nothing(
    thinking: Any, options: tuple[str, ...]
) -> None:
    thinking.home.configure(thinking.server.base_url, *PRICES)
    first = events(thinking.home, *options)
    sent = len(thinking.server.requests)
    second = events(thinking.home, *options)
    assert len(thinking.server.requests) == sent
    assert second[-1]["answer"] == first[-1]["answer"]
    assert (second[-1]["calls"], second[-1]["cost_usd"]) == (0, 0)
    assert set(second[-1]["usage"].values()) == {0}
    assert (of(second, "attempt.started"), of(second, "attempt.first_content")) == ([], [])
    ended = of(second, "node.finished")
    assert len(ended) == sent
    assert all(each["cached"] and each["attempts"] == 0 for each in ended)
    made = {each["node"]: each for each in of(first, "node.finished")}
    assert {e["node"]: (e["text"], e["saved_usd"]) for e in ended} == {
        node: (each["text"], each["cost_usd"]) for node, each in made.items()
    }
    assert thinking.home.run("replay", second[0]["run"], "--events").events == second


def test_samples_are_no_copies_of_the_first(thinking: Any) -> None:
    """Even of a service that takes no seed: equal words are told apart by the sample."""
    stream = events(thinking.home, "--strategy", "best_of_n", "--alternatives", "4")
    texts = [each["text"] for each in of(stream, "node.finished") if each["node"].startswith("R1.A")]
    assert len(set(texts)) == 4
    assert not any(each["cached"] for each in of(stream, "node.finished"))
    more = events(thinking.home, "--strategy", "best_of_n", "--alternatives", "5")
    cached = {each["node"]: each["cached"] for each in of(more, "node.finished")}
    assert [cached[f"R1.A{n}"] for n in range(1, 6)] == [True, True, True, True, False]


def test_it_says_so(thinking: Any) -> None:
    thinking.home.configure(thinking.server.base_url, *PRICES)
    thinking.home.run("ask", "Why?", *STRATEGIES["cort"]).check(0)
    done = thinking.home.run("ask", "Why?", *STRATEGIES["cort"])
    done.check(0, "R1.A1 from the cache · saved $", " · from the cache\n", "0 calls", "$0 · saved $")
    shown = thinking.home.run("replay", thinking.home.runs()[-1]).check(0)
    assert "from the cache" in shown.text + shown.err


def test_what_is_asked_otherwise_is_asked(thinking: Any) -> None:
    events(thinking.home, "--strategy", "single")
    for change in (
        ("--no-cache",),
        ("--seed", "7"),
        ("--temperature", "0.2"),
        ("--max-tokens", "99"),
        ("--system", "Be brief."),
    ):
        sent = len(thinking.server.requests)
        stream = events(thinking.home, "--strategy", "single", *change)
        assert len(thinking.server.requests) == sent + 1, change
        assert [each["cached"] for each in of(stream, "node.finished")] == [False], change


def test_with_a_seed_asking_anew_replaces_the_answer(tmp_path: Path) -> None:
    numbers = iter(range(1, 9))
    with serving(lambda _: chat_reply(f"answer {next(numbers)}")) as server:
        home = Home(tmp_path / "home", server.base_url)
        answers = [
            events(home, "--strategy", "single", "--seed", "7", *more)[-1]["answer"]
            for more in ((), (), ("--no-cache",), (), ("--no-store",), ())
        ]
    assert answers == ["answer 1", "answer 1", "answer 2", "answer 2", "answer 3", "answer 2"]


def test_retry_in_a_chat_brings_a_new_answer(tmp_path: Path) -> None:
    numbers = iter(range(1, 9))
    with serving(lambda _: chat_reply(f"answer {next(numbers)}")) as server:
        home = Home(tmp_path / "home", server.base_url)
        home.run("ask", "Why?", "--strategy", "single").check(0)
        said = home.run("chat", "--strategy", "single", data=b"Why?\n/retry\n").check(0).text
    assert ("answer 1" in said, "answer 2" in said) == (True, True)


def test_what_is_switched_off_or_not_stored_leaves_no_file(thinking: Any) -> None:
    for _ in range(2):
        events(thinking.home, "--strategy", "single", "--no-store")
    assert not (thinking.home.path / "cache" / "replies").exists()
    thinking.home.configure(thinking.server.base_url, "[cache]", "enabled = false")
    for _ in range(2):
        events(thinking.home, "--strategy", "single")
    assert not (thinking.home.path / "cache" / "replies").exists()
    assert len(thinking.server.requests) == 4


def test_only_the_stages_that_are_named_are_kept(thinking: Any) -> None:
    thinking.home.configure(thinking.server.base_url, "[cache]", 'stages = ["judge"]')
    options = STRATEGIES["best_of_n"]
    events(thinking.home, *options)
    (entries,) = [json.loads(thinking.home.run("cache", "list", "--json").check(0).text)]
    assert {each["stage"] for each in entries} == {"judge"}


def test_failures_and_cut_answers_are_asked_again(tmp_path: Path) -> None:
    replies = iter([status_reply(400), chat_reply("cut", finish="length"), chat_reply("whole")])
    with serving(lambda _: next(replies)) as server:
        home = Home(tmp_path / "home", server.base_url)
        home.run("ask", "Why?", "--strategy", "single").check(4)
        assert [events(home, "--strategy", "single")[-1]["answer"] for _ in range(3)] == [
            "cut",
            "whole",
            "whole",
        ]


def test_browsing_and_clearing(thinking: Any) -> None:
    home = thinking.home
    home.configure(thinking.server.base_url, *PRICES)
    assert "kept: 0 answers" in home.run("cache").check(0).text
    stream = events(home, *STRATEGIES["best_of_n"])
    events(home, *STRATEGIES["best_of_n"])
    listed = json.loads(home.run("cache", "list", "--json").check(0).text)
    assert len(listed) == stream[-1]["calls"]
    assert {each["used"] for each in listed} == {1}
    assert {each["run"] for each in listed} == {stream[0]["run"]}
    assert all(newer["made"] >= older["made"] for newer, older in pairwise(listed))
    shown = json.loads(home.run("cache", "show", "--json").check(0).text)
    assert (shown["entries"], shown["hits"]) == (len(listed), len(listed))
    assert shown["saved_usd"] == pytest.approx(stream[-1]["cost_usd"])
    assert shown["bytes"] > 0
    assert "“Why?”" in home.run("cache", "clear", listed[0]["key"][:12]).check(0).err
    judges = home.run("cache", "clear", "--stage", "judge").check(0).err
    assert "kept answer" in judges
    left = json.loads(home.run("cache", "list", "--json").check(0).text)
    assert {each["stage"] for each in left} == {"proposer"}
    assert len(home.run("cache", "list", "--limit", "1").check(0).text.splitlines()) == 1
    home.run("cache", "clear", "none").refused(2, "No kept answer has a key")
    home.run("cache", "clear", "abcd", "--stage", "judge").refused(2, "not both")
    home.run("cache", "clear").check(0, f"{len(left)} kept answer")
    assert json.loads(home.run("cache", "list", "--json").check(0).text) == []
    report = json.loads(home.run("doctor", "--json").check(0).text)["reply_cache"]
    assert (report["enabled"], report["problem"]) == (True, None)
    assert report["bytes"] > 0
