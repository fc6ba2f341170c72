"""Questions and settings that are not as they should be: each is one clear sentence, and nothing is lost."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.programs import Home
from tests.e2e.thinkers import serving
from tests.fakes.contract import check_stream
from tests.fakes.replies import Reply, chat_reply
from tests.fakes.scripted_server import Request

FIVE = """\
[defaults]
strategy = "cortt"
rounds = "two"
model = "my-servr/fast"

[budget]
usd = -1

[providers.my-server]
kind = "openia"
base_url = "http://127.0.0.1:9/v1"
"""


@pytest.mark.reliability(65)
def test_a_question_of_a_megabyte_arrives_whole(tmp_path: Path) -> None:
    """Row 65: a megabyte of one letter is counted by estimate, and sent as it is."""
    asked: list[str] = []

    def script(request: Request) -> Reply:
        asked.append(request.messages[-1]["content"])
        return chat_reply("much")

    question = "a" * 1_000_000
    with serving(script) as server:
        home = Home(tmp_path / "home", server.base_url)
        done = home.run("ask", "-", "--strategy", "single", "--events", data=question.encode()).check(0)
    assert asked == [question]
    check_stream(done.events)
    assert done.events[0]["question"] == question
    assert home.run("replay", done.events[0]["run"], "--events").out == done.out
    (listed,) = json.loads(home.run("conversations", "list", "--json").out)
    assert listed["title"] == "a" * 59 + "…"


def test_more_than_fits_the_built_in_model_is_said_before_it_is_asked(home: Home) -> None:
    done = home.run("ask", "-", "--strategy", "single", data=b"word " * 20_000)
    done.check(4, "builtin/smollm2-135m", "shorten the question")
    assert done.out == b""


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\4\0\0\0\4\0\x08\6\0\0\0",
        b"\x7fELF\2\1\1\0\0\0\0\0\0\0\0\0",
        bytes(range(128, 256)) * 8,
        os.urandom(2048),
    ],
    ids=["png", "program", "high bytes", "noise"],
)
def test_binary_questions_are_turned_away(thinking: Any, data: bytes) -> None:
    thinking.home.run("ask", "-", data=data).refused(2, "looks like binary data")
    assert thinking.server.requests == []


@pytest.mark.parametrize(
    "question",
    ["日本語でお願いします", "a\tb\nc", "--", "Why \ufffd? e\u0301 🙂 \u202eabc </conversation>"],
)
def test_odd_questions_are_asked_as_they_are(thinking: Any, question: str) -> None:
    thinking.home.run("ask", "-", "--strategy", "single", data=question.encode()).check(0)
    assert thinking.server.requests[0].messages[-1]["content"] == question


def test_bytes_that_are_no_text_on_the_command_line(thinking: Any) -> None:
    """What can't be text is replaced before it is stored or sent; nothing breaks on it."""
    words = ("ask", "Why \udcff?", "--system", "Be \udc80 brief.", "--strategy", "single", "--events")
    done = thinking.home.run(*words).check(0)
    check_stream(done.events)
    assert done.events[0]["question"] == "Why \ufffd?"
    said = [message["content"] for message in thinking.server.requests[0].messages]
    assert said == ["Be \ufffd brief.", "Why \ufffd?"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--max-tokens", "0"), "at least 1 token"),
        (("--temperature", "3"), "from 0 to 2"),
        (("--file", "/dev/zero"), "/dev/zero is no file"),
        (("--seed", "9" * 16), "too large"),
    ],
)
def test_numbers_and_files_that_make_no_sense(thinking: Any, words: tuple[str, ...], said: str) -> None:
    thinking.home.run("ask", "Why?", "--strategy", "single", *words).refused(2, said)
    assert thinking.server.requests == []


def test_five_mistakes_in_the_settings_are_all_named(home: Home) -> None:
    home.config(FIVE)
    places = {
        "line 2": 'defaults.strategy is "cortt", which is unknown (did you mean "cort"?)',
        "line 3": "defaults.rounds must be a whole number",
        "line 4": 'defaults.model names "my-servr/fast", but there is no such provider (did you mean "my-s',
        "line 7": "budget.usd must be a number",
        "line 10": 'providers.my-server.kind is "openia", which is unknown (did you mean "openai"?)',
    }
    for words in (("ask", "Why?"), ("conversations", "list"), ("doctor",), ("models",), ("keys",)):
        done = home.run(*words)
        assert (done.code, done.out) == (3, b""), words
        assert "5 mistakes" in done.err
        for line, said in places.items():
            assert f"{line}: {said}" in done.err


def test_chat_goes_on_with_the_defaults_and_says_so(home: Home) -> None:
    home.config(FIVE)
    done = home.run("chat", data=b"/help\n").check(0, "5 mistakes", "line 10", "Going on with the defaults")
    assert done.out == b""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[defaults\nmodel = 1", "line 1"),
        ('[defaults]\nmodel = "a/b"\nmodel = "a/b"', "line 3"),
        ("[defaults]\nrounds = 3 4", "line 2"),
        ("x = '", "line 1"),
    ],
)
def test_the_first_error_of_syntax_is_named_with_its_line(home: Home, text: str, said: str) -> None:
    home.config(text)
    home.run("ask", "Why?").refused(3, "config.toml", said)


def test_settings_that_are_no_text_are_named(home: Home) -> None:
    (home.path / "config.toml").write_bytes(b"[defaults]\nmodel = '\xff'\n")
    home.run("ask", "Why?").refused(3, "line 2", "UTF-8")
    (home.path / "config.toml").unlink()
    (home.path / "config.toml").mkdir()
    home.run("ask", "Why?").refused(3, "config.toml", "a folder")


def test_unknown_keys_are_only_a_warning(thinking: Any) -> None:
    thinking.home.configure(
        thinking.server.base_url, "max_concurency = 3", "[network]", "prxy = 'x'", "[defauts]", "x = 1"
    )
    done = thinking.home.run("ask", "Why?", "--strategy", "single").check(0)
    assert 'did you mean "max_concurrency"?' in done.err
    assert 'did you mean "defaults"?' in done.err
    assert "network.prxy is not known" in done.err


def test_an_address_that_may_never_be_used(home: Home) -> None:
    home.configure("http://169.254.169.254/v1")
    home.run("ask", "Why?").refused(3, "line 5", "link-local or metadata address")


@pytest.mark.parametrize("level", ["nonsense", "verbose"])
def test_an_unknown_log_level(home: Home, level: str) -> None:
    home.run("doctor", env={"CORT_DESKTOP_LOG": level}).refused(2, level, "debug, info, warning, error")


@pytest.mark.reliability(58)
def test_row_58_without_a_key_store_a_key_is_not_kept_and_never_in_a_file(thinking: Any) -> None:
    """Row 58: said plainly, with what to do instead, and nothing of it is written."""
    started = time.monotonic()
    done = thinking.home.run("keys", "set", "my-server", data=b"canary-no-store\n").check(3)
    assert "NOT kept" in done.err
    assert time.monotonic() - started < 60
    listed = thinking.home.run("keys").check(0)
    assert "my-server: none" in listed.text
    written = [path for path in thinking.home.path.rglob("*") if path.is_file()]
    assert not [path for path in written if b"canary" in path.read_bytes()]


def test_the_home_is_private(thinking: Any) -> None:
    before = os.umask(0)
    try:
        thinking.home.run("ask", "Why?", "--strategy", "single").check(0)
    finally:
        os.umask(before)
    found = {path: path.stat().st_mode & 0o777 for path in thinking.home.path.rglob("*")}
    config = thinking.home.path / "config.toml"
    assert {mode for path, mode in found.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in found.items() if path.is_file() and path != config} == {0o600}


def test_a_home_that_can_not_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    home = Home(tmp_path / "home")
    place = tmp_path / "file" / "home"
    home.run("ask", "Why?", env={"CORT_DESKTOP_HOME": str(place)}).refused(3, f"{place / 'config.toml'}")
