"""What sending would take, asked a moment after the last change and said in a few words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Signal

from cort_desktop.domain.budget import Estimate
from cort_desktop.errors import CortError
from cort_desktop.gui.ui import Ui
from cort_desktop.services.foresight import Forecast
from cort_desktop.services.planning import Ask
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line

_THOUSAND = 1000


class Estimating(QObject):
    """``estimated`` has the words, more of them for a tooltip, and what would go wrong; all may be empty."""

    estimated = Signal(str, str, str)

    def __init__(self, ui: Ui, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._asked = 0

    def ask(self, ask: Ask) -> None:
        """Estimate this question; an older one that is still being estimated is forgotten."""
        self._asked += 1
        self._ui.tasks.start(self._estimate(ask, self._asked), name="estimate")

    def forget(self) -> None:
        """What is being estimated is not wanted any more."""
        self._asked += 1

    async def _estimate(self, ask: Ask, number: int) -> None:
        try:
            found = await self._ui.app.chat.estimate(ask)
        except CortError as error:
            told = ("", "", str(error))
        else:
            told = (estimate_words(found), self._more(found), next(iter(found.warnings), ""))
        if number == self._asked:
            self.estimated.emit(*told)

    def _more(self, found: Forecast) -> str:
        how = found.preset or found.strategy
        lines = [self.tr("{how} with {models}").format(how=how, models=", ".join(found.models))]
        if found.seconds is None:
            lines.append(self.tr("How long it takes is not known: these models were never asked."))
        else:
            lines.append(self.tr("About {time}").format(time=figures.seconds(found.seconds)))
        prompt = self.tr("Each call is told about {count} tokens of conversation, question and files.")
        lines.append(prompt.format(count=figures.tokens(found.prompt_tokens)))
        return "\n".join(map(one_line, lines))


def estimate_words(estimate: Estimate) -> str:
    """``≈ 13–19 calls · 9–14k tokens · $0.02``."""
    calls = figures.span(estimate.calls_low, estimate.calls_high)
    one, several = (
        QCoreApplication.translate("Estimating", "≈ {calls} call · {tokens} tokens"),
        QCoreApplication.translate("Estimating", "≈ {calls} calls · {tokens} tokens"),
    )
    tokens = token_span(estimate.tokens_low, estimate.tokens_high)
    words = (one if estimate.calls_high == 1 else several).format(calls=calls, tokens=tokens)
    return f"{words} · {figures.money(estimate.cost_microusd)}"


def token_span(low: int, high: int) -> str:
    """``1.2–3.5k``, ``9–14k``, ``300–900``: the unit is said once where it is the same."""
    if low < _THOUSAND or low >= _THOUSAND * _THOUSAND or high >= _THOUSAND * _THOUSAND:
        return figures.span(low, high)
    digits = 0 if low >= 10 * _THOUSAND or high >= 10 * _THOUSAND else 1
    first, last = f"{low / _THOUSAND:.{digits}f}", f"{high / _THOUSAND:.{digits}f}"
    return f"{first}k" if first == last else f"{first}–{last}k"
