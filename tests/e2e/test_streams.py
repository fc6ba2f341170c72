"""What is on standard output: the answer, one event, or the stream of CONTRACT 3; never anything else."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain import wire
from cort_desktop.domain.ids import RunId
from cort_desktop.domain.run import RunState
from tests.e2e.programs import TOP, Done, Home, command
from tests.e2e.thinkers import marker, serving, slowly, think
from tests.fakes.contract import check_stream
from tests.fakes.replies import Reply, chat_reply, status_reply
from tests.fakes.runs import snapshot
from tests.fakes.scripted_server import Request

STRATEGIES = {
    "single": ("--strategy", "single"),
    "best_of_n": ("--strategy", "best_of_n", "--alternatives", "3", "--judges", "2"),
    "cort": ("--strategy", "cort", "--alternatives", "2"),
    "self_consistency": ("--strategy", "self_consistency", "--alternatives", "8"),
    "balanced": ("--preset", "balanced"),
}


def state_of(lines: list[dict[str, Any]]) -> RunState:
    """The fold of printed events."""
    return RunState(RunId(lines[0]["run"])).fold(map(wire.event_from_json, lines))


@pytest.mark.parametrize("options", STRATEGIES.values(), ids=STRATEGIES)
def test_the_stream_keeps_the_contract_and_replay_repeats_it(thinking: Any, options: tuple[str, ...]) -> None:
    live = thinking.home.run("ask", "Why?", *options, "--events").check(0)
    check_stream(live.events)
    run = live.events[0]["run"]
    again = thinking.home.run("replay", run, "--events").check(0)
    assert again.out == live.out
    assert (live.err, again.err) == ("", "")
    assert snapshot(state_of(live.events)) == snapshot(state_of(thinking.home.stored(run)))
    sent = [each for each in live.events if each["type"] == "attempt.started"]
    assert len(sent) == len(thinking.server.requests) == live.events[-1]["calls"]


def test_full_adds_the_text_as_it_streams(thinking: Any) -> None:
    done = thinking.home.run("ask", "Why?", *STRATEGIES["cort"], "--events=full").check(0)
    check_stream(done.events)
    texts: dict[str, str] = {}
    for each in done.events:
        if each["type"] == "node.delta":
            texts[each["node"]] = texts.get(each["node"], "") + each["text"]
        if each["type"] == "node.finished":
            assert texts.pop(each["node"]) == (each["reply"] or each["text"])
    assert texts == {}
    run = done.events[0]["run"]
    facts = [each for each in done.events if each["type"] != "node.delta"]
    assert facts == thinking.home.run("replay", run, "--events").events


def test_json_is_the_closing_event_alone(thinking: Any) -> None:
    done = thinking.home.run("ask", "Why?", *STRATEGIES["cort"], "--json").check(0, "R1.A1 answered")
    (event,) = done.events
    run = event["run"]
    assert event == thinking.home.stored(run)[-1]
    assert event["type"] == "run.finished"
    ended = thinking.home.run("resume", run, "--json").check(0)
    assert ended.out == done.out
    assert thinking.home.run("resume", run, "--events").check(0).out == b""
    assert thinking.home.run("resume", run).check(0).text == event["answer"] + "\n"


@pytest.mark.reliability(20, 21)
def test_strange_text_comes_through_as_it_is(tmp_path: Path) -> None:
    """Rows 20, 21: U+2028, U+0085 and surrogates: one line an event, and replay is the same bytes."""
    text = "a\u2028b\u0085c\x0bd\U0001f600e\tf \x1b[31mred\x1b[0m"

    def script(request: Request) -> Reply:
        return chat_reply(text)

    with serving(script) as server:
        home = Home(tmp_path / "home", server.base_url)
        done = home.run("ask", "Why?", "--strategy", "single").check(0)
        assert done.out == f"{text}\n".encode()
        events = home.run("ask", "Why?", "--strategy", "single", "--events").check(0)
        assert [json.loads(line) for line in events.out.split(b"\n") if line] == home.stored(
            json.loads(events.out.split(b"\n")[0])["run"]
        )
        assert json.loads(events.out.split(b"\n")[-2])["answer"] == text


def test_a_failed_run_says_so_in_the_stream_and_by_its_code(tmp_path: Path) -> None:
    with serving(lambda _: status_reply(404, "no such model")) as server:
        home = Home(tmp_path / "home", server.base_url)
        done = home.run("ask", "Why?", "--strategy", "single", "--events").check(4, "No answer")
        check_stream(done.events)
        assert done.events[-1]["status"] == "failed"
        assert done.events[-1]["answer"] is None
        (event,) = home.run("ask", "Why?", "--strategy", "single", "--json").check(4).events
        assert event["answer"] is None


def test_no_store_streams_all_the_same(thinking: Any) -> None:
    done = thinking.home.run("ask", "Why?", *STRATEGIES["cort"], "--events", "--no-store").check(0)
    check_stream(done.events)
    assert not thinking.home.data.exists()
    plain = thinking.home.run("ask", "Why?", "--strategy", "single", "--no-store").check(0)
    assert "replay" not in plain.err
    assert not thinking.home.data.exists()


def piped(home: Home, words: tuple[str, ...], lines: int) -> tuple[int, Done]:
    """``cort-desktop WORDS | head -LINES``; the program's own exit code and what was read."""
    program = subprocess.Popen(
        command(words),
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=home.environment(),
    )
    with program:
        head = subprocess.run(
            ["head", f"-{lines}"], stdin=program.stdout, capture_output=True, check=True, timeout=60
        )
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        err = program.stderr.read().decode()
    return program.returncode, home.ended(Done(code=program.returncode, out=head.stdout, err=err))


def test_a_reader_that_leaves_the_stream_stops_the_run(tmp_path: Path) -> None:
    with serving(slowly(0.2)) as server:
        home = Home(tmp_path / "home", server.base_url)
        code, done = piped(home, ("ask", "Why?", "--strategy", "cort", "--rounds", "9", "--events"), 1)
        assert code == 130
        assert json.loads(done.out)["type"] == "run.started"
        run = json.loads(done.out)["run"]
        assert home.stored(run)[-1]["status"] in ("stopped", "failed")
        assert len(server.requests) < 10


def test_a_reader_that_leaves_a_listing_makes_no_noise(thinking: Any) -> None:
    for _ in range(2):
        thinking.home.run("ask", "Why? " + "word " * 9, "--strategy", "single").check(0)
    for words in (("conversations", "list"), ("conversations", "search", "word"), ("replay", _run(thinking))):
        code, done = piped(thinking.home, words, 1)
        assert (code, done.err) == (0, "")


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        ("> /dev/full", 6, "could not be written"),
        ("--events > /dev/full", 6, "could not be written"),
        (">&-", 0, "D answered"),
        ("2> /dev/full", 0, ""),
        ("2>&-", 0, ""),
        (">&- 2>&-", 0, ""),
    ],
)
def test_outputs_that_take_nothing(thinking: Any, ending: str, code: int, said: str) -> None:
    """A full disk under the output is said; a closed stream is no error; the run is kept either way."""
    line = f"{shlex.join(command(('ask', 'Why?', '--strategy', 'single')))} {ending}"
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=thinking.home.environment(),
        timeout=120,
        check=False,
    )
    thinking.home.ended(Done(code=done.returncode, out=done.stdout, err=done.stderr.decode())).check(
        code, said
    )
    assert len(thinking.home.runs()) == 1


def _run(thinking: Any) -> str:
    found: str = thinking.home.runs()[0]
    return found


def test_a_conversation_goes_on(thinking: Any) -> None:
    first = thinking.home.run("ask", "first?", "--strategy", "single", "--json").check(0).events[0]
    (listed,) = json.loads(thinking.home.run("conversations", "list", "--json").check(0).out)
    assert set(listed) == {"id", "title", "created", "updated", "turns", "pinned", "archived"}
    for name in (listed["id"], listed["id"][:6]):
        thinking.home.run("ask", "next?", "--strategy", "single", "--conversation", name).check(0)
    said = [message["content"] for message in thinking.server.requests[-1].messages[1:]]
    assert said[0] == "first?"
    assert said[1] == first["answer"]
    assert [said[2], said[4]] == ["next?", "next?"]
    shown = json.loads(thinking.home.run("conversations", "show", listed["id"][:6], "--json").check(0).out)
    assert [turn["question"] for turn in shown["path"]] == ["first?", "next?", "next?"]
    assert shown["turns"] == 3


def test_search_finds_losing_candidates_judges_and_chinese(tmp_path: Path) -> None:
    def script(request: Request) -> Reply:
        reply = think(request)
        return chat_reply("天空是蓝色的 because of heron scattering") if "蓝" in request.prompt else reply

    with serving(script) as server:
        home = Home(tmp_path / "home", server.base_url)
        home.run("ask", "Why?", *STRATEGIES["best_of_n"]).check(0)
        run = home.runs()[0]
        end = home.stored(run)[-1]
        winner = end["answer_node"]
        losers = [
            each for each in home.stored(run) if each["type"] == "node.finished" and each["node"] != winner
        ]
        losing = next(each for each in losers if ".A" in each["node"])
        word = losing["text"].split()[1].rstrip(":")
        assert word in {marker(request) for request in server.requests}
        (hit,) = json.loads(home.run("conversations", "search", word, "--json").check(0).out)
        assert (hit["node"], hit["part"], hit["run"]) == (losing["node"], "candidate", run)
        judged = json.loads(home.run("conversations", "search", "shorter", "--json").check(0).out)
        assert {each["part"] for each in judged} == {"verdict"}
        home.run("ask", "为什么天空是蓝色的", "--strategy", "single").check(0)
        for words in ("天空", "蓝色", "heron", "heron 天空"):
            found = json.loads(home.run("conversations", "search", words, "--json").check(0).out)
            assert found, words
        assert home.run("conversations", "search", "flamingo").check(0, "Nothing found").out == b""


def test_chat_by_pipe_is_a_conversation(thinking: Any) -> None:
    lines = b"first?\n/why\nsecond?\n/tree\n/retry\n"
    done = thinking.home.run("chat", "--strategy", "single", data=lines).check(0)
    requests = thinking.server.requests
    assert [len(request.messages) for request in requests] == [2, 4, 4]
    assert requests[2].messages == requests[1].messages
    assert done.text.count("Try word") == 3
    (conversation,) = json.loads(thinking.home.run("conversations", "list", "--json").out)
    assert conversation["turns"] == 2
    shown = json.loads(thinking.home.run("conversations", "show", conversation["id"], "--json").out)
    assert [len(turn["runs"]) for turn in shown["path"]] == [1, 2]


def test_chat_that_is_not_to_be_stored_knows_what_was_said(thinking: Any) -> None:
    thinking.home.run("chat", "--strategy", "single", "--no-store", data=b"first?\nsecond?\n").check(0)
    assert [len(request.messages) for request in thinking.server.requests] == [2, 4]
    assert not thinking.home.data.exists()


def test_every_command_works_beside_a_run(tmp_path: Path) -> None:
    with serving(slowly(0.2)) as server:
        home = Home(tmp_path / "home", server.base_url)
        with home.start("ask", "Why?", "--strategy", "cort", "--rounds", "300", "--events") as working:
            run = working.until("node.finished", node="D")["run"]
            home.run("resume", run).refused(2, run, "cort-desktop", str(working.process.pid))
            assert json.loads(home.run("conversations", "list", "--json").check(0).out)[0]["title"] == "Why?"
            check_stream(home.run("replay", run, "--events").check(0).events)
            assert home.run("replay", run).check(0).out
            assert home.run("conversations", "search", "why").check(0).out
            assert home.run("doctor", "--json").check(0).out
            home.run("ask", "And?", "--strategy", "single").check(0)
            assert working.process.poll() is None


@pytest.mark.reliability(43)
def test_row_43_two_programs_at_once_on_one_new_home(tmp_path: Path) -> None:
    """Row 43: both make the database at the same moment, both answers are stored."""
    with serving(slowly(0.05)) as server:
        home = Home(tmp_path / "home", server.base_url)
        words = ("--strategy", "cort", "--rounds", "2", "--alternatives", "2", "--events")
        with home.start("ask", "one?", *words) as one, home.start("ask", "two?", *words) as two:
            ends = [one.end().check(0), two.end().check(0)]
        for done in ends:
            check_stream(done.events)
            assert home.stored(done.events[0]["run"]) == done.events
        listed = json.loads(home.run("conversations", "list", "--json").check(0).out)
        assert {each["title"] for each in listed} == {"one?", "two?"}
