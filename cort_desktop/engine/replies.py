"""What judges and routers say, read out of their replies: JSON, else lines, else nothing.

What can't be read exactly is not guessed: a ranking that leaves a candidate out, names one twice or an
unknown one is unreadable, a score out of range is dropped. Nothing here raises on any text, and all of it
takes time linear in the text. Finding JSON is ``json_objects.py``, rankings in words are
``ranking_words.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Literal

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.search import Criterion, ParsedBy, Purpose
from cort_desktop.engine import prompt_texts
from cort_desktop.engine.json_objects import objects_with, whole_object
from cort_desktop.engine.ranking_words import Ranking, chain, complete, label_node, ranking_in_lines

LONGEST_TEXT = 2000
"""Characters of a reason, critique or flaw that are kept; the whole reply is in ``raw``."""
CONTRADICTED_WEIGHT = 0.5
LOWEST_SCORE, HIGHEST_SCORE = 1, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadVerdict:
    """A verdict as it was read, labels already turned into nodes. ``contradictory``: scores against the
    ranking.
    """

    ranking: Ranking
    scores: dict[NodeName, dict[str, int]] = field(default_factory=dict)
    flaws: dict[NodeName, str] = field(default_factory=dict)
    reason: str | None = None
    critique: str | None = None
    parsed_by: Literal["schema", "json", "lines"]
    contradictory: bool = False


def read_verdict(
    text: str,
    labels: Mapping[str, NodeName],
    order: Sequence[NodeName],
    criteria: Sequence[Criterion],
    *,
    schema_asked: bool,
) -> ReadVerdict | None:
    """The verdict in a judge's reply; None when it can't be read.

    labels: label → node; only those of ``order``, the candidates as they were shown, are known here. Tried in
    turn: the whole text as JSON, the last readable object with a ranking inside it, lines.
    """
    known = {label: node for label, node in labels.items() if node in order}
    whole = whole_object(text)
    if whole is not None:
        parsed_by: Literal["schema", "json"] = "schema" if schema_asked else "json"
        read = _read_object(whole, known, order, criteria, parsed_by)
        if read is not None:
            return read
    for found in objects_with(text, "ranking"):
        read = _read_object(found, known, order, criteria, "json")
        if read is not None:
            return read
    ranking = ranking_in_lines(text, known)
    return None if ranking is None else ReadVerdict(ranking=ranking, parsed_by="lines")


def to_verdict(  # noqa: PLR0913  every field of the event
    read: ReadVerdict | None,
    *,
    node: NodeName,
    round: int,  # noqa: A002  the event's own word
    purpose: Purpose,
    model: ModelRef | None,
    order: Sequence[NodeName],
    labels: Mapping[str, NodeName],
    excluded: Sequence[NodeName] = (),
    raw: str,
    repaired: bool = False,
) -> Verdict:
    """The event of a verdict. Scores that contradict the ranking halve its weight; nothing read abstains."""
    parsed_by: ParsedBy = "abstained" if read is None else "repair" if repaired else read.parsed_by
    weight = 0.0 if read is None else CONTRADICTED_WEIGHT if read.contradictory else 1.0
    return Verdict(
        node=node,
        round=round,
        purpose=purpose,
        model=model,
        order=tuple(order),
        labels=dict(labels),
        excluded=tuple(excluded),
        ranking=read.ranking if read else (),
        scores=read.scores if read else {},
        flaws=read.flaws if read else {},
        weight=weight,
        reason=read.reason if read else None,
        critique=read.critique if read else None,
        parsed_by=parsed_by,
        raw=raw,
    )


def keeps_as_is(text: str) -> bool:
    """Whether a critic finds nothing to mend: its first line says so and nothing else, whatever letter case,
    marks and stops it is written with.
    """
    first = text.strip()[:LONGEST_TEXT].partition("\n")[0]
    return " ".join(_LETTERS.findall(first.casefold())) == prompt_texts.KEEP.casefold()


_LETTERS = re.compile(r"[^\W\d_]+")


def read_way(text: str, ways: Sequence[str]) -> str | None:
    """Which of ``ways`` a router chose; None when it names none of them, or several."""
    said = text.casefold()[:LONGEST_TEXT]
    named = {way for way in ways if re.search(rf"(?<![a-z_]){re.escape(way)}(?![a-z_])", said)}
    return named.pop() if len(named) == 1 else None


def read_rounds(text: str, most: int) -> int | None:
    """How many rounds a model asks for, at most ``most``; None when it names no number of at least 1.

    Understood: ``{"rounds": 3}``, ``3``, ``three``, ``3 rounds``, and prose with one number in it.
    """
    named = _ROUNDS.findall(text.casefold()[:LONGEST_TEXT])
    numbers = [first or second for first, second in named] or _NUMBERS.findall(text[:LONGEST_TEXT].casefold())
    if not numbers or len(set(numbers)) > 1:
        return None
    rounds = _WORDS[numbers[0]] if numbers[0] in _WORDS else int(numbers[0])
    return min(rounds, most) if rounds >= 1 else None


_WORDS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_NUMBER = rf"(?<![\w.,-])(?:\d{{1,4}}|{'|'.join(_WORDS)})(?![\w]|[.,]\d)"
_NUMBERS = re.compile(_NUMBER)
_ROUNDS = re.compile(rf"\brounds?[\"']?\s{{0,9}}[:=]\s{{0,9}}({_NUMBER})|({_NUMBER})\s{{1,9}}rounds?\b")


def _read_object(
    data: dict[str, Any],
    known: Mapping[str, NodeName],
    order: Sequence[NodeName],
    criteria: Sequence[Criterion],
    parsed_by: Literal["schema", "json"],
) -> ReadVerdict | None:
    ranking = _ranking(data.get("ranking"), known)
    if ranking is None:
        return None
    entries = _analysis(data.get("analysis"), known, order)
    scores = {node: found for node, entry in entries.items() if (found := _scores(entry, criteria))}
    flaws = {node: flaw for node, entry in entries.items() if (flaw := _said(entry.get("fatal_flaw")))}
    return ReadVerdict(
        ranking=ranking,
        scores=scores,
        flaws=flaws,
        reason=_said(data.get("reason")),
        critique=_said(data.get("critique")),
        parsed_by=parsed_by,
        contradictory=_contradictory(ranking, scores, criteria),
    )


def _ranking(value: Any, known: Mapping[str, NodeName]) -> Ranking | None:
    """A list of lists of labels; a plain list and a chain in a string say the same."""
    if isinstance(value, str):
        groups = chain(value, known, commas=True)
        return None if groups is None else complete(groups, known)
    if not isinstance(value, list):
        return None
    found: list[list[NodeName]] = []
    for item in value:
        group = _group(item, known)
        if group is None:
            return None
        found.append(group)
    return complete(found, known)


def _group(item: Any, known: Mapping[str, NodeName]) -> list[NodeName] | None:
    """Those who share a place: a list of labels, one label, or ``kqz = abc``."""
    if isinstance(item, str):
        groups = chain(item, known, commas=False)
        return groups[0] if groups is not None and len(groups) == 1 else None
    if isinstance(item, dict):
        return _group(item.get("candidate", item.get("id")), known)
    if not isinstance(item, list):
        return None
    nodes = [label_node(name, known) if isinstance(name, str) else None for name in item]
    return [node for node in nodes if node is not None] if None not in nodes else None


def _analysis(
    value: Any, known: Mapping[str, NodeName], order: Sequence[NodeName]
) -> dict[NodeName, dict[str, Any]]:
    """What is said of each candidate: a list with ids (or in the order shown), or an object by id."""
    if isinstance(value, dict):
        pairs = [(label_node(label, known), entry) for label, entry in value.items()]
    elif isinstance(value, list):
        in_place = list(order) if len(value) == len(order) else []
        pairs = [(_entry_node(entry, known, in_place[i : i + 1]), entry) for i, entry in enumerate(value)]
    else:
        return {}
    found: dict[NodeName, dict[str, Any]] = {}
    for node, entry in pairs:
        if node is not None and isinstance(entry, dict):
            found.setdefault(node, entry)
    return found


def _entry_node(entry: Any, known: Mapping[str, NodeName], in_place: list[NodeName]) -> NodeName | None:
    if not isinstance(entry, dict):
        return None
    label = entry.get("candidate", entry.get("id"))
    if label is None:
        return in_place[0] if in_place else None
    return label_node(label, known) if isinstance(label, str) else None


def _scores(entry: dict[str, Any], criteria: Sequence[Criterion]) -> dict[str, int]:
    inner = entry.get("scores")
    flat = {**inner, **entry} if isinstance(inner, dict) else entry
    named = {_plain(key): value for key, value in flat.items()}
    found = {criterion.id: _score(named.get(_plain(criterion.id))) for criterion in criteria}
    return {name: score for name, score in found.items() if score is not None}


def _plain(key: str) -> str:
    return re.sub(r"[\W_]+", "_", key.casefold())


_SCORE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)(?:\s?(?:/|out of)\s?10)?")


def _score(value: Any) -> int | None:
    """A whole score from 1 to 10; ``"8"``, ``8.0``, ``"8/10"`` and ``"eight"`` are 8. Out of range is
    dropped.
    """
    if isinstance(value, str):
        word = value.strip().casefold()
        found = _SCORE.fullmatch(word) if len(word) <= LONGEST_TEXT else None
        value = _WORDS.get(word, float(found[1]) if found else None)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value + 0.5) if LOWEST_SCORE <= value <= HIGHEST_SCORE else None


_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_FILLERS = ("", "…", "...", "-", "null", "none", "none.", "n/a", "no")
_NOTHING = frozenset((*_FILLERS, prompt_texts.FEW_WORDS, prompt_texts.ONE_SENTENCE))


def _said(value: Any) -> str | None:
    """A text of the judge's; None when it only fills the form. What a database can't hold becomes U+FFFD."""
    if not isinstance(value, str):
        return None
    text = _UNSTORABLE.sub("\ufffd", value).strip()
    return None if text.casefold() in _NOTHING else text[:LONGEST_TEXT]


def _contradictory(
    ranking: Ranking, scores: Mapping[NodeName, Mapping[str, int]], criteria: Sequence[Criterion]
) -> bool:
    """Whether somebody has a lower weighted sum of scores than one who is ranked below, on criteria both
    have.
    """
    places = [(node, place) for place, group in enumerate(ranking) for node in group if node in scores]
    for (better, high), (worse, low) in combinations(places, 2):
        common = [c for c in criteria if c.id in scores[better] and c.id in scores[worse]]
        lead = sum(c.weight * (scores[better][c.id] - scores[worse][c.id]) for c in common)
        if high < low and lead < 0:
            return True
    return False
