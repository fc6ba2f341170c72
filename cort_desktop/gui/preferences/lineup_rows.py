"""Which models do what, as rows of a form: one for each role that a strategy asks somebody for.

An empty row leaves the role to the model of the conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.lineups import RoleModels
from cort_desktop.gui.preferences.model_fields import ModelsField
from cort_desktop.gui.preferences.rows import Row

Chosen = Callable[[str, tuple[ModelRef, ...]], None]
"""Told which models a person named for a role."""


class LineupRows:
    """``rows`` has one for each of ``roles``, to be put where they belong; ``prefix`` begins the names of
    their fields.
    """

    def __init__(self, prefix: str, roles: Sequence[str], chosen: Chosen) -> None:
        self.rows: dict[str, Row] = {}
        self._fields: dict[str, ModelsField] = {}
        for role in roles:
            label, absent, hint = _words(role)
            field = ModelsField(f"{prefix}-{role}", label, absent)
            field.chosen.connect(partial(self._told, chosen, role))
            self._fields[role] = field
            self.rows[role] = Row(label, field, hint)

    def show_lineup(self, lineup: RoleModels) -> None:
        """Show whom it names; tells nobody."""
        for role, field in self._fields.items():
            field.show_models(lineup.get(role, ()))

    def offer(self, refs: Sequence[ModelRef]) -> None:
        """Offer these models for adding."""
        for field in self._fields.values():
            field.offer(refs)

    @staticmethod
    def _told(chosen: Chosen, role: str, refs: tuple[str, ...]) -> None:
        chosen(role, tuple(map(ModelRef, refs)))


def _words(role: str) -> tuple[str, str, str]:
    """The label of a role's row, what holds while it is empty, and what it is."""
    tr = partial(QCoreApplication.translate, "LineupRows")
    match role:
        case "proposer":
            return (
                tr("Models that answer"),
                tr("the conversation’s own alone"),
                tr("They answer in turn, beside the conversation’s own model."),
            )
        case "judge":
            return (
                tr("Models that judge"),
                tr("those that answer"),
                tr("They take turns; none judges its own answer where others can."),
            )
        case "synthesizer":
            return (
                tr("Chairman or aggregator"),
                tr("the conversation’s own model"),
                tr("Writes the final text; a second model stands in for it."),
            )
        case "critic":
            return (
                tr("Models that criticise"),
                tr("those that answer"),
                tr("They say what is wrong with an answer before it is mended."),
            )
        case _:
            return (
                tr("Who chooses"),
                tr("the conversation’s own model"),
                tr("Says how to think where that isn’t clear, or how many rounds."),
            )
