"""The tree search against its formulas, and against the authors' own program on the same scores."""

from __future__ import annotations

import math
import random
from statistics import fmean, pstdev
from typing import Any

import numpy as np
import pytest
import treequest

from cort_desktop.engine.branching import Belief, Branch, grow
from tests.fakes.formulas import mean_near

AUTHORS = ("a", "b")
NODES = 20
RUNS = 80


def landscape(seed: int, path: tuple[int, ...], author: str) -> float:
    """What a node scores: a function of its place in the tree and its author alone. Mending helps a little,
    and the second author is somewhat better.
    """
    draw = random.Random(f"{seed}:{path}:{author}").random
    base = 0.25 + 0.1 * min(3, len(path)) + (0.1 if author == "b" else 0.0)
    return min(1.0, max(0.0, base + 0.3 * (draw() - 0.5)))


def shape(parents: list[int | None], authors: list[str], scores: list[float]) -> dict[str, float]:
    """What a search did: how wide at the root, how deep, how often by the second author, the best found."""
    depths: list[int] = []
    for parent in parents:
        depths.append(1 if parent is None else depths[parent] + 1)
    return {
        "at the root": sum(parent is None for parent in parents),
        "depth": max(depths),
        "mean depth": fmean(depths),
        "by b": sum(author == "b" for author in authors),
        "best": max(scores),
        "mean score": fmean(scores),
    }


def ours(seed: int, authors: tuple[str, ...], belief: Belief) -> dict[str, float]:
    tree: list[Branch] = []
    paths: list[tuple[int, ...]] = []
    for number in range(NODES):
        growth = grow(tree, authors, random.Random(f"{seed}:{number}").random, belief=belief)
        siblings = sum(branch.parent == growth.parent for branch in tree)
        path = (*(() if growth.parent is None else paths[growth.parent]), siblings)
        paths.append(path)
        score = landscape(seed, path, growth.author)
        tree.append(Branch(parent=growth.parent, score=score, author=growth.author))
    return shape([b.parent for b in tree], [b.author for b in tree], [b.score for b in tree])


def theirs(seed: int, authors: tuple[str, ...], belief: Belief) -> dict[str, float]:
    """Their search, step by step, over the same landscape."""
    np.random.seed(seed)  # noqa: NPY002  it draws from numpy's global generator
    algorithm: Any = treequest.ABMCTSA(dist_type=belief)
    state = algorithm.init_tree()
    children: dict[tuple[int, ...], int] = {}

    def written_by(author: str) -> Any:
        def generate(parent: tuple[int, ...] | None) -> tuple[tuple[int, ...], float]:
            above = () if parent is None else parent
            path = (*above, children.get(above, 0))
            children[above] = path[-1] + 1
            wrote[path] = author
            return path, landscape(seed, path, author)

        return generate

    wrote: dict[tuple[int, ...], str] = {}
    writers = {author: written_by(author) for author in authors}
    for _ in range(NODES):
        state = algorithm.step(state, writers, inplace=True)
    found = [(path, score) for path, score in algorithm.get_state_score_pairs(state)]
    found.sort(key=lambda pair: len(pair[0]))
    place = {path: index for index, (path, _) in enumerate(found)}
    parents = [place.get(path[:-1]) for path, _ in found]
    return shape(parents, [wrote[path] for path, _ in found], [score for _, score in found])


@pytest.mark.parametrize("belief", ["gaussian", "beta"])
@pytest.mark.parametrize("authors", [("a",), AUTHORS], ids=["one model", "two models"])
def test_it_searches_as_the_authors_program_does(belief: Belief, authors: tuple[str, ...]) -> None:
    """On the same scores both grow trees of the same shape and find answers as good: every mean over many
    searches within four standard errors of the difference.
    """
    mine = [ours(seed, authors, belief) for seed in range(RUNS)]
    other = [theirs(seed, authors, belief) for seed in range(RUNS)]
    for what in mine[0]:
        a, b = [run[what] for run in mine], [run[what] for run in other]
        error = math.hypot(pstdev(a), pstdev(b)) / math.sqrt(RUNS)
        assert abs(fmean(a) - fmean(b)) <= 4.0 * error + 1e-9, (what, fmean(a), fmean(b), error)


def test_a_search_that_never_mends_is_told_from_theirs() -> None:
    """The comparison can fail: one that only goes wider is far outside."""
    depths = [theirs(seed, ("a",), "gaussian")["mean depth"] for seed in range(40)]
    assert fmean(depths) - 1.0 > 4.0 * pstdev(depths) / math.sqrt(40)


def test_the_first_node_grows_at_the_root_and_closed_branches_are_not_gone_into() -> None:
    assert grow([], ("a",), random.Random(1).random).parent is None
    tree = [Branch(parent=None, score=0.9, author="a"), Branch(parent=0, score=1.0, author="a")]
    for seed in range(200):
        assert grow(tree, ("a",), random.Random(seed).random, closed={0}).parent is None
        assert grow(tree, ("a",), random.Random(seed).random, closed={1}).parent in (None, 0)


def test_good_branches_are_gone_into_more_often_than_bad_ones() -> None:
    tree = [
        Branch(parent=None, score=0.9, author="a"),
        Branch(parent=None, score=0.1, author="a"),
        *(Branch(parent=0, score=0.95, author="a") for _ in range(3)),
        *(Branch(parent=1, score=0.05, author="a") for _ in range(3)),
    ]

    def below(parent: int | None) -> int:
        while parent is not None and tree[parent].parent is not None:
            parent = tree[parent].parent
        return -1 if parent is None else parent

    counts = [below(grow(tree, ("a",), random.Random(seed).random).parent) for seed in range(400)]
    assert counts.count(0) > 3 * counts.count(1)


@pytest.mark.parametrize("belief", ["gaussian", "beta"])
def test_the_same_chance_gives_the_same_tree(belief: Belief) -> None:
    assert ours(7, AUTHORS, belief) == ours(7, AUTHORS, belief)


def test_beliefs_have_the_means_and_spreads_of_their_formulas() -> None:
    """Student's t with 9 degrees of freedom, and a beta distribution; the moments are textbook ones."""
    from cort_desktop.engine import branching  # the two samplers are private to the search

    draw = random.Random(3).random
    t = [branching._student_t(9.0, draw) for _ in range(6000)]
    assert mean_near(t, 0.0)
    assert pstdev(t) == pytest.approx(math.sqrt(9 / 7), rel=0.08)
    scores = [0.8, 0.6, 0.9]
    beta = [branching._beta(scores, draw) for _ in range(6000)]
    a, b = 0.5 + sum(scores), 0.5 + 3 - sum(scores)
    assert mean_near(beta, a / (a + b))
    assert pstdev(beta) == pytest.approx(math.sqrt(a * b / ((a + b) ** 2 * (a + b + 1))), rel=0.05)
