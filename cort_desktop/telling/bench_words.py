"""A bench in words and cells: what tables, reports and the window say of figures. Shared by the front ends.

The figures are ``domain/bench_summary.py`` and ``bench_advice.py``; where they are put is the front ends'.
"""

from __future__ import annotations

from collections.abc import Iterator

from cort_desktop.domain.bench import Contender, Setup
from cort_desktop.domain.bench_advice import WORTH_IT, Advice, Gain
from cort_desktop.domain.bench_summary import Against, Figures, PartSummary, Summary
from cort_desktop.domain.shares import Interval
from cort_desktop.telling import figures

HEADINGS = (
    "",
    "right",
    "95 % interval",
    "tokens each",
    "time each",
    "cost in all",
    "selection",
    "fixed",
    "broken",
)
"""Tokens and time are means of a question, cost is the sum of all."""
AGAINST = (
    "",
    "against",
    "tokens each",
    "right (95 % interval)",
    "points more (95 % interval)",
    "only it",
    "only the other",
    "p",
)
"""What a contender is held against: its tokens and share, the contender's gain over it in points, on how many
questions only one of the two was right, and McNemar's p.
"""
LEFT = 2
"""Of ``AGAINST`` so many columns are words."""
BOUNDS_OF_GAINS = (
    "The bounds of gains share one chance of error of 5 in 100 among the ways compared, so each is wider "
    "than a 95 % interval of its own; every kind of question stands for itself."
)
_NO_BREAK = "\u00a0"
_CONTROLS = {
    "single": "one answer",
    "vote": "a vote that fits into them",
    "best_of_n": "a judge’s pick that fits into them",
}
_KINDS = {"numbers": "Numbers", "logic": "Logic", "words": "Words and letters"}


def percent(share: float) -> str:
    """``41 %``, which no line is broken in."""
    return f"{share * 100:.0f}{_NO_BREAK}%"


def bounds(interval: Interval) -> str:
    """``32–51 %``."""
    return f"{interval.low * 100:.0f}–{interval.high * 100:.0f}{_NO_BREAK}%"


def points(value: float) -> str:
    """``+4``, ``−3``, ``0``: hundredths of all questions."""
    rounded = round(value * 100)
    return "0" if not rounded else f"{'+' if rounded > 0 else '−'}{abs(rounded)}"


def gain_words(gain: Interval) -> str:
    """``+12 points, between +3 and +21``."""
    return f"{points(gain.value)} points, between {points(gain.low)} and {points(gain.high)}"


def chance(p: float) -> str:
    """``0.034``, ``< 0.001``, ``1``."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}".rstrip("0").rstrip(".")  # noqa: PLR2004


def name_of(contender: Contender) -> str:
    """``Quick``; ``asked once``; a strategy as it is written."""
    if contender.is_preset:
        return contender.name.capitalize()
    return "asked once" if contender.is_plain_single else contender.label


def kind_of(kind: str | None) -> str:
    """What a kind of question is called; None is all of them."""
    return "All questions" if kind is None else _KINDS.get(kind, kind)


def title_of(part: PartSummary) -> str:
    """``chain_sum, 100 questions``."""
    name = "all tasks" if part.task is None else part.task
    return f"{name}, {figures.count(part.items, 'question')}"


def row(found: Figures) -> tuple[str, ...]:
    """A contender's cells, under ``HEADINGS``."""
    return (
        found.contender.label,
        percent(found.right.value),
        bounds(found.right),
        _tokens(found),
        figures.seconds(found.seconds),
        figures.money(found.cost_microusd),
        "–" if found.selection is None else _signed(found.selection.value),
        str(found.fixes),
        str(found.breaks),
    )


def against_rows(part: PartSummary) -> list[tuple[str, ...]]:
    """What each contender is held against, under ``AGAINST``; its name stands once."""
    rows = []
    for found in part.figures:
        for at, control in enumerate(found.against):
            name = "" if at else f"{found.contender.label} ({_tokens(found)} tokens)"
            rows.append((name, *_against(control)))
    return rows


def _against(control: Against) -> tuple[str, ...]:
    gain, pairs = control.gain, control.pairs
    return (
        _CONTROLS[control.name],
        figures.tokens(round(control.tokens)),
        f"{percent(control.right.value)} ({bounds(control.right)})",
        f"{points(gain.value)} ({points(gain.low)} to {points(gain.high)})",
        str(pairs.first),
        str(pairs.second),
        chance(control.p),
    )


def notes(found: Figures) -> Iterator[str]:
    """What else there is to say of a contender, a sentence each."""
    if found.candidates > 1:
        eta = ""
        if found.selection is not None:
            value, low, high = found.selection.value, found.selection.low, found.selection.high
            eta = f" Its selection is {_signed(value)} ({_signed(low)} to {_signed(high)})."
        yield (
            f"From its own {found.candidates:.1f} candidates a random pick gets "
            f"{percent(found.random)}, an all-knowing one {percent(found.oracle)}.{eta}"
        )
    if found.failed:
        kinds = ", ".join(f"{kind} {count}×" for kind, count in found.faults.items())
        runs = figures.count(found.failed, "run")
        counts = "counts" if found.failed == 1 else "count"
        yield f"{runs} brought no answer ({kinds or 'no reason told'}) and {counts} as wrong."
    if found.abstained:
        yield f"Of {found.verdicts} verdicts {found.abstained} could not be read."
    if found.unmeasured:
        yield f"Of {figures.count(found.unmeasured, 'call')} nobody told the tokens."
    if found.calls > 1:
        yield (
            f"It took {found.calls:.1f} calls and {figures.tokens(round(found.output_tokens))} output "
            "tokens for a question."
        )
    ends = ", ".join(f"{rule} {count}×" for rule, count in found.rules.items())
    yield f"It ended by: {ends}."


def head(found: Summary) -> Iterator[str]:
    """What was asked and of whom, and what of it is there, a sentence each."""
    setup, origin = found.recorded.setup, found.recorded.origin
    yield setup_words(setup)
    if set(setup.judge_models) <= {setup.model} and _is_judged(found):
        yield "Where answers are judged, it is by the model that wrote them."
    versions = ", ".join(f"{name} {version}" for name, version in origin.versions.items())
    yield f"Begun {origin.started} on {origin.system}, with {versions}; seed {setup.seed}."
    if origin.registered is not None:
        yield f"Its setup was registered before: SHA-256 {origin.registered}."
        if setup.words:
            yield f"What was written there: “{setup.words}”"
    if not found.recorded.is_closed:
        begun = f", {found.begun} more are begun and don't count" if found.begun else ""
        yield f"It was cut short: {found.done} of {found.wanted} questions are done{begun}."
    yield from warnings(found)


def _is_judged(found: Summary) -> bool:
    return any(figure.verdicts for part in found.parts for figure in part.figures)


def setup_words(setup: Setup) -> str:
    """Model, tasks and caps in a sentence."""
    tasks = ", ".join(task.label for task in setup.tasks)
    judges = f", judged by {', '.join(setup.judge_models)}" if setup.judge_models else ""
    caps = [
        f"at most {setup.budget_tokens} tokens for each question" if setup.budget_tokens else "",
        f"{setup.max_tokens} for each answer" if setup.max_tokens else "",
    ]
    limits = ", ".join(cap for cap in caps if cap)
    each = "each" if len(setup.tasks) > 1 else "of it"
    items = figures.count(setup.items, "question")
    return f"{setup.model}{judges}: {tasks}, {items} {each}{f'; {limits}' if limits else ''}."


def warnings(found: Summary) -> Iterator[str]:
    """What takes the sense out of a comparison."""
    for part in found.parts:
        shares = {figure.right.value for figure in part.figures}
        if all(figure.failed == part.items for figure in part.figures):
            yield (
                f"No run brought an answer ({title_of(part)}), so this says nothing of the model. What went "
                "wrong stands below; mend that and begin anew."
            )
        elif shares == {0.0}:
            yield (
                f"Nobody got any of {title_of(part)} right: too hard for this model, so nothing can be told "
                "apart. Try an easier setting of the task."
            )
        elif shares == {1.0}:
            yield (
                f"Everybody got all of {title_of(part)} right: too easy for this model, so nothing can be "
                "told apart. Try a harder setting of the task."
            )


def finding_words(advice: Advice) -> str:
    """What can be said of a kind of question, in a sentence or two."""
    of = figures.count(advice.items, "question")
    once = f"Asked once it gets {percent(advice.once.value)} of {of} right ({bounds(advice.once)})."
    match advice.finding:
        case "pays":
            use = next(gain for gain in advice.gains if gain.contender == advice.use)
            times = _times(use, advice)
            return (
                f"Thinking harder pays: {name_of(use.contender)} gains {gain_words(use.gain)}{times}. {once}"
            )
        case "does_not_pay":
            most = max(gain.gain.high for gain in advice.gains)
            return (
                f"Thinking harder doesn’t pay: no way gains more than {points(most)} points, less than the "
                f"{WORTH_IT * 100:.0f} that would be worth it. {once}"
            )
        case "all_right":
            return f"There is nothing to gain: asked once it gets all of {of} right. Ask once."
        case "all_wrong":
            return f"It can’t be told: none of {of} was answered right, whichever way."
        case "cannot_tell":
            return f"It can’t be told from {of} whether thinking harder pays: {_widest(advice)}. {once}"


def failed_words(advice: Advice) -> str:
    """How many runs brought nothing, of all ways together; empty where all did."""
    failed = advice.once_failed + sum(gain.failed for gain in advice.gains)
    runs = advice.items * (1 + len(advice.gains))
    return f"{failed} of {runs} runs brought no answer and count as wrong." if failed else ""


def _times(gain: Gain, advice: Advice) -> str:
    if not advice.once_tokens:
        return ""
    return f", for {gain.tokens / advice.once_tokens:.1f} times the tokens"


def _widest(advice: Advice) -> str:
    """How far off the way that did best may be, as half a sentence."""
    if not advice.gains:
        return "nothing was compared with asking once"
    best = max(advice.gains, key=lambda each: each.gain.value)
    low, high = (round(abs(bound) * 100) for bound in (best.gain.low, best.gain.high))
    return (
        f"{name_of(best.contender)}, which did best, may be anything from {low} points "
        f"{'worse' if best.gain.low < 0 else 'better'} to {high} better"
    )


def _tokens(found: Figures) -> str:
    least = "≥ " if found.unmeasured else ""
    return f"{least}{figures.tokens(round(found.tokens))}"


def _signed(value: float) -> str:
    """``0.25``, ``−0.50``."""
    return f"{round(value, 2) + 0:.2f}".replace("-", "−")  # + 0: no zero is less than another
