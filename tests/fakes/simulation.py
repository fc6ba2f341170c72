"""Simulated models: writers whose answers are right with a known chance, judges with known faults.

Everything is a function of the seed and the call's name, so a run is the same in any order of replies and on
any driver. What they do to a strategy is played by ``simulated_runs.py``; the formulas they are held against
stand in ``formulas.py``. Here is no text that any parser must understand, but the line a vote is read from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.engine.prompt_texts import KEEP
from tests.fakes.models import MODEL

RIGHT = 0
"""The number of the right answer's cluster; the wrong ones count from 1."""
EACH_WORD = 6
"""Hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """How answers to one question come out.

    right: the chance that one is right. wrong: how the others are shared among wrong answers, by weight.
    gap: by how much a right one is better. spread: the standard deviation of quality within right ones and
    within wrong ones. words: fewest and most, drawn evenly; an answer of none is empty. copies: the chance
    that one only says again what it saw or, having seen nothing, one fixed text. mends: the chance, in place
    of ``right``, that one which saw a wrong answer comes out right. joins: the chance, in place of ``right``,
    that one which saw so many right ones (none, one, …) among others comes out right. fails, cut: the chance
    of a call that fails, of an answer that ends at its token limit. seconds: shortest and longest. slow,
    slow_seconds: the chance of one that takes as long as these say.
    """

    right: float = 0.5
    wrong: tuple[float, ...] = (1.0,)
    gap: float = 1.0
    spread: float = 0.0
    words: tuple[int, int] = (8, 16)
    copies: float = 0.0
    mends: float | None = None
    joins: tuple[float, ...] = ()
    fails: float = 0.0
    cut: float = 0.0
    seconds: tuple[float, float] = (10.0, 10.0)
    slow: float = 0.0
    slow_seconds: tuple[float, float] = (60.0, 60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """How one judging model sees answers. All in units of quality.

    noise: the standard deviation of what it sees in one answer (``formulas.py`` has those of a judge that is
    right so often). lasting: the share of that variance that is its fixed view of the text, the same in each
    of its verdicts; the rest is drawn anew for each. first: how much better seems what is shown first.
    long: how much better seems a text of twice as many words. ties_below: gaps up to this are called a tie.
    miscounts: the chance that, asked which answers agree, it puts any of them first.
    unreadable, unrepaired: the chances that a verdict can't be read, and that its repair can't either.
    fails: the chance of a call that fails. seconds: shortest and longest. base, scale: the rubric's scores
    are ``base + scale * what it sees``; without a base it gives none.
    """

    noise: float = 0.0
    lasting: float = 0.0
    first: float = 0.0
    long: float = 0.0
    ties_below: float = 0.0
    miscounts: float = 0.0
    unreadable: float = 0.0
    unrepaired: float = 1.0
    fails: float = 0.0
    seconds: tuple[float, float] = (3.0, 3.0)
    base: float | None = 5.0
    scale: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Critic:
    """How a critic sees answers: the chances that it finds nothing to mend in a right one, in a wrong one;
    that its call fails; and how long it takes, shortest and longest.
    """

    passes_right: float = 0.0
    passes_wrong: float = 0.0
    fails: float = 0.0
    seconds: tuple[float, float] = (4.0, 4.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """An answer that was written: its cluster, how good it is, and what it says."""

    cluster: int
    quality: float
    words: int
    text: str
    is_cut: bool = False

    @property
    def is_right(self) -> bool:
        return self.cluster == RIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a verdict says: places, best first, ties together, and a score for each."""

    ranking: tuple[tuple[NodeName, ...], ...]
    scores: dict[NodeName, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A question with those who answer it and those who judge; ``judges`` in the line-up's order."""

    writer: Writer = field(default_factory=Writer)
    judges: tuple[Judge, ...] = (Judge(),)
    critic: Critic = field(default_factory=Critic)
    seed: int = 0

    @property
    def judge_models(self) -> tuple[ModelRef, ...]:
        """A model for each judge."""
        return tuple(ModelRef(f"judge/{number}") for number in range(len(self.judges)))

    def judge(self, model: ModelRef) -> Judge:
        """The judge behind a model."""
        return self.judges[int(model.partition("/")[2])]

    def chance(self, *what: object) -> Random:
        """A generator of its own for whatever is drawn."""
        return Random(f"{self.seed}:{':'.join(map(str, what))}")

    def writer_seconds(self, node: NodeName) -> float:
        """How long an answer takes."""
        draw, writer = self.chance("seconds", node), self.writer
        return draw.uniform(*(writer.slow_seconds if draw.random() < writer.slow else writer.seconds))

    def judge_seconds(self, node: NodeName, model: ModelRef) -> float:
        """How long a verdict takes."""
        return self.chance("seconds", node).uniform(*self.judge(model).seconds)

    def fails(self, node: NodeName, judge: ModelRef | None) -> bool:
        """Whether a call fails; ``judge`` is who judges in it, if anybody does."""
        rate = self.writer.fails if judge is None else self.judge(judge).fails
        return rate > 0 and self.chance("fails", node).random() < rate

    def critic_fails(self, node: NodeName) -> bool:
        """Whether the call of a critic fails."""
        return self.critic.fails > 0 and self.chance("fails", node).random() < self.critic.fails

    def critic_seconds(self, node: NodeName) -> float:
        """How long a critique takes."""
        return self.chance("seconds", node).uniform(*self.critic.seconds)

    def criticised(self, node: NodeName, text: Text) -> str:
        """What a critic says of an answer."""
        chance = self.critic.passes_right if text.is_right else self.critic.passes_wrong
        draw = self.chance("critique", node)
        return KEEP if draw.random() < chance else f"- Mend {draw.getrandbits(4 * EACH_WORD):x}."

    def is_readable(self, node: NodeName, model: ModelRef, *, repairs: bool) -> bool:
        """Whether a verdict, or the repair of one, can be read."""
        rate = self.judge(model).unrepaired if repairs else self.judge(model).unreadable
        return rate == 0 or self.chance("readable", node).random() >= rate

    def written(self, node: NodeName, saw: Sequence[Text] = ()) -> Text:
        """The answer of a call that comes back."""
        writer, draw = self.writer, self.chance("text", node)
        if draw.random() < writer.copies:
            return saw[0] if saw else self._said_again()
        right = writer.right
        if saw and not saw[0].is_right and writer.mends is not None:
            right = writer.mends
        if saw and writer.joins:
            right = writer.joins[sum(text.is_right for text in saw)]
        cluster = RIGHT
        if draw.random() >= right:
            cluster = 1 + draw.choices(range(len(writer.wrong)), writer.wrong)[0]
        is_cut = draw.random() < writer.cut
        words = draw.randint(*writer.words)
        quality = (writer.gap if cluster == RIGHT else 0.0) + writer.spread * draw.gauss(0.0, 1.0)
        return Text(
            cluster=cluster, quality=quality, words=words, text=said(draw, cluster, words), is_cut=is_cut
        )

    def selected(self, node: NodeName, judge: ModelRef, shown: Sequence[tuple[NodeName, Text]]) -> Seen:
        """Which answers come to the same, those that most agree with first; with the chance ``miscounts`` any
        of them stands first instead. Among groups of one size the one that is shown first leads.
        """
        groups: dict[int, list[NodeName]] = {}
        for name, text in shown:
            groups.setdefault(text.cluster, []).append(name)
        ranking = sorted((tuple(names) for names in groups.values()), key=len, reverse=True)
        draw = self.chance("verdict", node)
        if draw.random() < self.judge(judge).miscounts:
            first = shown[draw.randrange(len(shown))][0]
            rest = tuple(name for name, _ in shown if name != first)
            ranking = [(first,), rest] if rest else [(first,)]
        return Seen(ranking=tuple(ranking))

    def _said_again(self) -> Text:
        return Text(cluster=1, quality=0.0, words=12, text=said(self.chance("again"), 1, 12))

    def seen(self, node: NodeName, judge: ModelRef, shown: Sequence[tuple[NodeName, Text]]) -> Seen:
        """The verdict of call ``node`` on these answers, in the order shown."""
        how = self.judge(judge)
        draw = self.chance("verdict", node)
        values: dict[NodeName, float] = {}
        for place, (name, text) in enumerate(shown):
            fixed = self.chance("taste", judge, text.text).gauss(0.0, 1.0) if how.lasting else 0.0
            noise = math.sqrt(how.lasting) * fixed + math.sqrt(1.0 - how.lasting) * draw.gauss(0.0, 1.0)
            long = how.long * math.log2(max(1, text.words)) if how.long else 0.0
            values[name] = text.quality + how.noise * noise + long + (0.0 if place else how.first)
        return Seen(ranking=_places(values, how.ties_below), scores=_scores(how, values))


def _scores(how: Judge, values: dict[NodeName, float]) -> dict[NodeName, int]:
    if how.base is None:
        return {}
    return {name: min(10, max(1, round(how.base + how.scale * value))) for name, value in values.items()}


def _places(values: dict[NodeName, float], ties_below: float) -> tuple[tuple[NodeName, ...], ...]:
    places: list[list[NodeName]] = []
    for name in sorted(values, key=lambda each: -values[each]):
        if places and ties_below and values[places[-1][0]] - values[name] <= ties_below:
            places[-1].append(name)
        else:
            places.append([name])
    return tuple(map(tuple, places))


def said(draw: Random, cluster: int, words: int) -> str:
    """A text of so many words that no other has, which ends with the value a vote is taken from."""
    if not words:
        return ""
    own = f"{draw.getrandbits(4 * EACH_WORD * words):0{EACH_WORD * words}x}"
    spaced = " ".join(own[at : at + EACH_WORD] for at in range(0, len(own), EACH_WORD))
    return f"{spaced}\nAnswer: {100 + cluster}"


def proposers() -> tuple[ModelRef, ...]:
    """The one model that writes all answers."""
    return (MODEL,)
