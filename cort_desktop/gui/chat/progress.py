"""What a working run is doing, in a few words: for the line above the composer, the turn and the library.

Pure: the fold of a run and the names of the calls that stream. The rows of the outline say it call by call.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from cort_desktop.domain.ids import NodeName, provider_of
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import ANSWER_ROLES
from cort_desktop.telling.states import round_name
from cort_desktop.telling.wishes import pause_words

_NUMBERS: tuple[Any, ...] = (
    QT_TRANSLATE_NOOP("Progress", "no"),
    QT_TRANSLATE_NOOP("Progress", "one"),
    QT_TRANSLATE_NOOP("Progress", "two"),
    QT_TRANSLATE_NOOP("Progress", "three"),
    QT_TRANSLATE_NOOP("Progress", "four"),
    QT_TRANSLATE_NOOP("Progress", "five"),
    QT_TRANSLATE_NOOP("Progress", "six"),
    QT_TRANSLATE_NOOP("Progress", "seven"),
    QT_TRANSLATE_NOOP("Progress", "eight"),
    QT_TRANSLATE_NOOP("Progress", "nine"),
    QT_TRANSLATE_NOOP("Progress", "ten"),
)


def progress_words(state: RunState, streaming: Collection[NodeName]) -> str:
    """``Round 2 of 3 · two alternatives streaming``, or ``Starting``; never empty."""
    parts = [round_words(state), stage_words(state, streaming), "" if state.is_held else pause_words(state)]
    words = " · ".join(part for part in parts if part)
    return words[:1].upper() + words[1:]


def badge_words(state: RunState) -> str:
    """``R2``, the round that is worked on; ``D`` before the first one."""
    number = _round(state)
    return f"R{number}" if number else "D"


def round_words(state: RunState) -> str:
    """``Round 2 of 3``; empty where there is only one, or none yet."""
    number = _round(state)
    if state.started is None or not number:
        return ""
    total = state.spec.rounds
    if total is not None and total >= number:
        return (
            ""
            if total == 1
            else QCoreApplication.translate("Progress", "{round} {number} of {total}").format(
                round=round_name(state), number=number, total=total
            )
        )
    return (
        ""
        if number == 1 and total is None
        else QCoreApplication.translate("Progress", "{round} {number}").format(
            round=round_name(state), number=number
        )
    )


def stage_words(state: RunState, streaming: Collection[NodeName]) -> str:
    """What the calls in flight are doing."""
    running = list(state.running.values())
    if state.is_closing:
        return (
            QCoreApplication.translate("Progress", "stopping, what there is stays")
            if running
            else QCoreApplication.translate("Progress", "finishing")
        )
    if state.is_held:
        return QCoreApplication.translate("Progress", "paused; nothing new starts until you go on")
    if not running:
        return (
            QCoreApplication.translate("Progress", "preparing the next step")
            if state.nodes
            else QCoreApplication.translate("Progress", "starting")
        )
    writers = [node for node in running if node.role in ANSWER_ROLES]
    if writers and not streaming and _is_getting_ready(state):
        return QCoreApplication.translate("Progress", "the built-in model is getting ready")
    if writers:
        return _writing(writers, streaming)
    return _reading(running)


def _reading(running: list[Node]) -> str:
    """What those do that write no answer."""
    judges = [node for node in running if node.role == "judge"]
    if judges:
        one, several = (
            QCoreApplication.translate("Progress", "one judge is reading"),
            QCoreApplication.translate("Progress", "{count} judges are reading"),
        )
        return _counted(len(judges), one, several)
    if any(node.role == "critic" for node in running):
        return QCoreApplication.translate("Progress", "a critic is looking for what to mend")
    if any(node.role == "router" for node in running):
        return QCoreApplication.translate("Progress", "deciding how many rounds are worth it")
    return QCoreApplication.translate("Progress", "working")


def waiting_words(state: RunState, streaming: Collection[NodeName]) -> str:
    """A sentence for a turn that has no answer yet: ``Three answers are being written, two streaming``."""
    writers = [node for node in state.running.values() if node.role in ANSWER_ROLES]
    if state.is_closing or not writers:
        words = stage_words(state, streaming)
        return words[:1].upper() + words[1:]
    one, several = (
        QCoreApplication.translate("Progress", "one answer is being written"),
        QCoreApplication.translate("Progress", "{count} answers are being written"),
    )
    words = _counted(len(writers), one, several)
    flowing = sum(node.name in streaming for node in writers)
    if flowing == len(writers):  # all is said
        return f"{words[:1].upper()}{words[1:]}"
    tail = (
        QCoreApplication.translate("Progress", "{count} streaming").format(count=_number(flowing))
        if flowing
        else QCoreApplication.translate("Progress", "the built-in model is getting ready")
        if _is_getting_ready(state)
        else QCoreApplication.translate("Progress", "waiting for first words")
    )
    return f"{words[:1].upper()}{words[1:]} · {tail}"


def _is_getting_ready(state: RunState) -> bool:
    """Whether nothing came from the built-in model in this run yet: it is loaded before its first word."""
    is_first = len(state.nodes) == len(state.running)
    models = (node.model for node in state.running.values())
    return is_first and all(model is not None and provider_of(model) == "builtin" for model in models)


def _writing(writers: list[Node], streaming: Collection[NodeName]) -> str:
    flowing = sum(node.name in streaming for node in writers)
    if all(node.kind == "draft" for node in writers):
        return (
            QCoreApplication.translate("Progress", "the draft is streaming")
            if flowing
            else QCoreApplication.translate("Progress", "waiting for the draft")
        )
    if all(node.role == "synthesizer" for node in writers):
        return (
            QCoreApplication.translate("Progress", "the final answer is streaming")
            if flowing
            else QCoreApplication.translate("Progress", "waiting for the final answer")
        )
    if all(node.side is not None for node in writers):
        return _counted(
            len(writers),
            QCoreApplication.translate("Progress", "one side is making its statement"),
            QCoreApplication.translate("Progress", "{count} sides are making their statements"),
        )
    if flowing:
        return _counted(
            flowing,
            QCoreApplication.translate("Progress", "one alternative streaming"),
            QCoreApplication.translate("Progress", "{count} alternatives streaming"),
        )
    one, several = (
        QCoreApplication.translate("Progress", "waiting for one alternative"),
        QCoreApplication.translate("Progress", "waiting for {count} alternatives"),
    )
    return _counted(len(writers), one, several)


def _round(state: RunState) -> int:
    """The round that is worked on, or the last one that was."""
    working = [node.round for node in state.running.values()]
    return max(working, default=max(state.rounds, default=0))


def _counted(count: int, one: str, several: str) -> str:
    return one if count == 1 else several.format(count=_number(count))


def _number(count: int) -> str:
    return QCoreApplication.translate("Progress", _NUMBERS[count]) if count < len(_NUMBERS) else str(count)
