"""“Was it worth it?”, in words: what came on top of the first answer, what changed, what blind judges prefer,
and what many such runs add up to.

What judges prefer is called that, never quality; from few outcomes nothing is claimed. Pure words; no front
end's.
"""

from __future__ import annotations

from dataclasses import dataclass

from cort_desktop.domain.ids import DRAFT, NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.worth import Took, Worth, WorthOutcome, worth_of
from cort_desktop.domain.worth_shares import ENOUGH, MoveShare, WorthShare
from cort_desktop.telling import figures
from cort_desktop.telling.outline import KIND_WORDS
from cort_desktop.telling.word_diff import Comparison

TITLE = "Was it worth it?"
OWN_AUTHOR = "by the model that wrote both"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthLine:
    """A thing that is known: its name and what was found."""

    label: str
    words: str


def first_words(name: NodeName) -> str:
    """``D, the draft``; ``R1.A1, the first answer``."""
    return f"{name}, the {'draft' if name == DRAFT else 'first answer'}"


def worth_lines(state: RunState, worth: Worth, comparison: Comparison | None) -> list[WorthLine]:
    """What is known of a run. comparison: of its first answer with the final one, where there is one."""
    lines = [WorthLine(label="it took", words=took_words(worth))]
    if worth.is_same:
        said = f"{first_words(worth.first)}, is the answer: nothing that came after it was chosen"
        return [*lines, WorthLine(label="it changed", words=said)]
    if comparison is not None:
        lines.append(WorthLine(label="it changed", words=changed_words(comparison)))
    return [*lines, WorthLine(label="judged blind", words=judged_words(state, worth))]


def worth_link(state: RunState) -> str:
    """A few words under an answer: the question, or what it came to; empty where nothing came on top."""
    worth = worth_of(state)
    if worth is None or worth.is_same or not worth.more.calls:
        return ""
    outcome = worth.outcome
    return TITLE if outcome is None else f"Worth it? {_IN_SHORT[outcome]}"


_IN_SHORT: dict[WorthOutcome, str] = {"final": "Yes", "first": "No", "unclear": "Can’t tell"}


def took_words(worth: Worth) -> str:
    """``9 calls, 11.2k tokens, $0.018 and 12.3 s more than D, the draft, alone``."""
    return f"{sum_words(worth.more)} more than {first_words(worth.first)}, alone"


def sum_words(took: Took) -> str:
    """``9 calls, 11.2k tokens, $0.018 and 12.3 s``."""
    calls = "no call" if not took.calls else figures.count(took.calls, "call")
    money = figures.money(took.cost_microusd)
    return f"{calls}, {figures.tokens(took.tokens)} tokens, {money} and {figures.seconds(took.seconds)}"


def changed_words(comparison: Comparison) -> str:
    """``120 words came, 80 went, 45 % of both is the same``."""
    came, went = comparison.words("added"), comparison.words("removed")
    if not came and not went:
        return "no word; only blanks or signs"
    share = comparison.share
    same = "" if share is None else f", {min(99, round(share * 100))} % of both is the same"
    return f"{figures.count(came, 'word')} came, {went:,} went{same}"


def judged_words(state: RunState, worth: Worth) -> str:
    """What the comparison came to, by whom, and what it leaves as it is."""
    look = worth.look
    if look is None:
        return "not yet"
    if look.result is None:
        return "it was stopped" if look.given_up else "judges are at work"
    by = f"{', '.join(look.models)}{_author_words(state, worth)}"
    match worth.outcome:
        case "final":
            return f"yes: {worth.final} is preferred in both orders ({by})"
        case "first":
            return (
                f"no: {worth.first} is preferred in both orders ({by}); "
                f"{worth.final} stays the answer unless you choose the other"
            )
        case "unclear":
            return f"can't tell: neither is preferred in both orders ({by})"
    return f"too few of the verdicts could be read ({by})"


def _author_words(state: RunState, worth: Worth) -> str:
    """Whether the judges are the authors: they may prefer what is their own, here alike on both sides."""
    authors = {state.nodes[name].model for name in (worth.first, worth.final)}
    judges = set(worth.look.models) if worth.look is not None else set()
    return f", {OWN_AUTHOR}" if len(authors) == 1 and judges == authors else ""


def share_words(share: WorthShare) -> str:
    """``final preferred in 8 of 10 (80 %, 49–94 %), first in 2, no preference in 1``."""
    if not share.asked:
        return "none yet"
    if not share.clear or share.interval is None:
        return f"no preference in {share.unclear} of {share.asked}"
    low, high = (round(end * 100) for end in share.interval)
    percent = round(share.final / share.clear * 100)
    tied = f", no preference in {share.unclear}" if share.unclear else ""
    return f"final preferred in {share.final} of {share.clear} ({percent} %, {low}–{high} %){tied}"


def claim_words(share: WorthShare) -> str:
    """What may be claimed of it."""
    match share.says:
        case "too_few":
            return f"can't tell yet: it takes {ENOUGH} clear outcomes, there are {share.clear}"
        case "open":
            return "can't tell yet: an even chance is still possible"
        case "final":
            return "judges prefer the final answer more often than not"
        case "first":
            return "judges prefer the first answer more often than not"


def move_words(move: str) -> str:
    """The name of a move, or of a kind of candidate where there was none."""
    return _MOVE_WORDS.get(move) or KIND_WORDS.get(move, move.replace("_", " "))


_MOVE_WORDS = {"revise": "revision"}


def move_share_words(share: MoveShare) -> str:
    """``14 of 40 became the answer; by chance 9.2``."""
    return f"{share.answers:,} of {share.candidates:,} became the answer; by chance {share.by_chance:.1f}"
