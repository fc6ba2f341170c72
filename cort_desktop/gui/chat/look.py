"""What an answer's place in the transcript shows, as a value: from a run's feed, or from its row alone.

The rule of the transcript: while a run works it shows the best so far, which changes only when a round ends;
a text that is still being written is shown only where it is the only one, so that nothing flickers. Pure;
``answer.py`` draws it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.library import RunRow
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import ANSWER_ROLES
from cort_desktop.gui.chat.allowance import Allowance, allowance_of
from cort_desktop.gui.chat.preview import Preview, preview_of
from cort_desktop.gui.chat.progress import stage_words, waiting_words
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.telling.caps import end_words
from cort_desktop.telling.meanings import winner_means
from cort_desktop.telling.states import is_unjudged
from cort_desktop.telling.summary import (
    cost_parts,
    failures,
    is_resumable,
    notes,
    why_no_answer,
    winner_words,
)
from cort_desktop.telling.worth import worth_link

Offer = Literal["resume", "raise", "again", "settings", "reload", "partials", "rank", "look"]
_SETTINGS_FAULTS = frozenset({"auth", "no_credit", "not_found", "unreachable", "offline", "model_file"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A state that wants a word: what happened, and what may be done about it. ``allowance``: what going on
    grants, where a cap was met.
    """

    kind: Literal["info", "warn", "bad"]
    title: str
    lines: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    allowance: Allowance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong with a run as a whole, told at its turn. ``is_unsaved``: it worked, but not all of it
    is on disk; else it did not come to its end, or could not go on.
    """

    text: str
    is_unsaved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """``node`` is where ``text`` comes from; ``is_open``: the text grows still. ``badge`` and ``words`` are
    said below a text that may change, ``strip`` below one that stays; ``waiting`` stands in place of a text,
    ``preview`` tells what is being written beside it.
    """

    node: NodeName | None = None
    text: str = ""
    reasoning: str = ""
    is_open: bool = False
    waiting: str = ""
    preview: Preview | None = None
    badge: str = ""
    words: str = ""
    winner: str = ""
    winner_means: str = ""
    worth: str = ""
    strip: tuple[str, ...] = ()
    reason: str = ""
    trouble: Trouble | None = None
    partials: dict[NodeName, str] = field(default_factory=dict)


def look_at_row(row: RunRow | None) -> Look:
    """What is known of a run before its log was read."""
    if row is None or row.answer is None:
        return Look()
    return Look(node=row.answer_node, text=row.answer)


def look_at_hidden(state: RunState) -> Look:
    """What is shown of a run whose verdicts, and with them its answer, are hidden until they are ranked."""
    if state.finished is None:
        return Look(
            waiting=QCoreApplication.translate(
                "Look", "Answers are being written and judged; they are hidden until you have ranked them"
            )
        )
    return Look(
        trouble=Trouble(
            kind="info",
            title=QCoreApplication.translate("Look", "Rank before you look"),
            lines=(
                QCoreApplication.translate(
                    "Look", "The answer, who won and why are hidden until you have ranked the candidates."
                ),
            ),
            offers=("rank", "look"),
        )
    )


def look_at(feed: RunFeed, problem: Problem | None = None) -> Look:
    """What is shown of a run, with its ``problem`` once it rests."""
    state = feed.state
    if state.started is None:
        return Look(waiting=QCoreApplication.translate("Look", "Starting"))
    if state.finished is not None and not feed.is_working:
        look = _ended(feed)
    elif feed.is_working:
        look = _working(feed)
    else:
        look = _left(feed)
    return look if problem is None or feed.is_working else _with_problem(look, problem)


def _working(feed: RunFeed) -> Look:
    state = feed.state
    alone = _lone_writer(state)
    if alone is not None:
        text, reasoning = feed.text(alone.name), feed.reasoning(alone.name)
        waiting = "" if text else waiting_words(state, feed.texts)
        badge = (
            QCoreApplication.translate("Look", "writing {name}").format(name=alone.name)
            if text and state.strategy != "single"
            else ""
        )
        words = (
            QCoreApplication.translate("Look", "the first answer; alternatives to it follow") if badge else ""
        )
        return Look(
            node=alone.name,
            text=text,
            reasoning=reasoning,
            is_open=True,
            waiting=waiting,
            badge=badge,
            words=words,
        )
    name = state.answer_node
    if name is None:
        return Look(waiting=waiting_words(state, feed.texts), preview=preview_of(feed))
    node = state.nodes[name]
    badge = QCoreApplication.translate("Look", "so far: {name}").format(name=name)
    if state.override is not None:
        badge = QCoreApplication.translate("Look", "your choice: {name}").format(name=name)
    return Look(
        node=name,
        text=node.text,
        reasoning=node.reasoning or "",
        preview=preview_of(feed) or _at_work(feed),
        badge=badge,
        words=_so_far_words(state),
    )


def _at_work(feed: RunFeed) -> Preview:
    """What is done between two texts: the line below the answer stays while the run works."""
    words = stage_words(feed.state, feed.texts)
    return Preview(words=words[:1].upper() + words[1:])


def _lone_writer(state: RunState) -> Node | None:
    """The one call that writes an answer, where no other answer is there or on its way."""
    writers = [node for node in state.nodes.values() if node.role in ANSWER_ROLES]
    if len(writers) == 1 and writers[0].status == "running" and _is_first(state, writers[0]):
        return writers[0]
    return None


def _is_first(state: RunState, node: Node) -> bool:
    """Whether a call is meant to be the first answer, and not one of several that start together."""
    return node.kind == "draft" or state.strategy == "single"


def _so_far_words(state: RunState) -> str:
    if state.is_closing:
        return QCoreApplication.translate("Look", "the run is ending; this is the best there is")
    if is_unjudged(state):
        return QCoreApplication.translate(
            "Look", "the first answer, not judged yet; this changes only when a round ends"
        )
    if state.is_held:
        return QCoreApplication.translate("Look", "the run is paused; it goes on when you say so")
    number = max((node.round for node in state.running.values()), default=0)
    if not number:
        return QCoreApplication.translate("Look", "the run goes on; this changes only when a round ends")
    return QCoreApplication.translate(
        "Look", "round {number} is running; this changes only when a round ends"
    ).format(number=number)


def _ended(feed: RunFeed) -> Look:
    state = feed.state
    finished = state.finished
    name = state.answer_node
    if finished is None or name is None:
        return Look(trouble=_no_answer(state), strip=_strip(state), partials=partials(feed))
    node = state.nodes.get(name)
    return Look(
        node=name,
        text=node.text if node is not None else finished.answer or "",
        reasoning=(node.reasoning if node is not None else None) or "",
        winner=winner_words(state) if has_contest(state) else "",
        winner_means=winner_means(state),
        worth=worth_link(state),
        strip=_strip(state),
        reason="\n".join(notes(state)),
        trouble=_worth_a_word(state),
    )


def has_contest(state: RunState) -> bool:
    """Whether anything was compared, or chosen by a person: else there is nothing that won."""
    return bool(state.verdicts or state.votes or state.override)


def _strip(state: RunState) -> tuple[str, ...]:
    return tuple(part for part in cost_parts(state) if part)


def _worth_a_word(state: RunState) -> Trouble | None:
    """What is said of an answer that is not all it was meant to be; nothing of a complete one."""
    finished = state.finished
    if finished is None or finished.status == "complete":
        return None
    broken = _failure_lines(state)
    if finished.status == "stopped":
        return Trouble(
            kind="info",
            title=end_words(state),
            lines=broken,
            offers=_ways_on(state),
            allowance=allowance_of(state),
        )
    missing = ", ".join(finished.missing)
    title = QCoreApplication.translate("Look", "Something is missing: {names}.").format(names=missing)
    return Trouble(kind="warn", title=title if missing else end_words(state), lines=broken)


def _no_answer(state: RunState) -> Trouble:
    kinds = {node.error.kind for node in state.nodes.values() if node.error is not None}
    title, _, rest = why_no_answer(state).partition(". ")
    offers: list[Offer] = ["again"]
    if kinds & _SETTINGS_FAULTS:
        offers.insert(0, "settings")
    offers[:0] = _ways_on(state)
    by_person = state.finished is not None and state.finished.reason.rule in ("stopped", "enough")
    return Trouble(
        kind="info" if by_person else "bad",
        title=f"{title}." if rest else title,
        lines=(*((rest,) if rest else ()), *_failure_lines(state)),
        offers=tuple(offers),
        allowance=allowance_of(state),
    )


def _ways_on(state: RunState) -> tuple[Offer, ...]:
    if not is_resumable(state):
        return ()
    return ("resume",) if allowance_of(state) is None else ("resume", "raise")


def _failure_lines(state: RunState) -> tuple[str, ...]:
    """What failed, a line each; the card around them says already that it did."""
    return tuple(line.removeprefix("failed: ") for line in failures(state))


def _left(feed: RunFeed) -> Look:
    """A run that has not ended and that this window does not work on."""
    state = feed.state
    if feed.elsewhere is not None:
        title = QCoreApplication.translate("Look", "Another program works on this run: {who}.").format(
            who=feed.elsewhere
        )
        trouble = Trouble(kind="info", title=title, offers=("reload",))
    else:
        title = QCoreApplication.translate(
            "Look", "This run was interrupted before it ended. What was answered is kept."
        )
        trouble = Trouble(kind="warn", title=title, offers=("resume", "again"))
    name = state.answer_node
    node = state.nodes.get(name) if name is not None else None
    return Look(
        node=name,
        text=node.text if node is not None else "",
        reasoning=(node.reasoning if node is not None else None) or "",
        badge=QCoreApplication.translate("Look", "so far: {name}").format(name=name)
        if name is not None
        else "",
        trouble=trouble,
        partials=partials(feed),
    )


def partials(feed: RunFeed) -> dict[NodeName, str]:
    """The texts of calls that broke off: no candidates, but not lost either."""
    found = {}
    for name, node in feed.state.nodes.items():
        text = feed.text(name)
        if node.role in ANSWER_ROLES and node.status != "finished" and text.strip():
            found[name] = text
    return found


def _with_problem(look: Look, problem: Problem) -> Look:
    """What there is to say of the run stays below, and what can be done about it stays offered."""
    text = problem.text
    if problem.is_unsaved:
        title = QCoreApplication.translate("Look", "This run could not be saved: {problem}")
        text = title.format(problem=problem.text)
    before = look.trouble
    if before is None:
        return replace(look, trouble=Trouble(kind="bad", title=text))
    lines = (before.title, *before.lines)
    return replace(look, trouble=replace(before, kind="bad", title=text, lines=lines))
