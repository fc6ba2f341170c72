"""What the wishes say in the window: questions before, sentences after, and which of them make sense now."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.budget import Estimate
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.worth import worth_of
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.telling.wishes import price_words

OF_A_RUN = frozenset({"tree.add", "tree.add_round", "tree.own", "tree.rejudge", "tree.rank"})
OF_A_NODE = frozenset({"tree.drop", "tree.continue"})
_PAIR = 2


def allowed(feed: RunFeed | None, node: NodeName | None, *, is_real: bool) -> frozenset[str]:
    """The ids of the actions that mean something for the run that is looked at, and the node chosen in it."""
    if feed is None or not is_real or feed.elsewhere or feed.state.started is None:
        return frozenset()
    state = feed.state
    found: set[str] = set()
    goes_on = state.finished is not None or (feed.is_working and not state.is_closing)
    left = [each.name for each in state.candidates() if each.name not in state.out]
    if goes_on:
        found |= {"tree.add", "tree.add_round", "tree.own"}
    if goes_on and len(state.candidates()) >= _PAIR:
        found.add("tree.rejudge")
    if len(state.candidates()) >= _PAIR:
        found.add("tree.rank")
    if state.finished is not None and (worth := worth_of(state)) is not None and not worth.is_same:
        found.add("tree.worth")
    chosen = state.nodes.get(node) if node is not None else None
    if chosen is not None and chosen.is_candidate:
        can_go = goes_on and chosen.name != state.override and left != [chosen.name]
        if chosen.name in state.out or can_go:
            found.add("tree.drop")
        if feed.is_at_rest:
            found.add("tree.continue")
    return frozenset(found)


def title(why: str, *, about: str) -> str:
    """The head of the question: ``why`` is the wish in a few words, or with ``about`` a question itself."""
    if about:
        return f"{why[:1].upper()}{why[1:]}?"
    return QCoreApplication.translate("Rounds", "Ask for this: {wish}?").format(wish=why)


def yes(*, looks_back: bool) -> str:
    """The button. looks_back: judges look again at what there is."""
    if looks_back:
        return QCoreApplication.translate("Rounds", "Ask the judges")
    return QCoreApplication.translate("Rounds", "Do it")


def worth_about(feed: RunFeed | None) -> str:
    """What “Was it worth it?” does: whom judges compare, and how."""
    worth = None if feed is None else worth_of(feed.state)
    if worth is None:
        return ""
    return QCoreApplication.translate(
        "Rounds",
        "Blind judges compare {first}, the first answer, with {final}, both ways round.",
    ).format(first=worth.first, final=worth.final)


def price(found: Estimate, *, choice: NodeName | None, looks_back: bool, about: str = "") -> str:
    """What is done, what it takes, and what it does to the answer."""
    said = [
        *([about] if about else []),
        QCoreApplication.translate("Rounds", "This takes about {parts}.").format(parts=price_words(found)),
    ]
    if looks_back and about:
        said.append(QCoreApplication.translate("Rounds", "The answer stays as it is."))
    elif looks_back:
        said.append(
            QCoreApplication.translate(
                "Rounds", "The answer stays as it is; you decide whether the new result becomes the answer."
            )
        )
    elif choice is not None:
        said.append(
            QCoreApplication.translate(
                "Rounds", "You made {node} the answer; it stays that until you choose otherwise."
            ).format(node=choice)
        )
    return " ".join(said)


def taken_out(node: NodeName, answer: NodeName | None) -> str:
    """After it is done."""
    if answer is None:
        return QCoreApplication.translate("Rounds", "{node} is out of the contest.").format(node=node)
    return QCoreApplication.translate(
        "Rounds", "{node} is out of the contest. The answer is {answer}."
    ).format(node=node, answer=answer)


def put_back(node: NodeName) -> str:
    """After it is done."""
    return QCoreApplication.translate("Rounds", "{node} is in the contest again.").format(node=node)


def ranked() -> str:
    """After it is done."""
    return QCoreApplication.translate(
        "Rounds", "Your ranking is kept; “Why it won” shows it beside those of the judges."
    )


def undo_out(node: NodeName) -> str:
    """The command that puts it back."""
    return QCoreApplication.translate("Rounds", "Undo taking {node} out of the contest").format(node=node)


def undo_back(node: NodeName) -> str:
    """The command that takes it out again."""
    return QCoreApplication.translate("Rounds", "Undo putting {node} back into the contest").format(node=node)


def undo() -> str:
    """Take it back."""
    return QCoreApplication.translate("Rounds", "Undo")
