"""Rankings that are written in words instead of JSON: ``1. kqz`` lines, ``kqz > abc = xyz``, ``Ranking:
kqz, abc``.

A strict grammar: a line either is a ranking from end to end or it is prose. Also what a label may look
like. JSON and the rest of a verdict are ``replies.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cort_desktop.domain.ids import NodeName

Ranking = tuple[tuple[NodeName, ...], ...]

LONGEST_LABEL = 40
LONGEST_LINE = 1000

_LABEL = re.compile(r"[\W_]*(?:candidate|answer|response|id)?[\W_]*(?:id)?[\W_]*([^\W\d_]+)[\W_]*")
_ECHOED_FENCE = re.compile(
    r"</?candidate(?:\s{1,9}id\s{0,9}=)?\s{0,9}[\"']?([^\W\d_]{0,12})[\"']?\s{0,9}>", re.IGNORECASE
)
_HEADING = re.compile(r"[\W_]*(?:final )?ranking[\W_]*?[:：=]", re.IGNORECASE)
_NUMBERED = re.compile(r"[\s*_#]*(\d{1,3})\s?[.):](.*)")
_BETTER = re.compile(r"\s*[>≻]\s*")
_EQUAL = re.compile(r"\s*[=≈~]\s*")
_LISTED = re.compile(r"\s*[,;，、]\s*")


def label_node(text: str, known: Mapping[str, NodeName]) -> NodeName | None:
    """The candidate a label names, in any letter case, with brackets, quotes or ``candidate`` around it."""
    if len(text) > LONGEST_LABEL:
        return None
    found = _LABEL.fullmatch(text.casefold())
    return known.get(found[1]) if found else None


def complete(groups: list[list[NodeName]], known: Mapping[str, NodeName]) -> Ranking | None:
    """The ranking, if it names every candidate exactly once."""
    named = [node for group in groups for node in group]
    if len(named) != len(known) or set(named) != set(known.values()):
        return None
    return tuple(tuple(group) for group in groups if group)


def chain(text: str, known: Mapping[str, NodeName], *, commas: bool) -> list[list[NodeName]] | None:
    """``kqz > abc = xyz`` as groups; with ``commas``, a list without ``>`` is best first too."""
    text = _ECHOED_FENCE.sub(r" \1 ", text)
    parts = _BETTER.split(text)
    if commas and len(parts) == 1:
        parts = _LISTED.split(text)
    groups: list[list[NodeName]] = []
    for part in parts:
        group: list[NodeName] = []
        for name in _EQUAL.split(part):
            node = label_node(name, known)
            if node is None:
                return None
            group.append(node)
        groups.append(group)
    return groups


def ranking_in_lines(text: str, known: Mapping[str, NodeName]) -> Ranking | None:
    """The last complete ranking that stands in lines of its own."""
    last: Ranking | None = None
    for groups in _readings(text, known):
        last = complete(groups, known) or last
    return last


def _readings(text: str, known: Mapping[str, NodeName]) -> Iterator[list[list[NodeName]]]:
    """What each line, and each run of numbered lines, says on its own."""
    numbered: list[tuple[int, list[NodeName]]] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        entry = _numbered(line, known)
        if entry is not None and (not numbered or entry[0] >= numbered[-1][0]):
            numbered.append(entry)
            continue
        yield _grouped(numbered)
        numbered = [] if entry is None else [entry]
        if entry is None and (groups := _line(line, known)):
            yield groups
    yield _grouped(numbered)


def _line(line: str, known: Mapping[str, NodeName]) -> list[list[NodeName]] | None:
    """A ranking in one line: a chain, or after ``Ranking:`` also a list."""
    if len(line) > LONGEST_LINE:
        return None
    heading = _HEADING.match(line)
    rest = line[heading.end() :] if heading else line
    return chain(rest, known, commas=heading is not None)


def _numbered(line: str, known: Mapping[str, NodeName]) -> tuple[int, list[NodeName]] | None:
    """``2. abc`` or ``2) abc = xyz``: the place and who shares it."""
    found = _NUMBERED.fullmatch(line) if len(line) <= LONGEST_LINE else None
    if found is None:
        return None
    groups = chain(found[2], known, commas=False)
    return (int(found[1]), groups[0]) if groups is not None and len(groups) == 1 else None


def _grouped(numbered: list[tuple[int, list[NodeName]]]) -> list[list[NodeName]]:
    """Numbered entries as groups: equal numbers share a place; a list that doesn't begin with 1 says
    nothing.
    """
    if not numbered or numbered[0][0] != 1:
        return []
    groups: list[list[NodeName]] = []
    before = 0
    for number, group in numbered:
        if number == before:
            groups[-1].extend(group)
        else:
            groups.append(list(group))
        before = number
    return groups
