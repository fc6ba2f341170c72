"""``worth``: whether thinking harder paid, for one run or over all that were asked about.

For a run: what came on top of the first answer and what changed, free of charge; ``--judge`` has blind judges
compare the two, after saying the price. Without a run: how often the final answer was preferred.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cort_desktop.domain.budget import MICRO
from cort_desktop.domain.run import RunState
from cort_desktop.domain.wire import dumps
from cort_desktop.domain.worth import Took, Worth, worth_of
from cort_desktop.domain.worth_shares import WorthShare
from cort_desktop.errors import UsageError
from cort_desktop.services.wishes import was_it_worth_it
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.wishes import price_words
from cort_desktop.telling.word_diff import Comparison, Kind, compare
from cort_desktop.telling.worth import (
    TITLE,
    claim_words,
    move_share_words,
    move_words,
    share_words,
    sum_words,
    worth_lines,
)
from cort_desktop.terminal import codes
from cort_desktop.terminal.agreeing import agree
from cort_desktop.terminal.interrupts import Interrupts
from cort_desktop.terminal.options import WorthOptions
from cort_desktop.terminal.running import choose_view, work
from cort_desktop.terminal.streams import Streams

if TYPE_CHECKING:
    from cort_desktop.domain import events as ev
    from cort_desktop.services.app import App
    from cort_desktop.services.outcomes import Outcome
    from cort_desktop.services.worth import WorthReport


async def worth(options: WorthOptions, app: App, streams: Streams) -> int:
    """Print what is known; the exit code."""
    if options.run is None:
        report = await app.worth.report()
        if options.json:
            streams.write_json(dumps(_report_json(report)))
        else:
            _show_report(report, streams)
        return codes.ANSWER
    before = await app.chat.replay(options.run)
    state = RunState(before[0].run).fold(before)
    if options.judge:
        seen = worth_of(state)
        if seen is not None and seen.outcome is not None and not options.again:
            streams.say("Blind judges have compared these two already. To pay for it once more: --again.")
        else:
            await _judge(state, before, app, streams)
        state = RunState(state.run).fold(await app.chat.replay(state.run))
    found = worth_of(state)
    if found is None:
        raise UsageError(f"Run {state.run} has no answer, or is still at work; there is nothing to compare.")
    compared = await compared_texts(state, found)
    if options.json:
        streams.write_json(dumps(_run_json(state, found, compared)))
    else:
        for line in run_lines(state, found, compared):
            streams.write_line(line)
    return codes.ANSWER


async def compared_texts(state: RunState, worth: Worth) -> Comparison | None:
    """The first answer and the final one by words; long ones take a moment."""
    if worth.is_same:
        return None
    first, final = (state.nodes[name].text for name in (worth.first, worth.final))
    return await asyncio.to_thread(compare, first, final)


def run_lines(state: RunState, worth: Worth, comparison: Comparison | None) -> list[str]:
    """What is known of one run, as a person reads it."""
    lines = worth_lines(state, worth, comparison)
    width = max(len(line.label) for line in lines)
    return [TITLE, *(f"  {line.label.ljust(width)}  {one_line(line.words)}" for line in lines)]


async def _judge(state: RunState, before: list[ev.Event], app: App, streams: Streams) -> None:
    """Have blind judges compare the two, over the run's tree as it was."""
    wished = was_it_worth_it()
    price = await app.chat.wishes.price(state.run, wished)
    await agree(app.chat.consents, await app.chat.consents.of_run(state.run), streams)
    streams.say(f"Judging takes about {price_words(price)}.")
    interrupts = Interrupts(streams)
    view = choose_view(streams, "off", interrupts)
    view.recall(before)

    async def start(show: Callable[[ev.Event], None]) -> Outcome:
        outcome = await app.chat.wishes.carry_out(state.run, wished, show)
        if outcome is None:
            raise UsageError(f"Run {state.run} was taken up meanwhile; ask again when it has ended.")
        return outcome

    await work(app.chat, start, view, interrupts)


def _show_report(report: WorthReport, streams: Streams) -> None:
    if not report.runs:
        streams.write_line(f"{TITLE} You have not asked about any run yet.")
    else:
        streams.write_line(f"{TITLE} {share_words(report.total)}")
        streams.write_line(claim_words(report.total))
        runs = figures.count(report.runs, "run")
        streams.write_line(f"On top of the first answers {runs} took {sum_words(report.more)}.")
    for title, rows in (
        ("by model", report.models),
        ("by preset", report.presets),
        ("by move of the final answer", report.by_move),
    ):
        is_move = rows is report.by_move
        told = {name: f"{share_words(share)}: {claim_words(share)}" for name, share in rows.items()}
        _part(title, {move_words(name) if is_move else name: words for name, words in told.items()}, streams)
    _part(
        "which candidates became the answer, of all runs with several",
        {move_words(share.move): move_share_words(share) for share in report.moves},
        streams,
    )
    if not report.runs:
        streams.say("Ask of a run: cort-desktop worth RUN --judge, or /worth in a chat.")


def _part(title: str, rows: Mapping[str, str], streams: Streams) -> None:
    if not rows:
        return
    width = max(len(one_line(name or "?")) for name in rows)
    streams.write_line("")
    streams.write_line(f"{title}:")
    for name, words in rows.items():
        streams.write_line(f"  {one_line(name or '?').ljust(width)}  {words}")


def _report_json(report: WorthReport) -> dict[str, Any]:
    return {
        "runs": report.runs,
        "total": _share_json(report.total),
        "models": {name: _share_json(share) for name, share in report.models.items()},
        "presets": {name: _share_json(share) for name, share in report.presets.items()},
        "moves_of_final": {name: _share_json(share) for name, share in report.by_move.items()},
        "more": _took_json(report.more),
        "moves": [
            {
                "move": share.move,
                "candidates": share.candidates,
                "answers": share.answers,
                "by_chance": round(share.by_chance, 3),
            }
            for share in report.moves
        ],
    }


def _run_json(state: RunState, worth: Worth, comparison: Comparison | None) -> dict[str, Any]:
    kinds: tuple[Kind, ...] = ("same", "added", "removed")
    return {
        "run": state.run,
        "first": worth.first,
        "final": worth.final,
        "alone": _took_json(worth.alone),
        "more": _took_json(worth.more),
        "words": None if comparison is None else {kind: comparison.words(kind) for kind in kinds},
        "preferred": worth.outcome,
    }


def _share_json(share: WorthShare) -> dict[str, Any]:
    interval = share.interval
    return {
        "asked": share.asked,
        "final": share.final,
        "first": share.first,
        "unclear": share.unclear,
        "interval": None if interval is None else [round(end, 4) for end in interval],
        "says": share.says,
    }


def _took_json(took: Took) -> dict[str, Any]:
    cost = took.cost_microusd
    return {
        "calls": took.calls,
        "tokens": took.tokens,
        "cost_usd": None if cost is None else cost / MICRO,
        "seconds": round(took.seconds, 3),
    }
