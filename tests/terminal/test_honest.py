"""What a person is told of a run that did not go well: its cause once, its partial text, what is unknown."""

from __future__ import annotations

import io

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget, Reserved
from cort_desktop.services.preferences import KeyInfo
from cort_desktop.telling.states import round_words
from cort_desktop.telling.summary import budget_parts, why_no_answer
from cort_desktop.terminal.arguments import parse
from cort_desktop.terminal.glyphs import DRAWN
from cort_desktop.terminal.main import main
from cort_desktop.terminal.partials import partial_lines
from cort_desktop.terminal.summary import summary
from cort_desktop.terminal.views import PlainLines
from cort_desktop.terminal.why import why_lines
from tests.fakes.front_app import FakeApp, FakeChat, FakePreferences
from tests.fakes.story import Story, n, two_rounds
from tests.fakes.terminal import CapturedStreams

REFUSED = "my-server refused the key (401)."
STEP = "Run `cort-desktop keys set my-server`."


def run(app: FakeApp, words: str, streams: CapturedStreams | None = None) -> tuple[int, CapturedStreams]:
    streams = streams or CapturedStreams()
    return main(parse(words.split(), streams.stdin), app.open, streams), streams


def stdin_of(data: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data))


def playing(*stories: Story) -> FakeApp:
    return FakeApp(chat=FakeChat([*stories]))


def stored(story: Story) -> FakeApp:
    app = FakeApp(chat=FakeChat([]))
    app.chat.stored[story.run] = story.events
    return app


def all_refused() -> Story:
    story = Story()
    for name in ("R1.A1", "R1.A2", "R1.A3"):
        story.start(name).fail(name, REFUSED, kind="auth")
    return story.end("all_failed", "Every call failed.", answer=None, status="failed")


def cut_short(text: str = "Because light\nis scattered") -> Story:
    story = Story().start("R1.A1").start("R1.A2")
    story.add(ev.UserEvent(verb="stopped"))
    story.add(
        ev.NodeCancelled(node=n("R1.A1"), by="person", partial="Be"),
        ev.NodeCancelled(node=n("R1.A2"), by="person", partial=text),
    )
    return story.end("stopped", "You stopped the run.", answer=None, status="failed")


class TestKeys:
    def test_a_key_that_could_not_be_kept_is_said_and_fails(self) -> None:
        class Locked(FakePreferences):
            async def set_key(self, provider: str, key: str) -> KeyInfo:
                note = (
                    "The system key store can't be used: it is locked. The key of openai is kept for this "
                    "session only, in memory; to keep it, set the environment variable OPENAI_API_KEY."
                )
                return KeyInfo(provider=provider, where="this session only", origin="https://x", note=note)

        app = FakeApp(preferences=Locked())
        code, streams = run(app, "keys set openai", CapturedStreams(stdin=stdin_of(b"sk-canary\n")))
        assert code == 3
        assert streams.err == (
            "cort-desktop: The key for openai was NOT kept. "
            "The system key store can't be used: it is locked. "
            "To keep it, set the environment variable OPENAI_API_KEY "
            "(the provider's key_env in config.toml names it).\n"
        )


class TestCause:
    def test_one_cause_is_the_line_and_said_once(self) -> None:
        code, streams = run(playing(all_refused()), "ask x")
        assert code == 3
        assert f"cort-desktop: No answer: {REFUSED} {STEP}\n" in streams.err
        after = streams.err[streams.err.index("cort-desktop: No answer") :]
        assert after.count("refused the key") == 1
        assert "\nR1.A2 failed like R1.A1\nR1.A3 failed like R1.A1\n" in streams.err

    def test_the_tree_says_it_at_the_first_call(self) -> None:
        _, streams = run(stored(all_refused()), "replay 01run")
        assert " ".join(streams.out.split()).count("failed: my-server refused the key") == 1
        assert streams.out.count("failed like R1.A1") == 2

    def test_the_cause_is_in_the_line_beside_events_too(self) -> None:
        _, streams = run(playing(all_refused()), "ask x --events")
        assert streams.err == f"cort-desktop: No answer: {REFUSED} {STEP}\n"

    def test_a_reason_that_names_the_cause_is_kept(self) -> None:
        story = Story().start("D").fail("D", REFUSED, kind="auth")
        story.end("all_failed", f"No answer: every call failed: {REFUSED}", answer=None, status="failed")
        assert why_no_answer(story.state()) == f"No answer: every call failed: {REFUSED}"
        assert not [line for line in summary(story.state()) if line.startswith("failed")]

    def test_different_causes_are_said_once_each_with_their_calls(self) -> None:
        story = Story()
        for name, words in (("R1.A1", "no key"), ("R1.A2", "gone"), ("R1.A3", "no key")):
            story.start(name).fail(name, words)
        state = story.end("all_failed", "Every call failed.", answer=None, status="failed").state()
        assert why_no_answer(state) == "No answer: Every call failed."
        assert [line for line in summary(state) if line.startswith("failed")] == [
            "failed: R1.A1, R1.A3: no key",
            "failed: R1.A2: gone",
        ]

    def test_a_stop_is_the_reason_not_a_call_that_failed_before(self) -> None:
        story = Story().start("R1.A1").fail("R1.A1", "gone").add(ev.UserEvent(verb="stopped"))
        state = story.end("stopped", "You stopped the run.", answer=None, status="failed").state()
        assert why_no_answer(state) == "No answer: You stopped the run."
        assert "failed: R1.A1: gone" in summary(state)


class TestPartialText:
    def test_the_longest_is_shown_under_ask(self) -> None:
        code, streams = run(playing(cut_short()), "ask x")
        assert (code, streams.out) == (130, "")
        assert "R1.A2, interrupted:\n  Because light\n  is scattered\n" in streams.err
        assert "  Be\n" not in streams.err

    def test_and_by_replay_as_the_last_block(self) -> None:
        _, streams = run(stored(cut_short()), "replay 01run")
        assert streams.out.endswith("\n\nR1.A2, interrupted:\n  Because light\n  is scattered\n")

    def test_a_long_one_is_shortened_and_the_rest_counted(self) -> None:
        lines = partial_lines(cut_short("\n".join(f"line {i}" for i in range(50))).state(), width=40)
        assert lines[0] == "R1.A2, interrupted:"
        assert (lines[1], lines[20]) == ("  line 0", "  line 19")
        assert lines[21:] == ["  … and 30 more lines"]

    def test_one_long_line_is_folded(self) -> None:
        lines = partial_lines(cut_short("word " * 1000).state(), width=40)
        assert len(lines) == 22
        assert max(map(len, lines)) <= 40

    def test_hostile_text_is_harmless(self) -> None:
        assert partial_lines(cut_short("\x1b[2Jx").state(), width=40)[1] == "  ␛[2Jx"

    def test_nothing_is_shown_beside_an_answer(self) -> None:
        story = Story().start("D").finish("D", "The answer.").start("R1.A1")
        story.add(ev.NodeCancelled(node=n("R1.A1"), by="person", partial="Half"))
        assert partial_lines(story.state(), width=40) == []


class TestCaps:
    @pytest.mark.parametrize(
        ("which", "value", "cap", "words"),
        [
            ("calls", 2, 1, "the next call would have made 2 calls; the cap is 1"),
            ("tokens", 20_100, 20_000, "the next call could have come to 20.1k tokens; the cap is 20.0k"),
            ("usd", 0.02, 0.01, "the next call could have come to $0.02; the cap is $0.01"),
            ("seconds", 60, 60, "the cap of 1 min 0 s is reached"),
        ],
    )
    def test_a_cap_is_told_as_what_would_have_come(
        self, which: str, value: float, cap: float, words: str
    ) -> None:
        streams = CapturedStreams()
        view = PlainLines(streams)
        for event in Story().add(ev.LimitReached(which=which, value=value, cap=cap)).events:  # type: ignore[arg-type]
            view.show(event)
        assert streams.err.splitlines()[-1] == f"{words}; nothing new starts"


class TestUnknownFigures:
    def test_a_part_that_is_unknown_makes_the_sum_a_least(self) -> None:
        story = Story().start("D").finish("D", "a").start("R1.A1").finish("R1.A1", "b", usage=None, cost=None)
        assert "at least 300 of 20.0k tokens" in budget_parts(story.state(), 1.0)
        state = story.end("one", "One.", answer="D").state()
        assert "· at least 300 tokens · at least $0.0015, one call's price is unknown" in summary(state)[0]

    def test_nothing_known_is_unknown(self) -> None:
        story = Story(budget=Budget()).start("D").finish("D", "a", usage=None, cost=None)
        assert "tokens unknown" in budget_parts(story.state(), 1.0)
        assert "· tokens unknown · unknown price ·" in summary(story.end("one", "x", answer="D").state())[0]

    def test_a_call_of_unknown_price_is_unknown_while_it_runs(self) -> None:
        story = Story(budget=Budget()).add(
            ev.NodeStarted(node=n("D"), role="proposer", kind="draft", round=0, reserved=Reserved(tokens=9))
        )
        assert "unknown price" in budget_parts(story.state(), 1.0)
        free = Story(budget=Budget()).add(
            ev.NodeStarted(
                node=n("D"),
                role="proposer",
                kind="draft",
                round=0,
                reserved=Reserved(tokens=9, cost_microusd=0),
            )
        )
        assert "$0" in budget_parts(free.state(), 1.0)

    def test_text_that_was_cut_has_tokens_nobody_told(self) -> None:
        assert "· tokens unknown ·" in summary(cut_short().state())[0]


def test_a_first_answer_is_not_the_best_before_a_round_has_ended() -> None:
    story = Story().start("D", "draft").finish("D", "a").start("R1.A1").finish("R1.A1", "b")
    assert summary(story.state())[0].startswith("★ first answer D, not judged yet · ")
    story.add(ev.RoundFinished(round=1, winner=n("R1.A1")))
    assert summary(story.state())[0].startswith("★ so far R1.A1 · ")


def test_order_that_changed_the_outcome_is_said() -> None:
    state = two_rounds().state()
    assert round_words(state, state.rounds[2]) == "R1.A2 stays, order changed the outcome, agreement 0.50"
    assert "order changed the outcome in round 2" in summary(state)
    streams = CapturedStreams()
    main(parse(["ask", "x"], None), playing(two_rounds()).open, streams)
    line = next(line for line in streams.err.splitlines() if line.startswith("round 2:"))
    assert line.endswith("; order changed the outcome")


def test_why_tells_when_the_answer_did_not_win_the_last_round() -> None:
    story = Story().start("D", "draft").finish("D", "a").start("R1.A1").finish("R1.A1", "b")
    story.start("R1.J1", role="judge").finish("R1.J1", "{}").verdict("R1.J1", [["R1.A1"], ["D"]])
    story.add(ev.RoundFinished(round=1, winner=n("R1.A1"), kept=False, method="borda"))
    state = story.end("rounds", "One round.", answer="D", scores={n("D"): 1.2, n("R1.A1"): 0.9}).state()
    text = "\n".join(line.plain for line in why_lines(state, width=110, glyphs=DRAWN))
    assert "Overall rating (strength over all verdicts of the run; 1 is average): D 1.20, R1.A1 0.90" in text
    assert "R1.A1 won the last round, but over all verdicts D is rated higher." in text


def test_a_sentence_is_not_ended_twice() -> None:
    streams = CapturedStreams()
    view = PlainLines(streams)
    story = Story().start("D").attempt_fails("D", "my-server ended without an answer.", next_="retry")
    for event in story.events:
        view.show(event)
    assert streams.err.splitlines()[-1] == "D my-server ended without an answer; trying again"


def test_a_request_that_is_under_way_already_is_not_announced_as_a_new_one() -> None:
    streams = CapturedStreams()
    view = PlainLines(streams)
    for event in Story().start("D").attempt_fails("D", "my-server hung up.", next_="hedge").events:
        view.show(event)
    assert streams.err.splitlines()[-1] == "D my-server hung up; the request beside it goes on"


def test_a_share_of_votes_is_no_judges_preference() -> None:
    streams = CapturedStreams()
    view = PlainLines(streams)
    story = Story().start("R1.A1").finish("R1.A1", "Answer: 7")
    result = ev.RoundFinished(round=1, winner=n("R1.A1"), scores={n("R1.A1"): 1.0}, method="vote")
    for event in story.add(result).events:
        view.show(event)
    assert streams.err.splitlines()[-1] == "round 1: R1.A1 won (share of the votes: R1.A1 1.00)"
