"""What the verbs of the rounds say: questions before, sentences after, and which verbs a node has now."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.budget import Estimate
from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.services.foresight import Consequences
from cort_desktop.telling import figures

_MOST_NAMES = 6
_AGAIN = ("failed", "cancelled")


def verbs(feed: RunFeed | None, node: NodeName | None, *, is_real: bool) -> frozenset[str]:
    """The ids of the actions that mean something for a node now. is_real: the run itself, nothing played."""
    found = feed.state.nodes.get(node) if feed is not None and node is not None else None
    if feed is None or found is None:
        return frozenset()
    allowed = {
        "tree.show",
        "tree.mark",
        "tree.why",
        "tree.parent",
        "tree.child",
        "tree.previous",
        "tree.next",
    }
    if feed.text(found.name):
        allowed |= {"tree.copy", "tree.compare", "tree.diff"}
    if found.request is not None and feed.origin != "recording":  # of that there is only the request's name
        allowed.add("tree.inspect")
    if not is_real or feed.elsewhere:
        return frozenset(allowed)
    if found.is_candidate and found.name != feed.state.answer_node:
        allowed.add("tree.override")
    if found.is_candidate and feed.is_at_rest:
        allowed.add("tree.branch")
    if found.status in _AGAIN and found.cancelled_by != "plan" and found.role != "person":
        allowed.add("tree.retry")
    if found.status == "running" and feed.is_working:
        allowed.add("tree.cancel")
    return frozenset(allowed)


def consequences(found: Consequences, price: Estimate | None = None) -> str:
    """What making another candidate the answer leaves behind; empty when nothing rests on the old one.
    ``price``: what asking again would take, where that is known.
    """
    said = []
    if found.later:
        count = figures.count(found.later_answers, "later answer")
        said.append(
            QCoreApplication.translate(
                "Rounds", "{count} in this conversation followed {old}. They stay as they are."
            ).format(
                count=count, old=found.instead_of or QCoreApplication.translate("Rounds", "the old answer")
            )
        )
        if price is not None:
            said.append(
                QCoreApplication.translate("Rounds", "Asking them again would take about {parts}.").format(
                    parts=", ".join(_price_parts(price))
                )
            )
        said.append(
            QCoreApplication.translate(
                "Rounds",
                "“Answer again” beneath each of them asks it anew; what may cost money tells its price.",
            )
        )
    return " ".join(said)


def override_title(node: NodeName) -> str:
    """The head of the question."""
    return QCoreApplication.translate("Rounds", "Make {node} the answer?").format(node=node)


def override_yes() -> str:
    """The button."""
    return QCoreApplication.translate("Rounds", "Make it the answer")


def chosen(node: NodeName | None) -> str:
    """After it is done."""
    return (
        QCoreApplication.translate("Rounds", "{node} is the answer now.").format(node=node)
        if node
        else QCoreApplication.translate("Rounds", "The run’s own answer counts again.")
    )


def undo() -> str:
    """Take it back."""
    return QCoreApplication.translate("Rounds", "Undo")


def undo_choice(node: NodeName) -> str:
    """The command that takes it back."""
    return QCoreApplication.translate("Rounds", "Undo making {node} the answer").format(node=node)


def retry_title(node: NodeName) -> str:
    """The head of the question."""
    return QCoreApplication.translate("Rounds", "Try {node} again?").format(node=node)


def retry_yes() -> str:
    """The button."""
    return QCoreApplication.translate("Rounds", "Try again")


def retry_price(price: Estimate) -> str:
    """What it would take, judges included."""
    return QCoreApplication.translate(
        "Rounds", "With the judges who then look at it, this takes about {parts}."
    ).format(parts=", ".join(_price_parts(price)))


def _price_parts(price: Estimate) -> list[str]:
    """Calls, tokens, money and, where it is known, time."""
    calls = figures.span(price.calls_low, price.calls_high)
    tokens = figures.span(price.tokens_low, price.tokens_high)
    parts = [
        QCoreApplication.translate("Rounds", "1 call")
        if calls == "1"
        else QCoreApplication.translate("Rounds", "{count} calls").format(count=calls),
        QCoreApplication.translate("Rounds", "{count} tokens").format(count=tokens),
        figures.money(price.cost_microusd),
    ]
    if price.seconds is not None:
        parts.append(figures.seconds(price.seconds))
    return parts


def copied(node: NodeName) -> str:
    """After it is done."""
    return QCoreApplication.translate("Rounds", "The text of {node} is on the clipboard.").format(node=node)


def branched(title: str) -> str:
    """After it is done."""
    return QCoreApplication.translate("Rounds", "“{title}” goes on from here.").format(title=title)


def continued(node: NodeName, title: str) -> str:
    """After it is done."""
    return QCoreApplication.translate(
        "Rounds", "“{title}” goes on with {node} as its answer so far; ask on."
    ).format(title=title, node=node)
