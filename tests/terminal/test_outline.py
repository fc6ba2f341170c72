"""The round tree and the explanation as texts: a failed node, a failed verdict, a tie; widths and icons."""

from __future__ import annotations

import pytest
from rich.text import Text

from cort_desktop.domain import events as ev
from cort_desktop.domain.run import RunState
from cort_desktop.telling.outline import outline
from cort_desktop.telling.summary import why_no_answer
from cort_desktop.terminal.glyphs import DRAWN, PLAIN, STYLES, Glyphs
from cort_desktop.terminal.painting import rendered
from cort_desktop.terminal.summary import summary
from cort_desktop.terminal.tree import tree_lines
from cort_desktop.terminal.why import why_lines
from tests.fakes.story import Story, n, two_rounds
from tests.fakes.terminal import CapturedStreams


def tree(state: RunState, width: int, glyphs: Glyphs = DRAWN, *, fold: bool = True) -> str:
    return plain(tree_lines(outline(state), width=width, glyphs=glyphs, fold=fold))


def why(state: RunState, width: int) -> str:
    return plain(why_lines(state, width=width, glyphs=DRAWN))


def plain(lines: list[Text]) -> str:
    return "\n".join(line.plain.rstrip() for line in lines)


TREE_80 = """\
                                             preference  tokens     price   time
◆ Why does my query get slower as it grows?               4.9k+  $0.0092+  5.2 s
  ○ D     draft  answered                          0.17     612   $0.0015  1.7 s
  ▾ Round 1  R1.A2 won, agreement 0.67
    ○ R1.A1 fresh attempt  answered                0.50     588   $0.0015  1.9 s
    ★ R1.A2 another method  answer                 0.83     701   $0.0021  1.9 s
    ✕ R1.A3 fresh attempt                                              $0  1.7 s
            failed: my-server answered 502 Bad Gateway; try again later (2
            tries)
    ◇ R1.J1 judge  R1.A2 > R1.A1 > D                        640  $0.00070  0.8 s
    ◇ R1.J2 judge                                           650  $0.00070  0.8 s
            R1.A1 > R1.A2 = D (counts half: its scores contradict its ranking)
    ✕ R1.J3 judge                                                 unknown  0.8 s
            abstained: its reply could not be read
  ▾ Round 2  R1.A2 stays, order changed the outcome, agreement 0.50
    ○ R2.A1 fresh attempt  answered                0.50     640   $0.0015  1.8 s
    ◇ R2.J1 head to head  R2.A1 > R1.A2                     540  $0.00060  0.7 s
    ◇ R2.J2 head to head  R1.A2 > R2.A1                     540  $0.00060  0.7 s
  ■ degraded  The same answer won two rounds in a row."""

TREE_40 = """\
                                    time
◆ Why does my query get slower as  5.2 s
  it grows?
  ○ D     draft  answered          1.7 s
  ▾ Round 1  R1.A2 won, agreement 0.67
    ○ R1.A1 fresh attempt          1.9 s
            answered
    ★ R1.A2 another method         1.9 s
            answer
    ✕ R1.A3 fresh attempt          1.7 s
            failed: my-server answered
            502 Bad Gateway; try again
            later (2 tries)
    ◇ R1.J1 judge                  0.8 s
            R1.A2 > R1.A1 > D
    ◇ R1.J2 judge                  0.8 s
            R1.A1 > R1.A2 = D (counts
            half: its scores contradict
            its ranking)
    ✕ R1.J3 judge                  0.8 s
            abstained: its reply could
            not be read
  ▾ Round 2
    R1.A2 stays, order changed the
    outcome, agreement 0.50
    ○ R2.A1 fresh attempt          1.8 s
            answered
    ◇ R2.J1 head to head           0.7 s
            R2.A1 > R1.A2
    ◇ R2.J2 head to head           0.7 s
            R1.A2 > R2.A1
  ■ degraded
    The same answer won two rounds in a
    row."""


def test_tree_of_a_finished_run() -> None:
    assert tree(two_rounds().state(), 80) == TREE_80
    assert tree(two_rounds().state(), 40) == TREE_40


def test_wide_tree_says_everything_on_one_line() -> None:
    lines = tree(two_rounds().state(), 200).splitlines()
    assert len(lines) == 15
    assert "failed: my-server answered 502 Bad Gateway; try again later (2 tries)" in lines[6]


def test_tree_without_icons_is_ascii_and_has_the_same_words() -> None:
    text = tree(two_rounds().state(), 80, PLAIN)
    assert text.isascii()
    drawn = TREE_80
    for mark, icon in DRAWN.marks.items():
        drawn = drawn.replace(f"{icon} ", f"{PLAIN.marks[mark]} ")
    assert text == drawn


@pytest.mark.parametrize("width", [20, 33, 40, 60, 80, 110])
@pytest.mark.parametrize("fold", [True, False])
def test_no_line_is_wider_than_asked_for(width: int, fold: bool) -> None:
    story = two_rounds()
    story.question = "質問" * 80
    state = story.state()
    lines = tree_lines(outline(state), width=width, glyphs=DRAWN, fold=fold)
    lines += why_lines(state, width=width, glyphs=DRAWN)
    assert max(line.cell_len for line in lines) <= width


def test_every_state_has_an_icon_a_word_and_a_style() -> None:
    assert DRAWN.marks.keys() == PLAIN.marks.keys() == STYLES.keys()
    assert len(set(DRAWN.marks.values())) == len(DRAWN.marks)


def test_a_failed_verdict_is_visible_and_never_a_silent_keep() -> None:
    story = Story().start("D", "draft").finish("D", "a").start("R1.A1").finish("R1.A1", "b")
    story.start("R1.J1", role="judge").finish("R1.J1", "?")
    story.verdict("R1.J1", [], order=["D", "R1.A1"], parsed_by="abstained", weight=0.0)
    story.add(ev.RoundFinished(round=1, winner=n("D"), kept=True))
    state = story.end("rounds", "One round was asked for.", answer="D", status="degraded").state()
    assert "Round 1  verdict failed, D stays" in tree(state, 80)
    assert "abstained: its reply could not be read" in tree(state, 80)
    assert "Round 1: the verdict failed, too few judges could be read; D stays" in why(state, 80)
    assert "the verdict of round 1 failed: too few of its judges could be read" in summary(state)


def test_unknown_price_is_never_zero() -> None:
    story = Story().start("D", "draft").finish("D", "a", usage=None, cost=None)
    state = story.end("one", "One answer was asked for.", answer="D").state()
    assert "unknown price" in summary(state)[0]
    assert "$0" not in tree(state, 80)
    assert tree(state, 80).splitlines()[2].split()[-4:] == ["unknown", "unknown", "0.0", "s"]


def test_a_free_run_shows_no_column_of_zeros() -> None:
    story = Story().start("D", "draft").finish("D", "a", cost=0)
    state = story.end("one", "One answer was asked for.", answer="D").state()
    assert "price" not in tree(state, 80)
    assert "· $0 ·" in summary(state)[0]


WHY_80 = """\
Why R1.A2 is the answer

Round 1: R1.A2 won; mean rank over the judges (Borda); agreement of the judges
0.67; missing R1.A3
           correctness  completeness  follows  ranks by judge  preference
  R1.A2 ★            8             7        9            1 2=        0.83
  R1.A1              6             6        7             2 1        0.50
  D                  5             4        7            3 2=        0.17
  R1.J1 (my-server/big): R1.A2 > R1.A1 > D
    shown in the order R1.A1, D, R1.A2
    “A partial index lets the planner stop after 50 rows; D never says which
    index.”
    the best one still lacks: “a word on the cost of writing”
    flaw of D: “names no index”
  R1.J2 (my-server/big): R1.A1 > R1.A2 = D
    shown in the order R1.A2, R1.A1, D
    dissent: preferred R1.A1
    counts half: its scores contradict its ranking
    “R1.A1 is the shortest that is right.”
  R1.J3 (my-server/big) abstained: its reply could not be read; it counts for
  nothing. Shown: D, R1.A2, R1.A1

Round 2: R1.A2 stays; mean rank over the judges (Borda); agreement of the judges
0.50; unstable: order changed the outcome
           ranks by judge  preference
  R1.A2 ★             2 1        0.50
  R2.A1               1 2        0.50
  R2.J1 (my-server/big): R2.A1 > R1.A2
    shown in the order R2.A1, R1.A2
    dissent: preferred R2.A1
  R2.J2 (my-server/big): R1.A2 > R2.A1
    shown in the order R1.A2, R2.A1

Why it ended: The same answer won two rounds in a row.
Overall rating (strength over all verdicts of the run; 1 is average): R1.A2
0.71, R2.A1 0.40"""


def test_why_in_words() -> None:
    assert why(two_rounds().state(), 80) == WHY_80


def test_why_of_a_single_answer() -> None:
    state = (
        Story(strategy="single").start("D").finish("D", "a").end("one", "Asked for one.", answer="D").state()
    )
    assert "Nothing was compared" in why(state, 80)


def test_why_of_a_vote() -> None:
    story = Story(strategy="self_consistency")
    for name in ("R1.A1", "R1.A2", "R1.A3"):
        story.start(name, "sample").finish(name, "x")
    answers = {n("R1.A1"): "42", n("R1.A2"): "42", n("R1.A3"): None}
    story.add(ev.Vote(round=1, answers=answers, tally={"42": 2}, confidence=0.875))
    state = story.end("vote", "Enough agree.", answer="R1.A1").state()
    assert "Vote: 2 for 42" in why(state, 80)
    assert "vote  2 for 42" in tree(state, 80)
    assert summary(state)[0].startswith("★ R1.A1 agrees with 2 of 2 · ")


def test_why_of_a_run_without_an_answer() -> None:
    state = (
        Story()
        .start("D")
        .fail("D", "no")
        .end("all_failed", "Every call failed.", answer=None, status="failed")
        .state()
    )
    assert why(state, 80).startswith("No answer: no\n")
    assert "Why it ended: Every call failed." in why(state, 80)
    assert why_no_answer(state) == "No answer: no"


def test_summary_of_a_finished_run() -> None:
    assert summary(two_rounds().state()) == [
        "★ R1.A2 won 1 of 2 · 2 rounds · 11 calls · at least 4.9k tokens · "  # noqa: ISC004  one line
        "at least $0.0092, one call's price is unknown (counted as $0.0010) · 5.2 s",
        "The same answer won two rounds in a row.",
        "failed: R1.A3: my-server answered 502 Bad Gateway; try again later (2 tries)",
        "order changed the outcome in round 2",
        "every round of it: cort-desktop replay 01run",
    ]


def test_summary_of_an_interrupted_run_says_how_to_go_on() -> None:
    state = Story().start("D").finish("D", "a").state()
    assert summary(state)[0].startswith("★ first answer D, not judged yet · ")
    assert summary(state)[-1] == "go on with: cort-desktop resume 01run"
    assert not [line for line in summary(state, hints="none") if "cort-desktop" in line]


def test_equal_faults_are_said_once() -> None:
    story = Story().start("D").finish("D", "a")
    for name in ("R1.A1", "R1.A2", "R1.A3"):
        story.start(name).fail(name, "the key was refused", kind="auth")
    state = story.end("rounds", "One round.", answer="D", status="degraded").state()
    assert "failed: R1.A1, R1.A2, R1.A3: the key was refused" in summary(state)


def test_foreign_words_cannot_act_on_the_terminal() -> None:
    evil = "x\x1b]0;owned\x07\x1b[2J\u202ey"
    story = Story(question=evil).start("D", "draft").finish("D", "a").start("R1.A1").fail("R1.A1", evil)
    story.start("R1.J1", role="judge").finish("R1.J1", "{}")
    story.verdict("R1.J1", [["D"]], reason=evil, critique=evil, flaws={n("D"): evil})
    state = story.end("x", evil, answer="D", status="degraded").state()
    everything = tree(state, 120) + why(state, 120) + "\n".join(summary(state))
    assert "\x1b" not in everything
    assert "\x07" not in everything
    assert "\u202e" not in everything
    assert "␛[2J" in everything


def test_colours_are_for_terminals_that_want_them() -> None:
    lines = tree_lines(outline(two_rounds().state()), width=80, glyphs=DRAWN, fold=True)
    coloured = rendered(lines, CapturedStreams(terminal=True).console(error=False))
    calm = rendered(lines, CapturedStreams(terminal=True, env={"NO_COLOR": "1"}).console(error=False))
    piped = rendered(lines, CapturedStreams().console(error=False))
    dumb = rendered(lines, CapturedStreams(terminal=True, env={"TERM": "dumb"}).console(error=False))
    assert "\x1b[1;32m" in "".join(coloured)
    assert "\x1b[1m" in "".join(calm)
    assert not any(f"\x1b[{code}m" in "".join(calm) for code in ("31", "32", "33", "36", "1;32"))
    assert "\n".join(piped) == "\n".join(dumb) == TREE_80
