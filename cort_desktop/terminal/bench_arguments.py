"""The command line of ``bench``: comparing ways to think, reports of results, the check, the list of tasks.

Only shapes are checked here; which tasks, strategies and models there are, the services know.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Literal

from cort_desktop.domain.bench import DEFAULT_CONTENDERS, DEFAULT_ITEMS, MOST_ITEMS
from cort_desktop.errors import UsageError
from cort_desktop.terminal.bench_options import BenchOptions
from cort_desktop.terminal.run_arguments import model, names, whole

DEFAULT_OUT = "bench.json"
_PLOTS = (".png", ".svg")
_PAGES = (".html", ".htm")
_OF_SETUP = ("tasks", "items", "strategies", "model", "judge_model", "budget_tokens", "max_tokens", "seed")


Read = Callable[[argparse.ArgumentParser, Sequence[str]], argparse.Namespace]


def bench_options(parser: argparse.ArgumentParser, argv: Sequence[str], read: Read) -> BenchOptions:
    """The options in ``argv``; ``read`` parses what is declared. Raises UsageError."""
    first = argv[0] if argv else ""
    if first in ("report", "check", "tasks"):
        parser.prog += f" {first}"
        build = {"report": _report, "check": _check, "tasks": _tasks}[first]
        return build(parser, argv[1:], read)
    return _run(parser, argv, read)


def _run(parser: argparse.ArgumentParser, argv: Sequence[str], read: Read) -> BenchOptions:
    parser.usage = f"{parser.prog} --tasks NAME,… [options] | report FILE… | check | tasks"
    _declare_setup(parser)
    found = read(parser, argv)
    given = [name for name in _OF_SETUP if getattr(found, name) not in (None, ())]
    if found.setup is not None and (given or found.no_controls):
        option = given[0].replace("_", "-") if given else "no-controls"
        raise UsageError(f"--setup says all of it, and --{option} something else; give one of them.")
    if found.setup is None and not found.tasks:
        raise UsageError("Say which questions: --tasks NAME,… (`bench tasks` lists them).")
    if found.out.casefold().endswith(_PLOTS):
        raise UsageError(
            f"--out is the result, as JSON; its plots are drawn beside it. {found.out} is a plot."
        )
    return BenchOptions(
        action="run",
        tasks=found.tasks or (),
        items=found.items,
        strategies=found.strategies or DEFAULT_CONTENDERS,
        model=found.model,
        judge_models=found.judge_model,
        budget_tokens=found.budget_tokens,
        max_tokens=found.max_tokens,
        seed=1 if found.seed is None else found.seed,
        controls=not found.no_controls,
        out=found.out,
        registered=found.setup,
        yes=found.yes,
    )


def _declare_setup(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--tasks",
        type=names,
        metavar="NAME,…",
        help="kinds of question, as NAME or NAME:SETTING=VALUE:…; `bench tasks` lists them",
    )
    add("--items", type=_items, metavar="N", help=f"questions of each task; {DEFAULT_ITEMS} unless said")
    add(
        "--strategies",
        type=names,
        metavar="NAME,…",
        help="what to compare, as NAME, NAME:SETTING=VALUE:… or preset:NAME; "
        f"{','.join(DEFAULT_CONTENDERS)} unless said",
    )
    _add_model(parser)
    add("--budget-tokens", type=_some, metavar="N", help="at most so many tokens for each question")
    add("--max-tokens", type=_some, metavar="N", help="the longest answer of one candidate")
    add("--seed", type=whole, metavar="N", help="of questions, orders and resampling; 1 unless said")
    add("--no-controls", action="store_true", help="don't hold strategies against others at the same tokens")
    add(
        "--setup",
        metavar="FILE",
        help="all of the above from a file that was written beforehand; the result names its SHA-256",
    )
    add(
        "--out",
        default=DEFAULT_OUT,
        metavar="FILE",
        help=f"the result; {DEFAULT_OUT} unless said. A bench that was cut short goes on there",
    )
    add("--yes", action="store_true", help="don't ask before spending")


def _report(parser: argparse.ArgumentParser, argv: Sequence[str], read: Read) -> BenchOptions:
    add = parser.add_argument
    add("files", nargs="+", metavar="FILE", help="results of benches")
    add("--format", choices=("markdown", "html"), help="markdown unless said, or --out ends in .html")
    add(
        "--out",
        default="",
        metavar="FILE",
        help="where to write it, instead of standard output; the plot alone where it ends in .png or .svg",
    )
    found = read(parser, argv)
    ending = found.out.casefold()
    if ending.endswith(_PLOTS) and (found.format or len(found.files) > 1):
        raise UsageError(
            f"{found.out} is a plot, of one result and without --format; name another --out for a report."
        )
    form: Literal["markdown", "html", "plot"] = "markdown"
    if ending.endswith(_PLOTS):
        form = "plot"
    elif found.format == "html" or (found.format is None and ending.endswith(_PAGES)):
        form = "html"
    return BenchOptions(action="report", files=tuple(found.files), format=form, out=found.out)


def _check(parser: argparse.ArgumentParser, argv: Sequence[str], read: Read) -> BenchOptions:
    _add_model(parser)
    add = parser.add_argument
    add("--presets", type=names, default=(), metavar="NAME,…", help="quick,balanced,deep unless said")
    add("--items", type=_items, metavar="N", help="questions in all; 60 unless said")
    add("--seed", type=whole, default=1, metavar="N", help="of the questions; 1 unless said")
    add("--yes", action="store_true", help="don't ask before spending")
    found = read(parser, argv)
    return BenchOptions(
        action="check",
        model=found.model,
        judge_models=found.judge_model,
        presets=found.presets,
        items=found.items,
        seed=found.seed,
        yes=found.yes,
    )


def _tasks(parser: argparse.ArgumentParser, argv: Sequence[str], read: Read) -> BenchOptions:
    parser.add_argument(
        "word", nargs="?", default="", metavar="WORD", help="only those with it in their name"
    )
    return BenchOptions(action="tasks", word=read(parser, argv).word)


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=model, metavar="REF", help="the model, as PROVIDER/MODEL")
    parser.add_argument(
        "--judge-model", type=names, default=(), metavar="REF,REF", help="models of the judges"
    )


def _items(text: str) -> int:
    number = whole(text)
    if not 1 <= number <= MOST_ITEMS:
        raise argparse.ArgumentTypeError(f"{number} is not from 1 to {MOST_ITEMS}")
    return number


def _some(text: str) -> int:
    number = whole(text)
    if not number:
        raise argparse.ArgumentTypeError("0 is too few; leave the option out for no cap")
    return number
