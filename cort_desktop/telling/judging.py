"""How far a run's judges can be believed, in words: the audit of its verdicts, a line for each thing known.

Indicators, and called so; nothing here says how good an answer is. How they are found is the engine's.
"""

from __future__ import annotations

from dataclasses import dataclass

from cort_desktop.domain.auditing import ENOUGH_VERDICTS, Audit
from cort_desktop.telling import figures

TITLE = "Judging"
INDICATOR = f"indicator: fewer than {ENOUGH_VERDICTS} verdicts"
OWN_AUTHOR = "judged by its own author"
_SLIGHT, _CLEAR = 0.1, 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """A thing that is known of the judging: its name, what was found, and what that means."""

    label: str
    words: str
    more: str = ""


def audit_title(audit: Audit) -> str:
    """``9 verdicts read, 1 abstained (indicator: fewer than 30 verdicts)``."""
    read = f"{figures.count(audit.verdicts, 'verdict')} read"
    left = f", {audit.abstained} abstained" if audit.abstained else ""
    return f"{read}{left}" + (f" ({INDICATOR})" if audit.is_indicator else "")


def audit_lines(audit: Audit) -> list[AuditLine]:
    """What is known, in a fixed order; empty where nothing was judged."""
    if not audit.verdicts and not audit.abstained:
        return []
    known = (_agreement, _order, _place, _length, _self_preference, _author, _person)
    return [line for find in known if (line := find(audit)) is not None]


def _agreement(audit: Audit) -> AuditLine | None:
    if audit.agreement is None:
        return None
    return AuditLine(
        label="agreement",
        words=f"{audit.agreement:.2f}",
        more="how alike the judges of a round rank: 1 the same, 0.5 by chance, 0 the reverse",
    )


def _order(audit: Audit) -> AuditLine | None:
    if audit.swap_consistency is None:
        return None
    return AuditLine(
        label="same in both orders",
        words=f"{audit.swap_consistency:.2f} over {figures.count(audit.pairs, 'pair')}",
        more="how often a judge says the same of two answers whichever it is shown first",
    )


def _place(audit: Audit) -> AuditLine | None:
    if audit.place is None:
        return None
    return AuditLine(
        label="shown first",
        words=f"came out first in {audit.place.share:.0%}, by chance {audit.place.expected:.0%}",
        more="a judge without a taste for places is near chance",
    )


def _length(audit: Audit) -> AuditLine | None:
    if audit.length is None:
        return None
    size = abs(audit.length)
    who = "longer" if audit.length > 0 else "shorter"
    said = (
        "length made no difference"
        if size < _SLIGHT
        else f"{who} answers did {'a little ' if size < _CLEAR else ''}better"
    )
    return AuditLine(
        label="length", words=f"{audit.length:+.2f}, {said}", more="rank against length: -1 to 1, 0 for none"
    )


def _self_preference(audit: Audit) -> AuditLine | None:
    found = audit.self_preference
    if found is None:
        return None
    return AuditLine(
        label="own answers",
        words=f"{found.own:.2f} from their own model, {found.others:.2f} from others",
        more="mean points, 0 to 1, that judges gave answers of their own model, and others the same ones",
    )


def _author(audit: Audit) -> AuditLine | None:
    if audit.own_author:
        return AuditLine(
            label="author", words=OWN_AUTHOR, more="the judges are of the very model that wrote the answers"
        )
    if not audit.own_judged:
        return None
    return AuditLine(
        label="author",
        words=f"{audit.own_judged} of {figures.count(audit.verdicts, 'verdict')} had one of their own model",
        more="own answers are left out where the others can do without; with two models alone they can’t",
    )


def _person(audit: Audit) -> AuditLine | None:
    if audit.with_person is None:
        return None
    return AuditLine(
        label="you and the judges",
        words=f"the same choice in {audit.with_person:.0%} of {figures.count(audit.choices, 'choice')}",
        more="how often the judges put first what you chose",
    )
