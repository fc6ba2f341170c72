"""Earlier turns that have to do with a question, found by their words: BM25 over the turns of one
conversation (Robertson & Zaragoza, “The Probabilistic Relevance Framework”, 2009), in memory.

Words are compared by their beginnings, so that “indexes” finds “index”; scripts without blanks by pairs of
characters. No model is asked, and nothing is sent anywhere.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

_K1, _B = 1.2, 0.75
_SHORTEST_WORD = 3
_STEM_FROM = 6
_ENDING = 2
"""Letters at the end of a long word that may differ: most endings of European languages."""
_MOST_TERMS = 64
"""Of a long question the rarest words are among its first ones often enough."""
_COMMON = 0.5
"""A word that is in more than this share of the turns tells nothing."""
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")


def relevant_turns(turns: Sequence[str], question: str, most: int) -> tuple[int, ...]:
    """The numbers, from 1, of at most ``most`` turns that share telling words with ``question``, the nearest
    first; of equal ones the newer first.
    """
    if most <= 0 or not turns:
        return ()
    texts = [_folded(text) for text in turns]
    lengths = [len(text) + 1 for text in texts]
    average = sum(lengths) / len(lengths)
    scores = [0.0] * len(texts)
    for term in _terms(_folded(question)):
        counts = _counts(term, texts)
        if not counts or len(counts) > max(1, len(texts) * _COMMON):
            continue
        rarity = math.log(1 + (len(texts) - len(counts) + 0.5) / (len(counts) + 0.5))
        for place, count in counts.items():
            length = 1 - _B + _B * lengths[place] / average
            scores[place] += rarity * count * (_K1 + 1) / (count + _K1 * length)
    order = sorted(range(len(texts)), key=lambda place: (-scores[place], -place))
    return tuple(place + 1 for place in order[:most] if scores[place] > 0)


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _terms(question: str) -> list[str]:
    """What to look for, each once: beginnings of words with a blank in front, whole short words with blanks
    around them, pairs of characters bare.
    """
    found: dict[str, None] = {}
    for run in _UNSPACED.findall(question):
        found |= dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1))
    for word in _WORD.findall(_UNSPACED.sub(" ", question)):
        if len(word) >= _STEM_FROM:
            found[f" {word[:-_ENDING]}"] = None
        elif len(word) >= _SHORTEST_WORD or any(character.isdigit() for character in word):
            found[f" {word} "] = None
    return list(found)[:_MOST_TERMS]


def _counts(term: str, texts: Sequence[str]) -> dict[int, int]:
    """How often a term is in each text that has it."""
    bare = term.strip()
    if bare == term:
        return {place: count for place, text in enumerate(texts) if (count := text.count(term))}
    pattern = re.compile(rf"\b{re.escape(bare)}" + (r"\b" if term.endswith(" ") else ""))
    return {
        place: count
        for place, text in enumerate(texts)
        if bare in text and (count := len(pattern.findall(text)))
    }
