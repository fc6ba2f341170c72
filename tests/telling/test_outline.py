"""The outline of a run as rows: what each part is, and is doing."""

from __future__ import annotations

from cort_desktop.domain import events as ev
from cort_desktop.telling.outline import outline
from cort_desktop.telling.states import Streaming
from tests.fakes.story import BEGIN, Story, n, two_rounds


def rows_by_name(story: Story, **more: object) -> dict[str, str]:
    rows = outline(story.state(), **more)  # type: ignore[arg-type]
    return {row.name or row.label: f"{row.mark}: {row.word}" for row in rows}


def test_states_of_a_working_run() -> None:
    story = Story().start("D", "draft").finish("D", "text").start("R1.A1").start("R1.A2").start("R1.A3")
    story.attempt_fails("R1.A2", "503", next_="retry").start("R1.A4").add(
        ev.NodeStalled(node=n("R1.A3"), idle_seconds=20), ev.NodeCancelled(node=n("R1.A4"), by="limit")
    )
    live = {n("R1.A1"): Streaming(characters=70)}
    found = rows_by_name(story, now=BEGIN, live=live)
    assert found["D"] == "won: first answer, not judged yet"
    assert found["R1.A1"] == "running: streaming"
    assert found["R1.A2"] == "waiting: tries again in 0.5 s"
    assert found["R1.A3"] == "running: quiet for 20.0 s"
    assert found["R1.A4"] == "cancelled: cut by a cap"
    rows = {row.name: row for row in outline(story.state(), now=BEGIN, live=live)}
    assert (rows["R1.A1"].tokens, rows["R1.A1"].is_open) == (20, True)


def test_a_run_that_nobody_works_on_is_not_shown_as_working() -> None:
    story = Story().start("D", "draft").finish("D", "a").start("R1.A1")
    rows = outline(story.state(), is_worked_on=False, way_on="go on with the button")
    assert [(row.mark, row.word) for row in rows if row.name == "R1.A1"] == [("cancelled", "was in flight")]
    assert [row.word for row in rows if row.mark == "round"] == ["not decided"]
    assert rows[-1].label == "not finished"
    assert rows[-1].word == "interrupted, unless another program works on it; go on with the button"
    assert outline(story.state(), is_worked_on=False)[-1].word.endswith("works on it")


def test_what_befell_several_is_said_once() -> None:
    story = Story().start("D", "draft").finish("D", "a")
    for name in ("R1.A1", "R1.A2"):
        story.start(name).fail(name, "the key was refused", kind="auth")
    found = rows_by_name(story)
    assert found["R1.A1"] == "failed: failed: the key was refused"
    assert found["R1.A2"] == "failed: failed like R1.A1"


def test_rows_of_a_finished_run() -> None:
    found = rows_by_name(two_rounds())
    assert found["R1.A2"] == "answer: answer"
    assert found["R1.J2"] == "verdict: R1.A1 > R1.A2 = D (counts half: its scores contradict its ranking)"
    assert found["R1.J3"] == "failed: abstained: its reply could not be read"
    assert found["Round 2"] == "round: R1.A2 stays, order changed the outcome, agreement 0.50"
    assert found["degraded"] == "end: The same answer won two rounds in a row."
