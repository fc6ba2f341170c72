"""What is told about one node above its text: its name and state, what it took, and what went wrong. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from cort_desktop.domain.events import AttemptFailed
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.gui.rounds.why_values import Piece, Saying
from cort_desktop.telling import figures, run_tree, summary
from cort_desktop.telling import told as telling
from cort_desktop.telling.run_tree import Moment
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.states import failed_try, fault_message, instead_words
from cort_desktop.telling.strategies import Declared, plan_words
from cort_desktop.telling.timing import timing_of
from cort_desktop.telling.told import Told

_ADVICE: dict[str, object] = {
    "unreachable": QT_TRANSLATE_NOOP("Candidate", "Look whether the service runs, then try this one again."),
    "offline": QT_TRANSLATE_NOOP("Candidate", "Look at the network connection, then try this one again."),
    "timeout": QT_TRANSLATE_NOOP(
        "Candidate", "The service was too slow; try this one again, or use another model."
    ),
    "tls": QT_TRANSLATE_NOOP(
        "Candidate", "Look at the address of the provider in Settings; nothing was sent."
    ),
    "auth": QT_TRANSLATE_NOOP(
        "Candidate", "Enter a key for this provider in Settings, then try this one again."
    ),
    "no_credit": QT_TRANSLATE_NOOP(
        "Candidate", "Top up the account of this provider, then try this one again."
    ),
    "not_found": QT_TRANSLATE_NOOP("Candidate", "Choose a model that the provider has."),
    "bad_request": QT_TRANSLATE_NOOP(
        "Candidate", "Look at the exact request; the service would not take it."
    ),
    "context_too_long": QT_TRANSLATE_NOOP(
        "Candidate", "Shorten the question, or use a model with a longer context."
    ),
    "throttled": QT_TRANSLATE_NOOP("Candidate", "Wait a little, then try this one again."),
    "unavailable": QT_TRANSLATE_NOOP(
        "Candidate", "The trouble is with the service; try this one again later."
    ),
    "moderated": QT_TRANSLATE_NOOP(
        "Candidate", "Another model may answer it; the other candidates are not touched."
    ),
    "not_an_api": QT_TRANSLATE_NOOP("Candidate", "Look at the address of the provider in Settings."),
    "interrupted": QT_TRANSLATE_NOOP("Candidate", "What had come is kept below; try this one again."),
    "cut_by_limit": QT_TRANSLATE_NOOP(
        "Candidate", "The answer was longer than is taken in; what came is below."
    ),
    "no_content": QT_TRANSLATE_NOOP("Candidate", "Try this one again."),
    "looping": QT_TRANSLATE_NOOP("Candidate", "The model repeated itself without end; try this one again."),
    "circuit_open": QT_TRANSLATE_NOOP(
        "Candidate", "The service failed too often; it is asked again in a while."
    ),
    "crashed": QT_TRANSLATE_NOOP("Candidate", "Try this one again; the model is started anew."),
    "model_file": QT_TRANSLATE_NOOP("Candidate", "Install the offline model again."),
    "over_budget": QT_TRANSLATE_NOOP("Candidate", "Raise the budget to try this one again."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a call brought nothing, its tries, and what to do. ``is_error``: False for one that was stopped."""

    words: str
    advice: str
    tries: tuple[str, ...]
    is_error: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A node's head. ``figures`` are words side by side; ``saw`` the texts in its prompt, in their order."""

    told: Told
    model: str
    figures: tuple[str, ...]
    trouble: Trouble | None
    saw: Saying
    is_judge: bool
    is_running: bool
    interrupted: bool
    cut: str


def facts_of(moment: Moment, name: NodeName) -> Facts:
    """All of a node's head. Raises KeyError for a node the run doesn't have."""
    state = moment.state
    node = state.nodes[name]
    place = run_tree.place_of(state, name)
    told = (
        Told(mark="call", name=name, label=node.role.capitalize())
        if place is None
        else telling.told(moment, place)
    )
    if told.name != name:  # a judge alone in its row is told as the row
        told = Told(
            mark=told.mark, name=name, label=told.label, words=told.words, badge=told.badge, tone=told.tone
        )
    is_running = node.status == "running" and not moment.is_left_behind
    return Facts(
        told=told,
        model=instead_words(node) or node.served_model or node.model or "",
        figures=_figures(node, told),
        trouble=_trouble(state, node),
        saw=_saw(node),
        is_judge=node.role == "judge",
        is_running=is_running,
        interrupted=not is_running and node.status != "finished" and bool(node.text),
        cut=_cut(node),
    )


def run_lines(moment: Moment, declared: Declared) -> list[str]:
    """A run in a few lines, for when none of its nodes is looked at."""
    state = moment.state
    if state.started is None:
        return []
    lines = [plan_words(state, declared), summary.winner_words(state) or summary.why_no_answer(state)]
    if state.finished is None and state.answer_node is None and moment.is_worked_on:
        lines[1] = QCoreApplication.translate("Candidate", "No answer yet")
    lines.append(" · ".join(part for part in summary.cost_parts(state) if part))
    return [line for line in (*lines, *summary.notes(state)) if line]


def _figures(node: Node, told: Told) -> tuple[str, ...]:
    """Temperature, tokens, money, seconds, first content; what isn't known is said or left out."""
    said = []
    if node.temperature is not None:
        said.append(
            QCoreApplication.translate("Candidate", "temperature {value}").format(
                value=f"{node.temperature:g}"
            )
        )
    if told.tokens:
        said.append(QCoreApplication.translate("Candidate", "{tokens} tokens").format(tokens=told.tokens))
    elif node.status == "finished" and not node.cached and node.role != "person":
        said.append(QCoreApplication.translate("Candidate", "tokens unknown"))
    if node.usage is not None and node.usage.reasoning:
        said.append(
            QCoreApplication.translate("Candidate", "{tokens} of them reasoning").format(
                tokens=figures.tokens(node.usage.reasoning)
            )
        )
    if node.status != "running" and node.attempts:
        said.append(figures.money(node.booked.cost_microusd))
    said += _times(node, told)
    if node.attempts > 1:
        said.append(QCoreApplication.translate("Candidate", "{count} tries").format(count=node.attempts))
    if node.cached:
        said.append(QCoreApplication.translate("Candidate", "from the cache"))
        if node.saved_microusd:
            saved = figures.money(node.saved_microusd)
            said.append(QCoreApplication.translate("Candidate", "saved {money}").format(money=saved))
    return tuple(said)


def _times(node: Node, told: Told) -> list[str]:
    """How long it waited in the queue, took, and took to its first content."""
    said = [told.queued or told.seconds] if told.queued or told.seconds else []
    if told.queued and told.seconds:
        then = QCoreApplication.translate("Candidate", "{queued}, then {seconds}")
        said = [then.format(queued=told.queued, seconds=told.seconds)]
    content_s = timing_of(node).content_s
    if content_s is not None:
        first = QCoreApplication.translate("Candidate", "first content after {seconds}")
        said.append(first.format(seconds=figures.seconds(content_s)))
    return said


def _trouble(state: RunState, node: Node) -> Trouble | None:
    if node.status == "failed":
        kind = node.error.kind if node.error is not None else ""
        advice = (
            QCoreApplication.translate("Candidate", str(_ADVICE[kind]))
            if kind in _ADVICE
            else QCoreApplication.translate("Candidate", "Try this one again.")
        )
        return Trouble(words=fault_message(node), advice=advice, tries=_tries(node), is_error=True)
    if node.status != "cancelled":
        failed = tuple(_tries(node)) if node.failures else ()
        said = QCoreApplication.translate("Candidate", "It worked after all; these tries failed before.")
        return Trouble(words=said, advice="", tries=failed, is_error=False) if failed else None
    words = {
        "person": QCoreApplication.translate("Candidate", "You stopped this one."),
        "plan": QCoreApplication.translate("Candidate", "The run did not need it any more."),
        "limit": QCoreApplication.translate("Candidate", "A cap of the budget cut it off."),
        "crash": QCoreApplication.translate("Candidate", "It was lost when the program ended."),
    }
    advice = (
        ""
        if node.cancelled_by == "plan" or state.finished is None
        else QCoreApplication.translate("Candidate", "You can try this one again.")
    )
    said = words.get(node.cancelled_by or "", QCoreApplication.translate("Candidate", "It was stopped."))
    return Trouble(words=said, advice=advice, tries=_tries(node), is_error=False)


def _tries(node: Node) -> tuple[str, ...]:
    return tuple(_try(number, failure) for number, failure in enumerate(node.failures, 1))


def _try(number: int, failure: AttemptFailed) -> str:
    """``Try 1: 502, my-server answered …; waited 0.5 s``."""
    is_last = failure.next == "give_up"
    message = one_line(failure.error.message) if is_last else failed_try(failure.error)
    status = failure.error.status
    if status is not None and str(status) not in message:
        message = f"{status}, {message}"
    words = QCoreApplication.translate("Candidate", "Try {number}: {message}").format(
        number=number, message=message
    )
    if failure.wait_seconds is not None:
        words += "; " + QCoreApplication.translate("Candidate", "waited {seconds}").format(
            seconds=figures.seconds(failure.wait_seconds)
        )
    if failure.next == "fallback":
        words += "; " + QCoreApplication.translate("Candidate", "then another model was asked")
    return words


def _saw(node: Node) -> Saying:
    pieces: list[Piece] = []
    for name in node.saw:
        if pieces:
            pieces.append(Piece("\u00a0· "))
        pieces.append(Piece(name, name))
    return tuple(pieces)


def _cut(node: Node) -> str:
    return {
        "length": QCoreApplication.translate("Candidate", "The text was cut at its token limit."),
        "filter": QCoreApplication.translate("Candidate", "The service filtered a part of the text."),
    }.get(node.finish or "", "")
