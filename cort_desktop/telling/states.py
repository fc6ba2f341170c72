"""The state of each part of a run in an icon's name and a word: candidates, judges, other calls, rounds.

Pure words over ``RunState``; the rows they stand in are ``outline.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node, Round
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Fault
from cort_desktop.domain.staleness import replaced_under
from cort_desktop.errors import TRY_LATER
from cort_desktop.telling import figures
from cort_desktop.telling.doubts import doubt_words
from cort_desktop.telling.refusing import REFUSED, is_refusal
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.timing import is_queued

Mark = Literal[
    "question",
    "answer",
    "won",
    "candidate",
    "running",
    "waiting",
    "failed",
    "cancelled",
    "stale",
    "round",
    "verdict",
    "call",
    "end",
]
"""Which icon and colour a row has; its word says the same."""


_CANCEL_WORDS = {
    "person": "stopped by you",
    "plan": "not needed any more",
    "limit": "cut by a cap",
    "crash": "lost in a crash",
}


_FAULT_BADGES = {
    "auth": "key refused",
    "no_credit": "no credit",
    "not_found": "unknown model",
    "context_too_long": "too long",
    "throttled": "too many requests",
    "moderated": "refused",
    "not_an_api": "no chat API",
    "no_content": "no content",
    "circuit_open": "service paused",
    "crashed": "model crashed",
    "model_file": "model missing",
    "timeout": "timed out",
    "cut_by_limit": "over a limit",
}
"""Kinds of faults that two words tell better than a status."""
_CANDIDATE = re.compile(r'"(?:candidate|id)"\s*:\s*"([^"]{1,40})"')
"""Where a verdict comes to its next candidate (``engine/verdict_schema.py``)."""

CHECK_WORDS = {True: "passed its check", False: "failed its check", None: "its check could not tell"}
"""What a verifier found, in the words of an outline."""
FROM_CACHE = "from the cache"
"""Said of a call whose answer was kept from an equal one: nothing was sent."""
IN_COMMON = "has most in common with the others"
"""Said of who stands where nobody judged."""
ORDER_MATTERED = "order changed the outcome"
"""What ``unstable`` means, wherever a round is told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streaming:
    """What is known of a call while it runs: how much text came, and whether it is the answer yet.

    judged: of a judge's verdict, how many candidates it has come to.
    """

    characters: int = 0
    is_reasoning: bool = False
    judged: int | None = None


Live = dict[NodeName, Streaming]


def ranking_words(verdict: Verdict) -> str:
    """``R1.A2 > R1.A1 = D``: best first, ties joined; of one that was judged alone, its score."""
    if verdict.purpose == "score":
        return ", ".join(f"{name} {score_words(verdict, name)}" for name in verdict.order)
    return " > ".join(" = ".join(tied) for tied in verdict.ranking)


def score_words(verdict: Verdict, name: NodeName) -> str:
    """``8.2 of 10``: the mean of what one judge gave one candidate."""
    given = verdict.scores.get(name)
    return f"{fmean(given.values()):.1f} of 10" if given else "without a score that could be read"


def fault_words(node: Node) -> str:
    """Why a call failed, in one line, with how often it was tried."""
    message = fault_message(node)
    return message if node.attempts <= 1 else f"{message} ({node.attempts} tries)"


def fault_message(node: Node) -> str:
    """Why a call failed, in one line."""
    return (one_line(node.error.message) if node.error is not None else "") or "failed"


def failed_try(fault: Fault) -> str:
    """Why one try failed, in one line, where it is told what the program did then: without the advice to do
    just that.
    """
    return one_line(fault.message).replace(f": {TRY_LATER}", "")


def fault_badge(node: Node) -> str:
    """Why a call failed in two or three words for a badge: ``502 · 2 tries``, ``key refused``."""
    fault = node.error
    if fault is None:
        return "failed"
    short = _FAULT_BADGES.get(fault.kind) or (
        str(fault.status) if fault.status else fault.kind.replace("_", " ")
    )
    return short if node.attempts <= 1 else f"{short} · {node.attempts} tries"


def judged_in(reply: str) -> int:
    """How many candidates a verdict has come to, from what has streamed of it."""
    return len(set(_CANDIDATE.findall(reply)))


def is_unjudged(state: RunState) -> bool:
    """Whether the best so far is only the first answer that came: no round of a working run has ended."""
    return state.finished is None and state.override is None and state.rounds_finished == 0


def is_unstable(round_: Round) -> bool:
    """Whether a round came out otherwise when its candidates were shown in another order."""
    return round_.result is not None and bool(round_.result.unstable)


def has_unknown_usage(state: RunState) -> bool:
    """Whether some call may have used tokens that no service told."""
    return any(is_usage_unknown(node) for node in state.nodes.values())


def is_usage_unknown(node: Node) -> bool:
    """Whether a call may have used tokens that nobody told: it brought something, or a try of it was sent
    and ended untold.
    """
    if node.cached or node.attempts == 0:
        return False
    if any(failed.usage is None and failed.error.kind != "circuit_open" for failed in node.failures):
        return True
    if node.usage is not None or node.status == "running":
        return False
    return node.status == "finished" or bool(node.text) or node.booked.untold > 0


def instead_words(node: Node) -> str:
    """``answered by s3/up instead of dead/x``; nothing where the model that was asked answered."""
    if node.status != "finished" or node.served_model is None or node.model in (None, node.served_model):
        return ""
    return f"answered by {one_line(node.served_model)} instead of {one_line(str(node.model))}"


def source_words(node: Node) -> str:
    """Where an answer came from, when not from the model that was asked for it just now."""
    return _join(FROM_CACHE if node.cached else "", instead_words(node))


def known_cost(state: RunState) -> int | None:
    """What was billed so far; None once a part of it is unknown, or belongs to a call without a price."""
    if any(node.reserved.cost_microusd is None for node in state.running.values()):
        return None
    if state.started is not None and state.finished is None and not state.nodes:
        return None if state.started.estimate.cost_microusd is None else 0
    return state.spent.cost_microusd


def round_name(state: RunState) -> str:
    """What a run's rounds are called: what one strategy does in them is no contest."""
    return _ROUND_NAMES.get(state.strategy, "Round") if state.started is not None else "Round"


_ROUND_NAMES = {
    "recursive_self_aggregation": "Step",
    "mixture_of_agents": "Step",
    "council": "Step",
    "debate": "Exchange",
}


def winner_of(state: RunState, round_: Round) -> str:
    """``R1.A2 won``, ``D stays``, ``no winner``; of a round that nobody judged, why who stands does."""
    result = round_.result
    if result is None or result.winner is None:
        spoke = [state.nodes[name].is_candidate for name in round_.candidates if state.nodes[name].side]
        return "no winner" if not any(spoke) else "both sides spoke" if all(spoke) else "one side spoke"
    if state.nodes[result.winner].role == "synthesizer" and not round_.judges:
        return f"{result.winner} is written"
    if result.method == "consensus":
        return f"{result.winner} {IN_COMMON}"
    if round_.is_provisional and result.method is None and (round_.judges or state.nodes[result.winner].side):
        return f"not judged, {result.winner} stands"
    if result.method == "rubric":
        return f"{result.winner} {'still leads' if result.kept else 'leads'}"
    if found_nothing(state, round_):
        return f"{result.winner} stays, nothing to mend"
    return f"{result.winner} {'stays' if result.kept else 'won'}"


def found_nothing(state: RunState, round_: Round) -> bool:
    """Whether a round ended with its critique: nothing was to be mended."""
    written = any(state.nodes[name].role != "person" for name in round_.candidates)
    return bool(round_.critiques) and round_.result is not None and bool(round_.result.kept) and not written


def critic_state(state: RunState, node: Node, live: Streaming | None) -> tuple[Mark, str]:
    """What a critic is doing, or what came of it."""
    if node.status == "running":
        return _running(node, live)
    round_ = state.rounds[node.round]
    said = "finds nothing to mend" if found_nothing(state, round_) else ""
    return _broken(state, node) or ("call", _join(said, source_words(node)))


def round_words(state: RunState, round_: Round) -> str:
    """Who won a round, and how sure that is."""
    result = round_.result
    if result is None:
        return "" if state.finished is None else "not decided"
    won = winner_of(state, round_)
    words = [f"verdict failed, {won}" if verdict_failed(round_) else won]
    if result.unstable:
        words.append(ORDER_MATTERED)
    if result.agreement is not None:
        words.append(f"agreement {result.agreement:.2f}")
    if result.diversity is not None:
        words.append(f"diversity {result.diversity:.2f}")
    return ", ".join(words)


def verdict_failed(round_: Round) -> bool:
    """Judges were asked, and too few of their verdicts could be read to decide by. Of a run that was ended
    while they were at it, that isn't known.
    """
    result = round_.result
    return result is not None and result.method is None and bool(round_.judges) and not round_.is_provisional


def candidate_state(state: RunState, node: Node, live: Streaming | None) -> tuple[Mark, str]:
    """What a candidate is, or is doing."""
    if node.status == "running":
        return _running(node, live)
    return _broken(state, node) or _finished(state, node)


def _broken(state: RunState, node: Node) -> tuple[Mark, str] | None:
    """The state of a call that brought nothing; what befell several is said at the first of them."""
    if node.status == "failed":
        words = fault_message(node)
        first = next(
            (n for n in state.nodes.values() if n.status == "failed" and fault_message(n) == words), node
        )
        return "failed", f"failed: {fault_words(node)}" if first is node else f"failed like {first.name}"
    if node.status == "cancelled":
        return "cancelled", _CANCEL_WORDS.get(node.cancelled_by or "", "cancelled")
    return None


def _finished(state: RunState, node: Node) -> tuple[Mark, str]:
    cut = {"length": "cut at its token limit", "filter": "the service filtered it"}.get(node.finish or "", "")
    cut = _join(cut, REFUSED if is_refusal(node) else "", check_words(state, node.name))
    source = source_words(node)
    if node.name in state.out:
        return "cancelled", _join("taken out by you", source, cut)
    if node.name == state.answer_node and state.finished is not None:
        return "answer", _join("your choice" if state.override is not None else "answer", source, cut)
    if node.name == state.best and state.finished is None:
        word = "first answer, not judged yet" if is_unjudged(state) else "so far the best"
        return "won", _join(word, source, cut)
    replaced = replaced_under(state, node.name)
    if replaced is not None and node.text.strip():
        return "stale", _join(f"stale: written with {replaced} in sight, which you replaced", source, cut)
    result = state.rounds[node.round].result if node.round in state.rounds else None
    if result is not None and result.winner == node.name:
        is_judged = result.method != "consensus"
        return (
            ("won", _join("won", source, cut)) if is_judged else ("candidate", _join(IN_COMMON, source, cut))
        )
    if node.name in state.retired:
        return "candidate", _join("retired", source, cut)
    if not node.text.strip():
        return "failed", "no content"
    return "candidate", _join(source or "answered", cut)


def check_words(state: RunState, name: NodeName) -> str:
    """What a verifier found of a candidate; nothing where none looked."""
    check = state.check_of(name)
    return "" if check is None else CHECK_WORDS[check.passed]


def _running(node: Node, live: Streaming | None) -> tuple[Mark, str]:
    if is_queued(node) and not node.failures:
        return "waiting", "queued"
    if node.idle_seconds is not None:
        return "running", f"quiet for {figures.seconds(node.idle_seconds)}"
    if live is not None and live.characters:
        return "running", "reasoning" if live.is_reasoning else "streaming"
    if node.failures and node.failures[-1].next == "retry" and node.open_attempts == 0:
        wait = node.failures[-1].wait_seconds
        return "waiting", f"tries again{f' in {figures.seconds(wait)}' if wait else ''}"
    return "waiting", "waiting" if node.attempts <= 1 else f"waiting, try {node.attempts}"


def reading_words(node: Node, live: Streaming | None) -> str:
    """How far a judge is, from what has come of its verdict: which answer it has come to is not yet done."""
    shown = len(node.saw)
    if live is None or not live.judged:
        return f"reading {figures.count(shown, 'answer')}" if shown else "reading"
    return f"at answer {min(live.judged, shown)} of {shown}" if shown else f"at answer {live.judged}"


def judge_state(
    state: RunState, node: Node, verdict: Verdict | None, live: Streaming | None = None
) -> tuple[Mark, str]:
    """A judge's ranking, or why there is none."""
    if is_queued(node):
        return "waiting", "queued"
    if node.status == "running":
        return "running", reading_words(node, live)
    broken = _broken(state, node)
    if broken is not None:
        return broken
    if verdict is None:
        return "verdict", "answered, not read yet" if state.finished is None else "not read"
    if verdict.parsed_by == "abstained":
        return "failed", "abstained: its reply could not be read"
    doubt = doubt_words(verdict)
    words = ranking_words(verdict) + (f" ({doubt})" if doubt else "")
    source = source_words(node)
    return "verdict", f"{words} · {source}" if source else words


def call_state(state: RunState, node: Node) -> tuple[Mark, str]:
    """The state of a call outside the rounds."""
    if node.status == "running":
        return ("waiting", "queued") if is_queued(node) else ("running", "waiting")
    return _broken(state, node) or ("call", source_words(node))


def tally_words(tally: dict[str, int]) -> str:
    """``7 for 42, 2 for 41``, the most votes first."""
    ordered = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{votes} for {one_line(value)}" for value, votes in ordered) or "nothing to count"


def _join(*words: str) -> str:
    return ", ".join(word for word in words if word)
