"""The roles of calls as people read them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def role_name(role: str) -> str:
    """``Candidates`` for ``proposer``; a role that is not known is named as it is."""
    names = {
        "proposer": QCoreApplication.translate("Roles", "Candidates"),
        "judge": QCoreApplication.translate("Roles", "Verdicts"),
        "critic": QCoreApplication.translate("Roles", "Critiques"),
        "synthesizer": QCoreApplication.translate("Roles", "Syntheses"),
        "router": QCoreApplication.translate("Roles", "Choices of strategy"),
        "summarizer": QCoreApplication.translate("Roles", "Summaries"),
    }
    return names.get(role, role)
