"""Each command with an app of its own: what exactly is on standard output, and the exit code."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain import wire
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import LeftOut, ModelProfile
from cort_desktop.errors import ProviderError, SettingsError, StorageError, UsageError
from cort_desktop.services.model_lists import ProviderModels
from cort_desktop.terminal.arguments import parse
from cort_desktop.terminal.interrupts import Interrupts
from cort_desktop.terminal.main import fail, main
from cort_desktop.terminal.views import EventStream
from tests.fakes.front_app import FakeApp, FakeChat, FakeDoctor, FakePreferences
from tests.fakes.story import Story, n, two_rounds
from tests.fakes.terminal import CapturedStreams

ANSWER = "Add a partial index on status.\n"


def run(
    app: FakeApp, words: str | list[str], streams: CapturedStreams | None = None
) -> tuple[int, CapturedStreams]:
    streams = streams or CapturedStreams()
    listed = words.split() if isinstance(words, str) else words
    return main(parse(listed, streams.stdin), app.open, streams), streams


def playing(*stories: Story | Exception) -> FakeApp:
    return FakeApp(chat=FakeChat(list(stories)))  # type: ignore[arg-type]


def stdin_of(data: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data))


class TestAsk:
    def test_answer_on_stdout_progress_on_stderr(self) -> None:
        app = playing(two_rounds())
        code, streams = run(app, ["ask", "Why?"])
        assert (code, streams.out) == (0, ANSWER)
        assert streams.err.splitlines() == [
            "run 01run",
            "tournament · my-server/big · about 4–7 calls · 2.0k–9.0k tokens · $0.018",
            "R1.A3 my-server answered 502 Bad Gateway; trying again",
            "R1.A3 failed: my-server answered 502 Bad Gateway; try again later (2 tries)",
            "D answered · 612 tokens · $0.0015 · 1.9 s",
            "R1.A1 answered · 588 tokens · $0.0015 · 1.7 s",
            "R1.A2 answered · 701 tokens · $0.0021 · 2.0 s",
            "R1.J1 ranks R1.A2 > R1.A1 > D",
            "R1.J2 ranks R1.A1 > R1.A2 = D",
            "R1.J3 abstained: its reply could not be read",
            "round 1: R1.A2 won (judges' preference: R1.A2 0.83, R1.A1 0.50, D 0.17)",
            "R2.A1 answered · 640 tokens · $0.0015 · 1.8 s",
            "R2.J1 ranks R2.A1 > R1.A2",
            "R2.J2 ranks R1.A2 > R2.A1",
            "round 2: R1.A2 stays (judges' preference: R1.A2 0.50, R2.A1 0.50); order changed the outcome",
            "★ R1.A2 won 1 of 2 · 2 rounds · 11 calls · at least 4.9k tokens · "  # noqa: ISC004  one line
            "at least $0.0092, one call's price is unknown (counted as $0.0010) · 5.2 s",
            "The same answer won two rounds in a row.",
            "failed: R1.A3: my-server answered 502 Bad Gateway; try again later (2 tries)",
            "order changed the outcome in round 2",
            "every round of it: cort-desktop replay 01run",
        ]
        assert (app.opened, app.closed) == (1, 1)

    def test_options_reach_the_services(self) -> None:
        app = playing(two_rounds())
        words = "ask --model x/m --judge-model x/j,y/j --set a=1 --budget-usd 0 --file q.txt --no-cache Why?"
        run(app, words)
        ask = app.chat.asked[0]
        assert (ask.question, ask.model, ask.judge_models) == (
            "Why?",
            "x/m",
            (ModelRef("x/j"), ModelRef("y/j")),
        )
        assert (ask.settings, ask.budget, ask.files, ask.cache) == (
            {"a": "1"},
            {"usd": 0},
            (Path("q.txt"),),
            False,
        )

    def test_a_piped_question(self) -> None:
        app = playing(two_rounds())
        run(app, "ask -", CapturedStreams(stdin=stdin_of(b"Why is\r\nthat?\r\n")))
        assert app.chat.asked[0].question == "Why is\nthat?"

    @pytest.mark.parametrize("kind", ["pipe", "file"])
    @pytest.mark.parametrize("data", [b"a log\n", b""])
    def test_a_pipe_beside_a_question_is_not_read_and_that_is_said(
        self, tmp_path: Path, kind: str, data: bytes
    ) -> None:
        read, write = os.pipe()
        os.write(write, data)
        (tmp_path / "in").write_bytes(data)
        if kind == "file":
            os.close(read)
            read = os.open(tmp_path / "in", os.O_RDONLY)
        with os.fdopen(read) as stdin:
            code, streams = run(playing(two_rounds()), ["ask", "Why?"], CapturedStreams(stdin=stdin))
        os.close(write)
        assert code == 0
        assert streams.err.startswith("cort-desktop: Standard input was not read") is bool(data)

    @pytest.mark.parametrize("data", [b"", b" \r\n", b"a\0b", b"\xff\xfe\x00\xd8" * 90])
    def test_no_question_opens_nothing(self, data: bytes) -> None:
        app = playing()
        code, streams = run(app, "ask -", CapturedStreams(stdin=stdin_of(data)))
        assert (code, streams.out, app.opened) == (2, "", 0)
        assert streams.err.startswith("cort-desktop: The question ")
        assert streams.err.count("\n") == 1

    def test_a_pipe_gets_the_text_as_it_is(self) -> None:
        text = "\x1b[31mÄ\u202e\r\n日本語\x00 end\n\n"
        story = Story().start("D").finish("D", text).end("one", "One.", answer="D")
        _, streams = run(playing(story), "ask x", CapturedStreams(encoding="ascii"))
        assert streams.out_bytes == text.encode()

    def test_a_terminal_gets_it_made_harmless(self) -> None:
        story = Story().start("D").finish("D", "\x1b[2J\u202eÄ").end("one", "One.", answer="D")
        _, streams = run(playing(story), "ask x", CapturedStreams(out_terminal=True))
        assert streams.out == "␛[2J<U+202E>Ä\n"

    def test_a_terminal_with_a_small_alphabet(self) -> None:
        story = Story().start("D").finish("D", "Ä日").end("one", "One.", answer="D")
        _, streams = run(playing(story), "ask x", CapturedStreams(out_terminal=True, encoding="latin-1"))
        assert streams.out_bytes == "Ä?\n".encode("latin-1")
        assert "* D " in streams._err.bytes.getvalue().decode("latin-1")

    def test_json_is_the_closing_event_alone(self) -> None:
        story = two_rounds()
        code, streams = run(playing(story), "ask x --json")
        assert (code, streams.out) == (0, wire.line(story.events[-1]) + "\n")

    def test_events_are_the_stream_alone(self) -> None:
        story = two_rounds().stream("D", "late")
        code, streams = run(playing(story), "ask x --events")
        stored = [event for event in story.events if not isinstance(event.body, ev.NodeDelta)]
        assert (code, streams.out) == (0, "".join(wire.line(event) + "\n" for event in stored))
        assert streams.err == ""

    def test_full_events_have_the_deltas(self) -> None:
        story = (
            Story().start("D").stream("D", "pie\x9bce").finish("D", "piece").end("one", "One.", answer="D")
        )
        _, streams = run(playing(story), "ask x --events=full")
        assert streams.out == "".join(wire.line(event) + "\n" for event in story.events)

    def test_events_on_a_terminal_are_the_same_json_made_harmless(self) -> None:
        story = Story().start("D").finish("D", "\x9b2J\u202e").end("one", "One.", answer="D")
        _, streams = run(playing(story), "ask x --events", CapturedStreams(out_terminal=True))
        assert [json.loads(line) for line in streams.out.splitlines()] == [
            wire.event_to_json(event) for event in story.events
        ]
        assert "\x9b" not in streams.out

    def test_no_answer(self) -> None:
        story = Story().start("D").fail("D", "The key for x was refused; set another.", kind="auth")
        story.end("all_failed", "Every call failed.", answer=None, status="failed")
        code, streams = run(playing(story), "ask x")
        assert (code, streams.out) == (3, "")
        step = "Run `cort-desktop keys set my-server`."
        assert f"cort-desktop: No answer: The key for x was refused; set another. {step}\n" in streams.err

    def test_no_answer_with_events_is_said_on_stderr_too(self) -> None:
        story = Story().end("calls", "The run met the cap of 0 calls.", answer=None, status="failed")
        code, streams = run(playing(story), "ask x --events")
        assert code == 4
        assert streams.err == "cort-desktop: No answer: The run met the cap of 0 calls.\n"

    def test_unsaved_is_said_and_the_answer_printed(self) -> None:
        app = playing(two_rounds())
        app.chat.unsaved = StorageError("The disk is full; make room.")
        code, streams = run(app, "ask x")
        assert (code, streams.out) == (6, ANSWER)
        assert streams.err.endswith(
            "cort-desktop: This run could not be saved: The disk is full; make room.\n"
        )
        assert "replay" not in streams.err

    @pytest.mark.parametrize(
        ("error", "code"),
        [(UsageError("No such model."), 2), (SettingsError("No key."), 3), (StorageError("No disk."), 6)],
    )
    def test_errors_are_one_sentence(self, error: Exception, code: int) -> None:
        found, streams = run(playing(error), "ask x")
        assert (found, streams.out, streams.err) == (code, "", f"cort-desktop: {error}\n")

    def test_an_app_that_does_not_open(self) -> None:
        app = FakeApp(refuses=SettingsError("config.toml, line 3: …"))
        code, streams = run(app, "ask x")
        assert (code, streams.err) == (3, "cort-desktop: config.toml, line 3: …\n")

    def test_notices_are_said_first(self) -> None:
        app = playing(two_rounds())
        app.notices = ("unknown key in config.toml: modle",)
        _, streams = run(app, "ask x")
        assert streams.err.startswith("cort-desktop: unknown key in config.toml: modle\n")

    def test_a_model_cannot_write_into_the_error_line(self) -> None:
        found, streams = run(playing(ProviderError("bad \x1b[2J\x07", kind="bad_request")), "ask x")
        assert (found, streams.err) == (4, "cort-desktop: bad ␛[2J␇\n")


class TestInterrupts:
    def interrupted(
        self, when: Callable[[FakeApp], bool], story: Story
    ) -> tuple[int, CapturedStreams, FakeApp]:
        """Run ``ask`` and send a real Ctrl-C once ``when`` holds."""
        app = playing(story)
        app.chat.hold = True
        done = threading.Event()

        def press() -> None:
            while not when(app) and not done.wait(0.01):
                pass
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=press)
        thread.start()
        try:
            code, streams = run(app, "ask x")
        finally:
            done.set()
            thread.join()
        return code, streams, app

    def test_ctrl_c_stops_the_run_and_prints_the_best_so_far(self) -> None:
        before = signal.getsignal(signal.SIGINT)
        code, streams, app = self.interrupted(
            lambda app: len(app.chat.stored.get("01run", [])) > 15, two_rounds()
        )
        assert code == 130
        assert app.chat.stopped == ["01run"]
        assert streams.out == "Because of the scan.\n"
        assert "stopping; Ctrl-C again leaves at once\n" in streams.err
        assert streams.err.splitlines()[-3:] == [
            "You stopped the run.",
            "failed: R1.A3: my-server answered 502 Bad Gateway; try again later (2 tries)",
            "go on with: cort-desktop resume 01run",
        ]
        assert signal.getsignal(signal.SIGINT) is before

    def test_ctrl_c_before_the_run_began(self) -> None:
        waiting = threading.Event()

        class Slow(FakeChat):
            async def ask(self, ask: object, show: object) -> object:  # type: ignore[override]
                waiting.set()
                await asyncio.Event().wait()
                raise AssertionError

        app = FakeApp(chat=Slow([]))

        def press() -> None:
            waiting.wait(10)
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=press)
        thread.start()
        code, streams = run(app, "ask x")
        thread.join()
        assert (code, streams.out) == (130, "")
        assert streams.err.endswith("cort-desktop: Stopped before anything was sent.\n")
        assert app.closed == 1

    def test_a_second_ctrl_c_leaves_at_once(self) -> None:
        left: list[int] = []

        async def twice() -> None:
            interrupts = Interrupts(CapturedStreams(), leave=left.append)
            stops: list[bool] = []
            with interrupts.listening(lambda: stops.append(True)):
                os.kill(os.getpid(), signal.SIGINT)
                await asyncio.sleep(0)
                assert (stops, left) == ([True], [])
                os.kill(os.getpid(), signal.SIGINT)
                assert (stops, left) == ([True], [130])

        asyncio.run(twice())

    def test_a_signal_just_before_the_loop_waits_is_not_lost(self) -> None:
        """The handler has run, or is due, and nothing else would wake the loop."""

        async def wait() -> bool:
            interrupts = Interrupts(CapturedStreams())
            stopped = asyncio.Event()
            with interrupts.listening(stopped.set):
                waker = signal.set_wakeup_fd(-1)
                signal.set_wakeup_fd(waker)
                return waker != -1  # what wakes a waiting loop is in place

        assert asyncio.run(wait())
        assert signal.set_wakeup_fd(-1) == -1

    def test_a_reader_that_leaves_stops_the_run(self) -> None:
        read, write = os.pipe()
        os.close(read)
        app = playing(two_rounds())
        app.chat.hold = True
        streams = CapturedStreams()
        with os.fdopen(write, "w") as stdout:
            streams._stdout = stdout
            code, _ = run(app, "ask x --events", streams)
        assert (code, app.chat.stopped) == (130, ["01run"])
        assert "Broken" not in streams.err


@pytest.mark.reliability(41)
def test_a_full_disk_behind_standard_output_is_said() -> None:
    """Row 41: what could not be written is said; nothing is lost, since the run is stored."""
    if not os.path.exists("/dev/full"):  # noqa: PTH110
        pytest.skip("this system has no /dev/full")
    streams = CapturedStreams()
    with open("/dev/full", "w", buffering=1) as full:  # noqa: PTH123
        streams._stdout = full
        code, _ = run(playing(two_rounds()), "ask x", streams)
    assert code == 6
    assert "the output could not be written: No space left on device" in streams.err


def test_a_slow_reader_does_not_hold_up_the_run() -> None:
    """The pipe is full; showing goes on at once, and everything arrives once it is read."""
    read, write = os.pipe()
    streams = CapturedStreams()
    story = Story().start("D")
    for _ in range(2_000):
        story.stream("D", "x" * 100)
    with os.fdopen(write, "w") as stdout:
        streams._stdout = stdout
        view = EventStream(streams, full=True, on_gone=lambda: None)
        for event in story.events:
            view.show(event)  # would block for ever if it wrote itself: nobody reads yet
        got: list[bytes] = []

        def drain() -> None:
            while sum(data.count(b"\n") for data in got) < len(story.events):
                got.append(os.read(read, 65536))

        reader = threading.Thread(target=drain)
        reader.start()
        view.close()
        reader.join()
    os.close(read)
    assert b"".join(got).count(b"\n") == len(story.events)


class TestResumeAndReplay:
    def interrupted_app(self) -> FakeApp:
        story = two_rounds()
        app = playing()
        app.chat.stored["01run"] = story.events[:12]
        app.chat.rest["01run"] = story.events[12:]
        return app

    def test_resume_shows_new_events_only(self) -> None:
        app = self.interrupted_app()
        rest = list(app.chat.rest["01run"])
        code, streams = run(app, "resume 01 --events")
        assert (code, streams.out) == (0, "".join(wire.line(event) + "\n" for event in rest))

    def test_resume_ends_in_the_answer(self) -> None:
        code, streams = run(self.interrupted_app(), "resume 01run")
        assert (code, streams.out) == (0, ANSWER)
        assert "tournament" not in streams.err

    def test_resume_of_a_run_that_ended_by_its_own_rule_is_its_answer(self) -> None:
        app = playing()
        app.chat.stored["01run"] = two_rounds().events
        assert run(app, "resume 01run")[1].out == ANSWER
        assert run(app, "resume 01run --events")[1].out == ""
        assert run(app, "resume 01run --json")[1].out == wire.line(two_rounds().events[-1]) + "\n"

    def test_no_such_run(self) -> None:
        code, streams = run(playing(), "resume zzz")
        assert (code, streams.err) == (2, "cort-desktop: There is no run 'zzz'.\n")

    def test_replay_prints_outline_and_answer(self) -> None:
        app = playing()
        app.chat.stored["01run"] = two_rounds().events
        code, streams = run(app, "replay 01run")
        assert code == 0
        assert streams.out.splitlines()[2].split()[:4] == ["○", "D", "draft", "answered"]
        shown, _, judging = streams.out.partition("\nJudging: ")
        assert shown.endswith(f"in a row.\n\n{ANSWER}")
        assert "verdicts read" in judging
        assert streams.err == ""

    def test_replay_events(self) -> None:
        app = playing()
        app.chat.stored["01run"] = two_rounds().events
        _, streams = run(app, "replay 01run --events")
        assert streams.out == "".join(wire.line(event) + "\n" for event in two_rounds().events)


class TestLists:
    def test_conversations_list_json_is_the_shape_of_the_contract(self) -> None:
        code, streams = run(FakeApp(), "conversations list --json")
        assert code == 0
        assert json.loads(streams.out) == [
            {
                "id": "c1d2",
                "title": "Why is the sky blue?",
                "created": "2026-01-01T12:00:00.000Z",
                "updated": "2026-01-01T12:00:00.000Z",
                "turns": 1,
                "pinned": True,
                "archived": False,
            }
        ]

    def test_conversations_list(self, monkeypatch: pytest.MonkeyPatch) -> None:
        app = FakeApp()
        app.library.title = "Sky\x1b[2J"
        _, streams = run(app, "conversations list")
        assert streams.out.startswith("c1d2  2026-01-01 ")
        assert streams.out.endswith("    1 turn  Sky␛[2J  (pinned)\n")

    def test_conversations_show(self) -> None:
        _, streams = run(FakeApp(), "conversations show c1d2")
        assert streams.out == (
            "Why is the sky blue?\n\n> Why is the\n> sky blue?\n"
            "[run 01run · best_of_n · complete]\n\nBecause of scattering.\n"
        )

    def test_conversations_show_json(self) -> None:
        _, streams = run(FakeApp(), "conversations show c1d2 --json")
        found = json.loads(streams.out)
        assert found["path"][0]["runs"][0]["answer"] == "Because of scattering."

    def test_conversations_search(self) -> None:
        _, streams = run(FakeApp(), "conversations search sky")
        assert streams.out.splitlines()[1] == "    Why is the sky blue?"
        assert [line.rpartition("  ")[2] for line in streams.out.splitlines()[::2]] == [
            "[question]",
            "[candidate c2]",
            "[candidate c2, won rounds 1, 2]",
            "[candidate c3, lost]",
        ]

    def test_conversations_search_json(self) -> None:
        _, streams = run(FakeApp(), "conversations search sky --json")
        assert json.loads(streams.out)[0]["at"] == "2026-01-01T12:00:00.000Z"
        assert run(FakeApp(), "conversations search nothing --json")[1].out == "[]\n"

    def test_conversations_delete(self) -> None:
        app = FakeApp()
        code, streams = run(app, "conversations delete c1d2")
        assert (code, streams.out, app.library.deleted) == (0, "", ["c1d2"])

    def test_models(self) -> None:
        _, streams = run(FakeApp(), "models")
        assert streams.out == (
            "builtin: 1 model\n  builtin/smollm2-135m  2.0k context · price unknown\n"
            "my-server: Nothing answers at 127.0.0.1:9.\n"
        )

    def test_models_tells_what_is_known_and_what_was_refused(self) -> None:
        class Learned(FakePreferences):
            async def models(self, *, refresh: bool = False) -> list[ProviderModels]:
                plain = ModelProfile(ref=ModelRef("openai/o3"), context_tokens=200_000, reasoning=True)
                since = datetime(2026, 11, 22, 12, tzinfo=UTC)
                profile = plain.without([LeftOut(what="temperature", since=since)])
                return [ProviderModels(provider="openai", reachable=True, models=(profile,))]

        _, streams = run(FakeApp(preferences=Learned()), "models")
        assert streams.out.splitlines()[1] == (
            "  openai/o3  200.0k context · price unknown · thinks before it answers"
            " · takes no temperature, left out since 2026-11-22"
        )

    def test_models_install(self) -> None:
        _, streams = run(FakeApp(), "models install smollm2-135m")
        assert streams.err == ("0 % of 98 MB\n51 % of 98 MB\n100 % of 98 MB\nsmollm2-135m is installed.\n")

    def test_doctor(self) -> None:
        assert run(FakeApp(), "doctor")[1].out == (
            "app: 0.1.0\nfolders:\n  data:\n    path: /somewhere/data\n    writable: yes\n"
            "providers:\n  - provider: builtin\n    reachable: yes\n  - provider: x\n    reachable: no\n"
            "last errors: none\n"
        )

    def test_doctor_says_aloud_where_a_key_lies(self) -> None:
        class Leaky(FakeDoctor):
            async def report(self) -> dict[str, Any]:
                found = ["the key of openai is in /home/x/config.toml, line 3, as it is"]
                return {"key_safety": {"canary": {"found": ["logs"]}, "keys_in_use": {"found": found}}}

        code, streams = run(FakeApp(doctor=Leaky()), "doctor")
        assert code == 0
        assert streams.err == (
            "cort-desktop: A key lies where it should not: the key of openai is in /home/x/config.toml, "
            "line 3, as it is.\n"
            "cort-desktop: A made-up key got out when it was tried; please report the lines at "
            "“key safety”.\n"
        )

    def test_doctor_json(self) -> None:
        assert json.loads(run(FakeApp(), "doctor --json")[1].out)["last_errors"] == []


class TestKeys:
    @pytest.mark.reliability(60)
    def test_set_reads_standard_input_and_never_shows_the_key(self) -> None:
        """Row 60: the key goes to the store and nowhere else."""
        app = FakeApp()
        code, streams = run(app, "keys set openai", CapturedStreams(stdin=stdin_of(b"sk-canary\r\n")))
        assert (code, app.preferences.kept) == (0, {"openai": "sk-canary"})
        assert streams.err == (
            "The key for openai: the system key store, for https://api.openai.com alone.\n"
        )
        assert "canary" not in streams.out + streams.err

    @pytest.mark.parametrize(
        "data", [b"", b"\n", b"sk-canary two\n", b"sk-can\x00ary\n", b"Bearer canary", b'"canary"']
    )
    def test_what_is_no_key_changes_nothing(self, data: bytes) -> None:
        app = FakeApp()
        code, streams = run(app, "keys set openai", CapturedStreams(stdin=stdin_of(data)))
        assert (code, app.preferences.kept) == (2, {})
        assert "can" not in streams.err

    def test_list_and_delete(self) -> None:
        app = FakeApp()
        app.preferences.kept["openai"] = "sk-x"
        assert run(app, "keys")[1].out == "openai: the system key store, for https://api.openai.com\n"
        assert run(app, "keys delete openai")[1].err == "The key for openai is deleted.\n"
        assert run(app, "keys delete openai")[1].err == "The key for openai was not kept here.\n"
        assert run(app, "keys list")[1].out == "openai: no key\n"


def test_version_and_help_open_nothing() -> None:
    app = FakeApp()
    code, streams = run(app, "--version")
    assert (code, streams.out, app.opened) == (0, "cort-desktop 0.1.0\n", 0)
    assert run(app, "--help")[1].out.startswith("usage: cort-desktop")


def test_a_wrong_command_line_is_one_sentence() -> None:
    streams = CapturedStreams()
    assert fail(UsageError("unknown command 'x'"), streams) == 2
    assert streams.err == "cort-desktop: unknown command 'x'\n"


def test_our_own_bugs_pass_through() -> None:
    class Broken(FakeChat):
        async def ask(self, ask: object, show: object) -> object:  # type: ignore[override]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(FakeApp(chat=Broken([])), "ask x")


def test_json_names_the_answer() -> None:
    story = two_rounds()
    app = playing(story)
    _, streams = run(app, "ask x --json")
    assert json.loads(streams.out)["answer_node"] == n("R1.A2")
