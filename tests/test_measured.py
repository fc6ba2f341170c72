"""What the README says was measured is what the result in ``tests/data`` says."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cort_desktop.domain.bench_summary import Figures, PartSummary, Summary, summary
from cort_desktop.storage.bench_file import read_result
from cort_desktop.telling import bench_words as words

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data"
HEADINGS = (
    "",
    "right",
    "tokens a question",
    "more than one answer",
    "more than a vote for its tokens",
    "a random pick of its answers",
    "the best pick",
)


@pytest.fixture(scope="module")
def measured() -> Summary:
    """The published result."""
    recorded = read_result(DATA / "bench_result.json")
    assert recorded is not None
    return summary(recorded)


def table(part: PartSummary) -> str:
    """A task's table in the README."""
    lines = [HEADINGS, ("---", *["--:"] * (len(HEADINGS) - 1)), *(_row(each) for each in part.figures)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _row(each: Figures) -> tuple[str, ...]:
    against = {control.name: control for control in each.against}
    gains = [
        f"{words.points(control.gain.value)} ({words.points(control.gain.low)} to "
        f"{words.points(control.gain.high)}), {words.chance(control.p)}"
        if (control := against.get(name))
        else "–"
        for name in ("single", "vote")
    ]
    picks = [words.percent(each.random), words.percent(each.oracle)] if each.candidates > 1 else ["–", "–"]
    right = f"{words.percent(each.right.value)} ({words.bounds(each.right)})"
    return (f"`{each.contender.label}`", right, f"{each.tokens:,.0f}", *gains, *picks)


def test_it_is_the_setup_that_was_written_before(measured: Summary) -> None:
    setup = DATA / "bench_tasks.json"
    assert measured.recorded.origin.registered == hashlib.sha256(setup.read_bytes()).hexdigest()
    assert measured.recorded.is_closed
    assert measured.done == measured.wanted == 200


def test_the_tables_are_those_of_the_result(measured: Summary) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for part in measured.parts:
        assert table(part) in readme


def test_what_always_saying_yes_would_get_is_told() -> None:
    from cort_desktop.adapters.reasoning_tasks import ReasoningTasks
    from cort_desktop.domain.bench import task_spec

    found = ReasoningTasks().load(task_spec("syllogism"), items=100, seed=20251123)
    share = sum(found.score(item, "Yes") == 1 for item in range(100))
    assert f"“Yes” to every syllogism is right {share} times of 100" in (ROOT / "README.md").read_text(
        encoding="utf-8"
    )
