"""Places that a search found, as rows: grouped by conversation, each with the part it is in and an excerpt.

Pure: hits go in as the library found them, newest first; a conversation stands where its newest hit is.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from PySide6.QtCore import QCoreApplication, QLocale

from cort_desktop.domain.ids import ConversationId
from cort_desktop.domain.library import Hit
from cort_desktop.gui.library.dates import short_date
from cort_desktop.gui.library.excerpts import Marked, safe
from cort_desktop.gui.library.rows import local, shown_title


@dataclass(frozen=True, slots=True, kw_only=True)
class HitHeading:
    """The conversation that the places below are in. ``date`` is that of the newest, or says that the
    conversation is archived.
    """

    conversation: ConversationId
    title: str
    date: str

    @property
    def key(self) -> Hashable:
        return "conversation", self.conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRow:
    """A place. ``place`` names it: "question", "R2.A1 · lost", "R1.A2 · won round 1"; ``number`` tells equal
    ones apart.
    """

    hit: Hit
    place: str
    excerpt: Marked
    number: int = 0

    @property
    def key(self) -> Hashable:
        hit = self.hit
        return hit.conversation, hit.turn, hit.run, hit.node, hit.part, self.number


HitsRow: TypeAlias = HitHeading | HitRow


def rows_of_hits(hits: Sequence[Hit], today: date, locale: QLocale) -> list[HitsRow]:
    """The rows of ``hits``."""
    groups: dict[ConversationId, list[HitsRow]] = {}
    seen: dict[Hashable, int] = {}
    for hit in hits:
        if hit.conversation not in groups:
            groups[hit.conversation] = [
                HitHeading(
                    conversation=hit.conversation,
                    title=shown_title(hit.title),
                    date=QCoreApplication.translate("Library", "archived")
                    if hit.archived
                    else short_date(local(hit.at), today, locale),
                )
            ]
        first = HitRow(
            hit=hit,
            place=place_of(hit) + version_of(hit),
            excerpt=safe(hit.excerpt, hit.marks),
        )
        number = seen.get(first.key, 0)
        seen[first.key] = number + 1
        row = (
            first if not number else HitRow(hit=hit, place=first.place, excerpt=first.excerpt, number=number)
        )
        groups[hit.conversation].append(row)
    return [row for rows in groups.values() for row in rows]


def place_of(hit: Hit) -> str:
    """Where in its conversation a hit is, in words."""
    node = hit.node or ""
    match hit.part:
        case "title":
            return QCoreApplication.translate("Library", "title")
        case "question":
            return QCoreApplication.translate("Library", "question")
        case "answer":
            return (
                QCoreApplication.translate("Library", "answer · {node}").format(node=node)
                if node
                else QCoreApplication.translate("Library", "answer")
            )
        case "candidate":
            return " · ".join(part for part in (node, standing_of(hit)) if part)
        case "verdict":
            return QCoreApplication.translate("Library", "judge {node}").format(node=node)


def standing_of(hit: Hit) -> str:
    """How a candidate that is not the answer came out of its rounds; nothing where nobody compared it."""
    if len(hit.won) == 1:
        return QCoreApplication.translate("Library", "won round {round}").format(round=hit.won[0])
    if hit.won:
        first, last = ", ".join(map(str, hit.won[:-1])), hit.won[-1]
        words = QCoreApplication.translate("Library", "won rounds {first} and {last}")
        return words.format(first=first, last=last)
    return QCoreApplication.translate("Library", "lost") if hit.lost else ""


def version_of(hit: Hit) -> str:
    """Which version of the question, and which of its answers, where there are several: else nothing."""
    said = []
    if hit.version[1] > 1:
        words = QCoreApplication.translate("Library", " · in version {number} of {count}")
        said.append(words.format(number=hit.version[0], count=hit.version[1]))
    if hit.answer[1] > 1:
        words = QCoreApplication.translate("Library", " · in answer {number} of {count}")
        said.append(words.format(number=hit.answer[0], count=hit.answer[1]))
    return "".join(said)


def found_words(hit: Hit) -> str:
    """The words that were found, as they stand there: what to mark where the hit is opened."""
    start, end = hit.marks[0] if hit.marks else (0, 0)
    return hit.excerpt[start:end]


def counted(hits: Sequence[Hit], limit: int) -> str:
    """How much was found, in words."""
    places, conversations = len(hits), len({hit.conversation for hit in hits})
    if places >= limit:
        return QCoreApplication.translate("Library", "The newest {places} places").format(places=places)
    if places == 1:
        return QCoreApplication.translate("Library", "1 place")
    if conversations == 1:
        return QCoreApplication.translate("Library", "{places} places in 1 conversation").format(
            places=places
        )
    return QCoreApplication.translate("Library", "{places} places in {conversations} conversations").format(
        places=places, conversations=conversations
    )
