"""The exit codes of CONTRACT 1, each brought about from outside."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.programs import TOP, Home
from tests.e2e.thinkers import serving, think
from tests.fakes.replies import Hang, Reply, body_reply, chat_reply, status_reply
from tests.fakes.scripted_server import Request

CORT = ("--seed", "5", "--strategy", "cort", "--rounds", "1", "--alternatives", "2", "--judges", "1")


def test_0_the_answer_is_on_standard_output_and_nothing_else(thinking: Any) -> None:
    done = thinking.home.run("ask", "Why?", *CORT).check(0, "R1.A1 answered", "cort-desktop replay")
    (run,) = thinking.home.runs()
    answer = thinking.home.stored(run)[-1]["answer"]
    assert done.out == f"{answer}\n".encode()
    assert len(thinking.server.requests) == 4


@pytest.mark.parametrize(
    ("words", "data"),
    [
        (("ask", "-"), b"Why?\n"),
        (("ask",), b"Why?"),
        ((), "Why?\r\n".encode("utf-16")),
        (("ask", "-", "--strategy", "single"), b"\xef\xbb\xbfWhy?"),
    ],
)
def test_0_a_question_comes_from_a_pipe(thinking: Any, words: tuple[str, ...], data: bytes) -> None:
    thinking.home.config(
        (thinking.home.path / "config.toml")
        .read_text()
        .replace("[providers", 'strategy = "single"\n[providers')
    )
    assert thinking.home.run(*words, data=data).check(0).out
    assert thinking.server.requests[0].messages[-1]["content"] == "Why?"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ask", "Why?", "--strategy", "crot"), 'did you mean "cort"?'),
        (("ask", "Why?", "--preset", "balancd"), 'did you mean "balanced"?'),
        (("ask", "Why?", "--model", "my-servr/fast"), 'did you mean "my-server"?'),
        (("ask", "Why?", "--model", "fast"), "PROVIDER/MODEL"),
        (("ask", "Why?", "--stratgy", "cort"), "did you mean --strategy?"),
        (("ask", "Why?", "--strategy", "cort", "--set", "round=1"), 'did you mean "rounds"?'),
        (("ask", "Why?", "--strategy", "single", "--rounds", "1"), "doesn't read rounds"),
        (("ask", "Why?", "--rounds", "-1", "--strategy", "cort"), "not a whole number"),
        (("ask", "Why?", "--budget-usd", "nan"), "not a number"),
        (("ask", "Why", "is", "it?"), "put the question in quotes"),
        (("ask", "Why?", "--conversation", "nope"), "nope"),
        (("ask", "Why?", "--file", "no/such/file"), "no/such/file"),
        (("resume", "nope"), "nope"),
        (("resume", ""), "run"),
        (("replay", "nope", "--events"), "nope"),
        (("conversations", "shwo", "x"), "did you mean show?"),
        (("conversations", "delete", "nope"), "nope"),
        (("keys", "set", "nowhere"), "nowhere"),
        (("chta",), "did you mean chat?"),
    ],
)
def test_2_what_does_not_exist_is_named(thinking: Any, words: tuple[str, ...], said: str) -> None:
    data = b"some-key" if words[0] == "keys" else None
    thinking.home.run(*words, data=data).refused(2, said)
    assert thinking.server.requests == []


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", None])
@pytest.mark.parametrize("words", [("ask",), ("ask", "-")])
def test_2_no_question_is_none(home: Home, words: tuple[str, ...], data: bytes | None) -> None:
    home.run(*words, data=data).refused(2, "question")


def test_2_a_key_on_the_command_line_is_refused_and_not_repeated(home: Home) -> None:
    done = home.run("keys", "set", "openai", "canary-1234").refused(2, "never given on the command line")
    assert "canary" not in done.err


def served(reply: Reply) -> Any:
    return serving(lambda request: reply)


@pytest.mark.reliability(5)
@pytest.mark.parametrize("status", [401, 403])
def test_3_a_refused_key(tmp_path: Path, status: int) -> None:
    """Row 5: one request, no retry, the provider named."""
    with served(status_reply(status, "Incorrect API key provided")) as server:
        home = Home(tmp_path / "home", server.base_url)
        done = home.run("ask", "Why?", "--strategy", "single").check(3, "my-server")
        assert done.out == b""
        assert len(server.requests) == 1
        assert home.run("ask", "Why?", *CORT).check(3, "my-server").out == b""


def test_3_no_key_at_all(home: Home) -> None:
    done = home.run("ask", "Why?", "--strategy", "single", "--model", "openai/gpt-4o").check(
        3, "no API key for openai", "keys set openai"
    )
    assert done.out == b""


def test_3_a_money_cap_with_an_unknown_price(thinking: Any) -> None:
    words = ("ask", "Why?", "--strategy", "single", "--budget-usd", "0.1")
    thinking.home.run(*words).refused(3, '[prices."my-server/fast"]')
    assert thinking.server.requests == []
    thinking.home.configure(
        thinking.server.base_url, '[prices."my-server/fast"]', "input = 0.5", "output = 1.5"
    )
    thinking.home.run(*words).check(0, "$")


def test_3_there_is_no_screen_for_a_window(home: Home) -> None:
    home.run("gui").refused(3, "chat", "ask")


@pytest.mark.reliability(6)
@pytest.mark.parametrize(
    ("status", "fields", "said"),
    [
        (404, {}, "fast"),
        (402, {}, "credit"),
        (400, {"type": "invalid_request_error"}, "what the service says"),
        (413, {}, "what the service says"),
        (422, {}, "what the service says"),
    ],
)
def test_4_what_another_try_would_not_mend(
    tmp_path: Path, status: int, fields: dict[str, Any], said: str
) -> None:
    """Row 6, and 402 and 404: no retry, the provider's text is shown."""
    with served(status_reply(status, "what the service says", **fields)) as server:
        home = Home(tmp_path / "home", server.base_url)
        done = home.run("ask", "Why?", "--strategy", "single").check(4, said)
        assert done.out == b""
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "words", [("ask", "Why?", "--model", "builtin/smollm2-153m"), ("models", "install", "nothing")]
)
def test_4_a_model_its_provider_does_not_know(home: Home, words: tuple[str, ...]) -> None:
    home.run(*words).refused(4, "no built-in model", "smollm2-135m")


@pytest.mark.reliability(7)
def test_4_every_candidate_failed(tmp_path: Path) -> None:
    """Row 7: retried within the budget; the attempts are in the run's log."""
    with served(status_reply(500, "boiler exploded")) as server:
        home = Home(tmp_path / "home", server.base_url)
        done = home.run("ask", "Why?", *CORT).check(4, "boiler exploded")
        assert done.out == b""
        (run,) = home.runs()
        attempts = Counter(each["node"] for each in home.stored(run) if each["type"] == "attempt.started")
        assert attempts.total() == len(server.requests)
        assert attempts["D"] == 3
        assert max(attempts.values()) == 3
        home.run("replay", run).check(0)


@pytest.mark.reliability(1)
def test_4_nobody_listens(tmp_path: Path) -> None:
    """Row 1: at most three attempts, then plain words; the question is kept."""
    with serving(think) as server:
        address = server.base_url
    home = Home(tmp_path / "home", address)
    done = home.run("ask", "Why is it so?", "--strategy", "single").check(4, "my-server could not be reached")
    assert done.out == b""
    assert "Why is it so?" in home.run("conversations", "list").text


@pytest.mark.reliability(27)
def test_4_no_api(tmp_path: Path) -> None:
    """Row 27: a login page is not an answer."""
    page = body_reply("<html><body>Please log in</body></html>", content_type="text/html")
    with served(page) as server:
        home = Home(tmp_path / "home", server.base_url)
        assert home.run("ask", "Why?", "--strategy", "single").check(4, "Please log in").out == b""


@pytest.mark.parametrize(
    ("caps", "said"),
    [
        (("--budget-tokens", "5"), "cap of 5 tokens"),
        (("--budget-seconds", "0.3"), "cap of 0.3 s"),
    ],
)
def test_5_the_budget_allowed_no_answer(tmp_path: Path, caps: tuple[str, ...], said: str) -> None:
    with serving(lambda request: [Hang()]) as server:
        home = Home(tmp_path / "home", server.base_url)
        assert home.run("ask", "Why?", *CORT, *caps).check(5, said).out == b""
        (run,) = home.runs()
        end = home.stored(run)[-1]
        assert (end["status"], end["answer"]) == ("failed", None)


def test_5_money_allowed_no_answer(thinking: Any) -> None:
    prices = ('[prices."my-server/fast"]', "input = 500000", "output = 500000")
    thinking.home.configure(thinking.server.base_url, *prices)
    assert thinking.home.run("ask", "Why?", *CORT).check(5, "cap of $0.50").out == b""
    assert thinking.server.requests == []
    thinking.home.run("ask", "Why?", *CORT, "--budget-usd", "0").check(0)


@pytest.mark.reliability(38)
def test_0_a_cap_met_on_the_way_leaves_the_best_so_far(thinking: Any) -> None:
    """Row 38: no new calls; what is there is kept, printed, and can be gone on with."""
    done = thinking.home.run("ask", "Why?", *CORT, "--rounds", "2", "--budget-calls", "5").check(
        0, "cap of 5 calls", "cort-desktop resume"
    )
    assert done.out.startswith(b"Try word")
    assert len(thinking.server.requests) == 4  # no call is made that could not be judged
    (run,) = thinking.home.runs()
    thinking.home.run("resume", run).check(0)
    assert len(thinking.server.requests) == 7


def test_5_seconds_cut_what_runs_and_keep_what_is_there(tmp_path: Path) -> None:
    def script(request: Request) -> Reply:
        return chat_reply("the draft") if len(request.messages[-1]["content"]) < 20 else [Hang()]

    with serving(script) as server:
        home = Home(tmp_path / "home", server.base_url)
        done = home.run("ask", "Why?", *CORT, "--budget-seconds", "1.5").check(0, "cap of 1.5 s")
        assert done.out == b"the draft\n"


BUG = """
import cort_desktop.services.planning as planning

def broken(ask, *rest):
    raise ZeroDivisionError(f"our own bug, key {ask.system}")

planning.make_plan = broken
"""


def test_1_our_own_bug_is_written_down(thinking: Any, tmp_path: Path) -> None:
    (tmp_path / "plugin").mkdir()
    (tmp_path / "plugin" / "sitecustomize.py").write_text(BUG)
    done = thinking.home.run(
        "ask",
        "my private question",
        "--system",
        "sk-canary-123456",
        env={"PYTHONPATH": f"{tmp_path / 'plugin'}:{TOP}"},
    )
    done.refused(1, "Something went wrong inside the program, so it has to end.")
    named = re.search(r"(/\S+crash-\S+\.txt)", done.err)
    assert named is not None
    report = Path(named[1]).read_text()
    assert "ZeroDivisionError: our own bug" in report
    assert "private question" not in report
    assert "canary" not in report
