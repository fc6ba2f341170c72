"""``bench``: compare ways to think, report results, check whether thinking harder pays on a model.

What it takes is said before; progress goes to standard error, tables and reports to standard output.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cort_desktop.domain.bench import DEFAULT_ITEMS, Setup, contender, task_spec
from cort_desktop.domain.bench_advice import advices
from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import SettingsError, UsageError
from cort_desktop.telling import bench_words as words
from cort_desktop.telling import figures
from cort_desktop.telling.bench_report import Plots, html, markdown
from cort_desktop.terminal import codes
from cort_desktop.terminal.bench_options import BenchOptions
from cort_desktop.terminal.bench_progress import BenchProgress
from cort_desktop.terminal.bench_table import print_summary
from cort_desktop.terminal.interrupts import Interrupts
from cort_desktop.terminal.streams import Streams

if TYPE_CHECKING:
    from cort_desktop.services.app import App
    from cort_desktop.services.bench_estimate import BenchEstimate
    from cort_desktop.services.bench_run import Progress

T = TypeVar("T")
_MANY_CALLS = 200
"""More than so many are a person's to agree to, even where they cost nothing."""


async def bench(options: BenchOptions, app: App, streams: Streams) -> int:
    """Do what ``bench`` was asked for; the exit code."""
    match options.action:
        case "tasks":
            return await _tasks(options, app, streams)
        case "report":
            return await _report(options, app, streams)
        case "check":
            return await _check(options, app, streams)
        case "run":
            return await _run(options, app, streams)


async def _tasks(options: BenchOptions, app: App, streams: Streams) -> int:
    word = options.word.casefold()
    found = [name for name in await app.bench.tasks() if word in name]
    for name in found:
        streams.write_line(name)
    if not found:
        streams.complain(f"No task has “{options.word}” in its name.")
    return codes.ANSWER


async def _run(options: BenchOptions, app: App, streams: Streams) -> int:
    registered = None
    if options.registered is not None:
        setup, registered = await app.bench.registered(Path(options.registered))
    else:
        setup = _setup(options, app)
    path = Path(options.out)
    left = await app.bench.left(setup, path, registered=registered)
    if left and not await _agreed(setup, options, app, streams, left):
        return codes.INTERRUPTED
    recorded = await _worked(
        lambda tell: app.bench.run(setup, path, tell, registered=registered), streams, path
    )
    if recorded is None:
        return codes.INTERRUPTED
    found = await app.bench.summary(recorded)
    print_summary(found, streams)
    for ending in (".png", ".svg"):
        try:
            await app.bench.draw(found, _beside(path, ending))
        except SettingsError as error:
            streams.complain(str(error))
            break
    streams.say(f"The result is in {path}; `bench report {path} --format html` makes a page of it.")
    return codes.ANSWER


async def _check(options: BenchOptions, app: App, streams: Streams) -> int:
    from dataclasses import replace

    from cort_desktop.services.bench import CHECK_ITEMS, CHECK_PRESETS

    setup = app.bench.check_setup(
        None if options.model is None else ModelRef(options.model),
        presets=options.presets or CHECK_PRESETS,
        items=options.items or CHECK_ITEMS,
        seed=options.seed,
    )
    if options.judge_models:
        setup = replace(setup, judge_models=tuple(ModelRef(ref) for ref in options.judge_models))
    if not await _agreed(setup, options, app, streams):
        return codes.INTERRUPTED
    checked = await _worked(lambda tell: app.bench.check(setup, tell), streams, None)
    if checked is None:
        return codes.INTERRUPTED
    for advice in advices(checked.recorded):
        streams.write_line(f"{words.kind_of(advice.kind)}: {words.finding_words(advice)}")
        failed = words.failed_words(advice)
        if failed:
            streams.write_line(f"  {failed}")
    streams.write_line(words.BOUNDS_OF_GAINS)
    streams.say(f"Kept in {checked.path}; the window shows it under Settings › Does it pay?")
    return codes.ANSWER


async def _report(options: BenchOptions, app: App, streams: Streams) -> int:
    if options.out and any(_is_same(options.out, name) for name in options.files):
        raise UsageError(f"{options.out} is a result itself; name another --out for the report.")
    found = [await app.bench.summary(await app.bench.read(Path(name))) for name in options.files]
    if options.format == "plot":
        await app.bench.draw(found[0], Path(options.out))
        streams.say(f"Written to {options.out}.")
        return codes.ANSWER
    if options.format == "html":
        plots = [await app.bench.plots(each) for each in found]
        drawn = [None if each is None else Plots(light=each[0], dark=each[1]) for each in plots]
        text = html(list(zip(found, drawn, strict=True)))
    else:
        text = "\n".join(markdown(each) for each in found)
    if options.out:
        await app.bench.write(Path(options.out), text)
        streams.say(f"Written to {options.out}.")
    else:
        streams.write_answer(text)
    return codes.ANSWER


def _is_same(one: str, other: str) -> bool:
    return Path(one).resolve() == Path(other).resolve()


def _beside(path: Path, ending: str) -> Path:
    """A plot's place beside a result; what isn't named ``.json`` keeps the whole of its name."""
    return path.with_suffix(ending) if path.suffix == ".json" else path.with_name(path.name + ending)


def _setup(options: BenchOptions, app: App) -> Setup:
    default = app.preferences.settings.defaults.model
    return Setup(
        tasks=tuple(task_spec(text) for text in options.tasks),
        items=options.items or DEFAULT_ITEMS,
        contenders=tuple(contender(text) for text in options.strategies),
        model=default if options.model is None else ModelRef(options.model),
        judge_models=tuple(ModelRef(ref) for ref in options.judge_models),
        seed=options.seed,
        budget_tokens=options.budget_tokens,
        max_tokens=options.max_tokens,
        controls=options.controls,
    )


async def _agreed(setup: Setup, options: BenchOptions, app: App, streams: Streams, left: float = 1.0) -> bool:
    """Say what it takes, or the share of it that is left; where it is a lot, a person says yes."""
    expected = (await app.bench.estimate(setup)).rest(left)
    streams.say(("" if left == 1.0 else "It goes on; still to do: ") + estimate_words(expected))
    if options.yes or (expected.cost_microusd == 0 and expected.calls_low <= _MANY_CALLS):
        return True
    if not (streams.in_is_terminal and streams.err_is_terminal and streams.stdin is not None):
        raise UsageError("This takes a lot; say so with --yes where nobody can be asked.")
    streams.paint("Go on? [y/N] ")
    said = await asyncio.to_thread(streams.stdin.readline)
    return said.strip().casefold() in ("y", "yes")


def estimate_words(expected: BenchEstimate) -> str:
    """What a bench would take, in a sentence."""
    calls = figures.span(expected.calls_low, expected.calls_high)
    tokens = figures.span(expected.tokens_low, expected.tokens_high)
    time = "unknown time" if expected.seconds is None else f"about {figures.seconds(expected.seconds)}"
    cost = figures.money(expected.cost_microusd)
    items = figures.count(expected.items, "question")
    return f"{items}: {calls} calls, {tokens} tokens, {cost}, {time}."


async def _worked(
    start: Callable[[Callable[[Progress], None]], Awaitable[T]], streams: Streams, path: Path | None
) -> T | None:
    """Work to the end, with progress; None when a person stopped it."""
    interrupts = Interrupts(streams)
    with BenchProgress(streams) as progress:
        task = asyncio.ensure_future(start(progress.show))

        def stop() -> None:
            task.cancel()

        try:
            with interrupts.listening(stop):
                return await task
        except asyncio.CancelledError:
            if not interrupts.requested:
                raise
    where = "" if path is None else f" in {path}.part"
    streams.complain(f"Stopped. What was done is kept{where}; the same command goes on from there.")
    return None
