"""``bench`` on the command line: options in, tables and reports out, agreement before anything is spent."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.bench import Recorded, Setup
from cort_desktop.domain.bench_summary import Summary, summary
from cort_desktop.errors import SettingsError, UsageError
from cort_desktop.services.bench_estimate import BenchEstimate
from cort_desktop.services.bench_run import Progress
from cort_desktop.services.check_folder import Checked
from cort_desktop.terminal.arguments import parse
from cort_desktop.terminal.bench import bench, estimate_words
from cort_desktop.terminal.bench_options import BenchOptions
from cort_desktop.terminal.options import Say
from tests.fakes.bench import recorded, setup
from tests.fakes.desk import SETTINGS
from tests.fakes.terminal import CapturedStreams

CHEAP = BenchEstimate(
    items=2, calls_low=4, calls_high=8, tokens_low=100, tokens_high=900, cost_microusd=0, seconds=None
)
DEAR = BenchEstimate(
    items=60,
    calls_low=400,
    calls_high=800,
    tokens_low=1000,
    tokens_high=9000,
    cost_microusd=2_000_000,
    seconds=90.0,
)


@dataclass(slots=True)
class FakeBench:
    """A BenchService that has a result; it keeps what it was asked to do."""

    expected: BenchEstimate = CHEAP
    has_plots: bool = True
    to_do: float = 1.0
    done: list[Any] = field(default_factory=list)

    async def estimate(self, _of: Setup) -> BenchEstimate:
        return self.expected

    async def left(self, _of: Setup, _path: Path, *, registered: str | None = None) -> float:
        return self.to_do

    async def run(self, of: Setup, path: Path, tell: Any, *, registered: str | None = None) -> Recorded:
        self.done.append((of, path, registered))
        for done in (0, 1, 4):
            tell(Progress(done=done, total=4, before=0, now="sums 1", seconds=9, tokens=7, cost_microusd=0))
        return recorded(of, lambda _: 0.5)

    async def registered(self, _path: Path) -> tuple[Setup, str]:
        return setup("single", items=2), "f" * 64

    async def summary(self, found: Recorded) -> Summary:
        return summary(found)

    async def draw(self, _found: Summary, path: Path) -> None:
        if not self.has_plots:
            raise SettingsError("Plots are drawn by matplotlib.")
        self.done.append(path.name)

    async def read(self, _path: Path) -> Recorded:
        return recorded(setup("single", items=2), lambda _: 0.5)

    async def write(self, path: Path, text: str) -> None:
        self.done.append((path.name, text))

    async def plots(self, _found: Summary) -> tuple[bytes, bytes] | None:
        return (b"<svg/>", b"<svg/>")

    async def tasks(self) -> tuple[str, ...]:
        return ("chain_sum", "syllogism")

    def check_setup(self, model: Any, *, presets: Any, items: int, seed: int) -> Setup:
        return setup("single", *(f"preset:{name}" for name in presets), items=items)

    async def check(self, of: Setup, tell: Any) -> Checked:
        return Checked(path=Path("check.json"), recorded=recorded(of, lambda _: 0.5))


class FakeApp:
    def __init__(self, service: FakeBench) -> None:
        self.bench = service
        self.preferences = self

    settings = SETTINGS


def run(
    *argv: str, service: FakeBench | None = None, terminal: bool = False, said: str = ""
) -> tuple[int, CapturedStreams]:
    options = parse(["bench", *argv], None)
    assert isinstance(options, BenchOptions)
    stdin = io.TextIOWrapper(io.BytesIO(said.encode()))
    stdin.isatty = lambda: terminal  # type: ignore[method-assign]
    streams = CapturedStreams(stdin=stdin, terminal=terminal, env={"TERM": "dumb"})
    app: Any = FakeApp(service or FakeBench())
    return asyncio.run(bench(options, app, streams)), streams


def test_a_bench_prints_its_table_and_draws_its_plot() -> None:
    service = FakeBench()
    code, streams = run(
        "--tasks",
        "sums",
        "--items",
        "2",
        "--strategies",
        "single,cort:rounds=1",
        "--seed",
        "4",
        service=service,
    )
    assert code == 0
    ((of, path, registered), *plots) = service.done
    assert [each.label for each in of.contenders] == ["single", "cort:rounds=1"]
    assert (of.items, of.seed, path, registered) == (2, 4, Path("bench.json"), None)
    assert plots == ["bench.png", "bench.svg"]
    lines = streams.out.splitlines()
    heading = next(line for line in lines if "95 % interval" in line)
    row, against = [line for line in lines if line.startswith("cort:rounds=1 ")]
    assert len(heading) == len(row)
    assert against.endswith(" tokens)")
    assert lines[lines.index(against) + 1].startswith("  one answer ")
    assert "4 of 4" not in streams.out
    assert "0 of 4" in streams.err


def test_without_matplotlib_the_table_is_there_all_the_same() -> None:
    code, streams = run("--tasks", "sums", service=FakeBench(has_plots=False))
    assert code == 0
    assert streams.err.count("matplotlib") == 1
    assert "single" in streams.out


def test_a_registered_setup_goes_with_its_digest() -> None:
    service = FakeBench()
    assert run("--setup", "file.json", service=service)[0] == 0
    assert service.done[0][2] == "f" * 64


def test_what_is_dear_is_agreed_to_first() -> None:
    service = FakeBench(expected=DEAR)
    with pytest.raises(UsageError, match="--yes"):
        run("--tasks", "sums", service=service)
    assert not service.done
    assert run("--tasks", "sums", "--yes", service=service)[0] == 0


@pytest.mark.parametrize(("said", "code"), [("y\n", 0), ("n\n", 130), ("", 130), ("\n", 130)])
def test_a_person_is_asked(said: str, code: int) -> None:
    service = FakeBench(expected=DEAR)
    found, streams = run("--tasks", "sums", service=service, terminal=True, said=said)
    assert found == code
    assert bool(service.done) == (code == 0)
    assert "400–800 calls" in streams.err
    assert "$2.00, about 1 min 30 s" in streams.err


def test_a_check_says_what_it_found() -> None:
    code, streams = run("check", "--presets", "quick", "--items", "60")
    assert code == 0
    assert streams.out.startswith("All questions: ")
    assert "60 questions" in streams.out
    assert "share one chance" in streams.out


def test_reports_go_to_standard_output_as_markdown_or_html() -> None:
    assert run("report", "a.json")[1].out.startswith("# Thinking, side by side")
    assert run("report", "a.json", "b.json", "--format", "html")[1].out.count("<section>") == 2


@pytest.mark.parametrize(
    ("name", "begins"), [("a.html", "<!doctype html>"), ("a.HTM", "<!doctype html>"), ("a.md", "# Thinking")]
)
def test_a_report_is_what_its_name_says(name: str, begins: str) -> None:
    service = FakeBench()
    assert run("report", "a.json", "--out", name, service=service)[0] == 0
    ((written, text),) = service.done
    assert written == name
    assert text.startswith(begins)


def test_the_plot_alone_is_drawn_into_a_picture() -> None:
    service = FakeBench()
    assert run("report", "a.json", "--out", "plot.svg", service=service)[0] == 0
    assert service.done == ["plot.svg"]


def test_tasks_are_listed_and_searched() -> None:
    assert run("tasks")[1].out.split() == ["chain_sum", "syllogism"]
    assert run("tasks", "Chain")[1].out.split() == ["chain_sum"]
    assert "No task" in run("tasks", "zz")[1].err


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        ([], "which questions"),
        (["--tasks", "a", "--items", "0"], "1 to"),
        (["--tasks", "a", "--budget-tokens", "0"], "too few"),
        (["--setup", "f", "--items", "3"], "--items"),
        (["--setup", "f", "--no-controls"], "--no-controls"),
        (["--taks", "a"], "--tasks"),
        (["report"], "FILE"),
        (["report", "a", "b", "--out", "p.png"], "one result"),
        (["report", "a", "--out", "p.png", "--format", "html"], "--format"),
        (["check", "--preset", "x"], "--presets"),
    ],
)
def test_words_that_make_no_sense_are_refused(argv: list[str], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        parse(["bench", *argv], None)


@pytest.mark.parametrize("argv", [["--help"], ["report", "--help"], ["check", "--help"], ["tasks", "-h"]])
def test_help_tells_of_itself(argv: list[str]) -> None:
    found = parse(["bench", *argv], None)
    assert isinstance(found, Say)
    assert "bench" in found.text


def test_a_plot_never_takes_the_place_of_a_result() -> None:
    for name in ("r.png", "r.SVG"):
        with pytest.raises(UsageError, match="is a plot"):
            parse(["bench", "--tasks", "sums", "--out", name], None)
    for name, plots in (("r.json", ["r.png", "r.svg"]), ("r.v1", ["r.v1.png", "r.v1.svg"])):
        service = FakeBench()
        run("--tasks", "sums", "--strategies", "single", "--items", "2", "--out", name, service=service)
        assert service.done[1:] == plots


def test_a_report_never_takes_the_place_of_its_result(tmp_path: Path) -> None:
    result = tmp_path / "r.json"
    with pytest.raises(UsageError, match="is a result itself"):
        run("report", str(result), "--out", str(tmp_path / "." / "r.json"))


def test_one_question_is_one_question() -> None:
    one = replace(CHEAP, items=1)
    assert estimate_words(one).startswith("1 question: ")
    assert estimate_words(CHEAP).startswith("2 questions: ")


def test_of_one_that_goes_on_only_what_is_left_is_to_be_agreed_to() -> None:
    argv = ("--tasks", "sums", "--strategies", "single", "--items", "2")
    _, streams = run(*argv, "--yes", service=FakeBench(expected=DEAR, to_do=0.5))
    assert "It goes on; still to do: 30 questions: 200–400 calls" in streams.err
    code, streams = run(*argv, service=FakeBench(expected=DEAR, to_do=0.0))
    assert (code, "questions:" in streams.err) == (0, False)
