"""What is done with a model of a provider's list: try it, price it, make it the default. Has no widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from cort_desktop.domain.budget import Price
from cort_desktop.domain.ids import ModelRef
from cort_desktop.gui.preferences.saver import Saver, Say
from cort_desktop.gui.tasks import Tasks
from cort_desktop.services.preferences import PreferencesService

_PRICE_DIGITS = 6
Tried = Callable[[float | None, str], None]
"""Hears the seconds an answer took, or None and why there was none."""


class ModelsControl:
    """Over the services and the settings."""

    def __init__(self, preferences: PreferencesService, tasks: Tasks, saver: Saver) -> None:
        self._preferences = preferences
        self._tasks = tasks
        self._saver = saver

    def try_model(self, ref: ModelRef, said: Tried) -> None:
        """Ask a model for one word; ``said`` hears the seconds that took, or None and why it failed."""
        self._tasks.start(
            self._try(ref, said), name="try a model", failed=lambda error: said(None, str(error))
        )

    @property
    def own_prices(self) -> Mapping[ModelRef, Price]:
        """The prices that a person set."""
        return self._preferences.settings.prices

    def set_price(self, ref: ModelRef, price: Price | None, say: Say) -> None:
        """Set the price of a model, in US dollars per million tokens; None forgets it."""
        if price is None:
            self._saver.write({("prices", ref): None}, say)
        else:
            places = Decimal(1).scaleb(-_PRICE_DIGITS)
            numbers = {"input": price.input, "output": price.output}
            changes: dict[tuple[str, ...], Any] = {
                ("prices", ref, key): value.quantize(places).normalize() for key, value in numbers.items()
            }
            self._saver.write(changes, say)

    def make_default(self, ref: ModelRef, say: Say) -> None:
        """New conversations start with this model."""
        self._saver.write({("defaults", "model"): ref}, say)

    async def _try(self, ref: ModelRef, said: Tried) -> None:
        said(await self._preferences.try_model(ref), "")
