from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.engine import judging
from cort_desktop.engine.ballots import kendall_tau_b

A, B, C, D = (NodeName(name) for name in ("R1.A1", "R1.A2", "R1.A3", "D"))
NAMES = {"A": A, "B": B, "C": C, "D": D}


def verdict(ranking: str, *, order: str = "", weight: float = 1.0, **fields: Any) -> Verdict:
    """``A>B=C``: A first, the others tied. ``order`` is how they were shown; empty means as ranked."""
    groups = tuple(tuple(NAMES[name] for name in group.split("=")) for group in ranking.split(">"))
    shown = tuple(NAMES[name] for name in order) or tuple(node for group in groups for node in group)
    base: dict[str, Any] = {"node": NodeName("R1.J1"), "round": 1, "purpose": "panel", "parsed_by": "json"}
    return Verdict(**(base | {"order": shown, "labels": {}, "ranking": groups, "weight": weight} | fields))


def abstained() -> Verdict:
    return replace(verdict("A", order="ABC"), ranking=(), weight=0.0, parsed_by="abstained")


def count(
    contestants: str,
    *verdicts: Verdict,
    incumbent: NodeName | None = None,
    expected: int | None = None,
    cut: str = "",
) -> judging.PanelResult:
    return judging.aggregate(
        [NAMES[name] for name in contestants],
        verdicts,
        incumbent=incumbent,
        expected=len(verdicts) if expected is None else expected,
        cut={NAMES[name] for name in cut},
    )


def test_borda_by_hand_with_mid_ranks() -> None:
    result = count("ABC", verdict("A>B>C"), verdict("A>B=C"), verdict("B>A>C"))
    assert result.scores == {
        A: pytest.approx((1 + 1 + 0.5) / 3),
        B: pytest.approx((0.5 + 0.25 + 1) / 3),
        C: pytest.approx((0 + 0.25 + 0) / 3),
    }
    # A leads B by 0.25, less than the standard error of (0.5, 0.75, -0.5), which is sqrt(0.4375 / 3) = 0.38.
    assert (result.winner, result.tie, result.method, result.kept) == (A, (A, B), "borda", None)


def test_weights_count_in_scores() -> None:
    result = count("AB", verdict("A>B"), verdict("B>A", weight=0.5), verdict("B>A", weight=0.5))
    assert result.scores == {A: pytest.approx(0.5), B: pytest.approx(0.5)}


def test_a_clear_lead_of_three_verdicts_wins() -> None:
    result = count("ABC", verdict("B>A>C"), verdict("B>C>A"), verdict("B>A>C"), incumbent=A)
    assert (result.winner, result.kept, result.tie, result.valid) == (B, False, None, 3)


def test_a_lead_of_exactly_a_tenth_is_clear() -> None:
    names = [NodeName(f"R1.A{i}") for i in range(1, 12)]
    ranking = tuple((name,) for name in names)
    verdicts = [replace(verdict("A"), ranking=ranking, order=tuple(names)) for _ in range(3)]
    result = judging.aggregate(names, verdicts, incumbent=None, expected=3)
    assert result.scores[names[0]] - result.scores[names[1]] == pytest.approx(0.1)
    assert result.tie is None


@pytest.mark.parametrize(
    ("verdicts", "incumbent", "winner", "tie"),
    [
        (["A>B>C"], None, A, None),
        (["A=B>C"], None, A, (A, B)),
        (["A=B>C"], B, B, None),
        (["A=B>C"], C, A, (A, B)),
        (["A>B>C", "A>C>B"], C, A, None),
        (["A>B>C", "B>A>C"], None, A, (A, B)),
        (["A>B>C", "B>A>C"], B, B, None),
        (["A>B>C", "A=B>C"], C, A, (A, B)),
        (["A>B>C", "C>A>B"], C, C, None),
        (["A=B=C"], C, C, None),
    ],
)
def test_with_fewer_than_three_verdicts_the_tops_decide(
    verdicts: list[str], incumbent: NodeName | None, winner: NodeName, tie: object
) -> None:
    result = count("ABC", *map(verdict, verdicts), incumbent=incumbent)
    assert (result.winner, result.tie) == (winner, tie)
    assert result.kept == (None if incumbent is None else winner == incumbent)


def test_a_tie_of_three_verdicts_keeps_an_incumbent_that_is_in_it() -> None:
    verdicts = [verdict("A>B>C"), verdict("B>A>C"), verdict("A>B>C")]
    assert count("ABC", *verdicts, incumbent=B).winner == B
    assert count("ABC", *verdicts, incumbent=B).tie is None
    assert count("ABC", *verdicts, incumbent=C).tie == (A, B)


@pytest.mark.parametrize(
    ("valid", "expected", "failed"),
    [(0, 1, True), (1, 2, False), (1, 3, True), (2, 3, False), (2, 4, False), (0, 0, True)],
)
def test_fewer_than_half_of_the_verdicts_decide_nothing(valid: int, expected: int, failed: bool) -> None:
    verdicts = [verdict("A>B>D")] * valid + [abstained()] * (expected - valid)
    result = count("ABD", *verdicts, incumbent=D, expected=expected)
    assert (result.failed, result.valid) == (failed, valid)
    assert result.winner == (D if failed else A)
    if failed:
        assert (result.kept, result.method, result.scores, result.tie) == (True, None, {}, None)


def test_without_an_incumbent_a_failed_verdict_leaves_the_first_in_sample_order() -> None:
    assert count("BA", abstained()).winner == B
    assert count("BA", abstained()).kept is None
    assert count("BA", abstained(), cut="B").winner == A


def test_one_contestant_needs_no_verdict() -> None:
    result = count("D", incumbent=D, expected=0)
    assert (result.winner, result.kept, result.failed, result.method) == (D, True, False, None)
    assert count("").winner is None


def test_a_cut_answer_does_not_win_unless_all_are() -> None:
    ranked = verdict("A>B>C")
    assert count("ABC", ranked, cut="A").winner == B
    assert count("ABC", ranked, cut="A").tie is None
    assert count("ABC", ranked, cut="AB").winner == C
    assert count("ABC", ranked, cut="ABC").winner == A
    assert count("ABC", ranked, cut="A", incumbent=A).winner == B
    assert count("ABC", ranked, cut="A").scores[A] == 1.0


def test_a_verdict_that_left_one_out_counts_for_the_others() -> None:
    result = count("ABC", verdict("A>B", excluded=(C,)), verdict("C>B", excluded=(A,)), verdict("A>C>B"))
    assert result.scores == {A: 1.0, B: 0.0, C: pytest.approx((1 + 0.5) / 2)}


def test_dropped_contestants_are_taken_out_of_old_verdicts() -> None:
    assert count("AC", verdict("B>C>A")).scores == {A: 0.0, C: 1.0}


def test_agreement_by_hand() -> None:
    # tau-b of A>B>C and A>C>B: two pairs agree, one does not: 1/3, scaled to 2/3.
    assert count("ABC", verdict("A>B>C"), verdict("A>C>B")).agreement == pytest.approx(2 / 3)
    assert count("ABC", verdict("A>B>C"), verdict("C>B>A")).agreement == 0.0
    assert count("ABC", verdict("A>B>C")).agreement is None
    assert count("ABC", verdict("A=B=C"), verdict("A=B=C")).agreement is None


def test_tau_b_with_ties_by_hand() -> None:
    assert kendall_tau_b({A: 0, B: 1.5, C: 1.5}, {A: 0, B: 1, C: 2}) == pytest.approx(2 / math.sqrt(2 * 3))
    assert kendall_tau_b({A: 0, B: 0}, {A: 0, B: 1}) is None


def test_a_schedule_of_pairs_is_counted_by_bradley_terry() -> None:
    verdicts = [verdict(f"{a}>{b}", order=order) for a, b in ("AB", "AC", "BC") for order in (a + b, b + a)]
    result = count("ABC", *verdicts, incumbent=C)
    assert (result.winner, result.method, result.tie, result.kept) == (A, "bradley_terry", None, False)
    assert 1 > result.scores[A] > result.scores[B] > result.scores[C] > 0
    assert result.scores[B] == pytest.approx(0.5)


def test_a_panel_in_which_each_left_its_own_answer_out_is_no_schedule_of_pairs() -> None:
    """A council of three: each ranks the two others, and the score of who wins both times is its Borda, 1."""
    panel = [
        verdict("B>C", excluded=(A,)),
        verdict("A>C", excluded=(B,)),
        verdict("A>B", excluded=(C,)),
    ]
    result = count("ABC", *panel)
    assert (result.winner, result.method, result.tie) == (A, "borda", None)
    assert result.scores == {A: 1.0, B: 0.5, C: 0.0}


def test_a_schedule_of_pairs_that_goes_round_is_a_tie() -> None:
    ring = [verdict("A>B"), verdict("B>C"), verdict("C>A")]
    assert count("ABC", *ring, incumbent=C).winner == C
    assert count("ABC", *ring).tie == (A, B)


PAIR = (A, B)


@pytest.mark.parametrize(
    ("first", "second", "decision"),
    [
        ("A>B", "A>B", (A, False)),
        ("B>A", "B>A", (B, False)),
        ("A>B", "B>A", (None, True)),
        ("A=B", "A>B", (None, True)),
        ("A=B", "A=B", (None, False)),
    ],
)
def test_a_head_to_head_is_decided_only_if_both_orders_agree(
    first: str, second: str, decision: object
) -> None:
    verdicts = [verdict(first, order="AB"), verdict(second, order="BA")]
    assert judging.decide_head_to_head(PAIR, verdicts) == decision
    assert judging.decide_head_to_head(PAIR, verdicts[::-1]) == decision


def test_a_head_to_head_with_one_order_missing_decides_nothing() -> None:
    assert judging.decide_head_to_head(PAIR, [verdict("A>B", order="AB")]) == (None, None)
    assert judging.decide_head_to_head(PAIR, [verdict("A>B", order="AB"), abstained()]) == (None, None)
    assert judging.decide_head_to_head(PAIR, []) == (None, None)


def test_swap_consistency_by_hand() -> None:
    # A and B: A wins in both orders. A and C, B and C: whoever is shown first wins.
    verdicts = [
        verdict("A>B", order="AB"),
        verdict("A>B", order="BA"),
        verdict("A>C", order="AC"),
        verdict("C>A", order="CA"),
        verdict("B>C", order="BC"),
        verdict("C>B", order="CB"),
    ]
    assert judging.swap_consistency(verdicts) == pytest.approx(1 / 3)
    assert judging.swap_consistency(verdicts[::2]) is None
    assert judging.swap_consistency([]) is None


def test_swap_consistency_compares_a_model_with_itself_only() -> None:
    one, other = ModelRef("x/one"), ModelRef("x/other")
    verdicts = [verdict("A>B", order="AB", model=one), verdict("B>A", order="BA", model=other)]
    assert judging.swap_consistency(verdicts) is None


def test_bradley_terry_satisfies_its_equation() -> None:
    verdicts = [verdict("A>B>C"), verdict("B>A"), verdict("A=C", weight=0.5)]
    p = judging.bradley_terry(verdicts)
    wins = {A: 2 + 0.25, B: 1 + 1, C: 0.25}
    games = {(A, B): 2.0, (A, C): 1.5, (B, C): 1.0}
    for i in (A, B, C):
        met = sum(n / (p[i] + p[j if i == k else k]) for (k, j), n in games.items() if i in (k, j))
        assert p[i] == pytest.approx((wins[i] + 0.5) / (met + 1 / (p[i] + 1)), rel=1e-6)


def test_bradley_terry_by_hand() -> None:
    assert judging.bradley_terry([verdict("A=B")]) == {A: pytest.approx(1), B: pytest.approx(1)}
    p = judging.bradley_terry([verdict("A>B")])
    # With q = 1/p for the loser: p²/(p²+1) + p/(p+1) = 3/2.
    assert p[A] * p[B] == pytest.approx(1)
    assert p[A] ** 2 / (p[A] ** 2 + 1) + p[A] / (p[A] + 1) == pytest.approx(1.5)
    assert p[A] == pytest.approx(2.1304, abs=1e-4)
    assert judging.bradley_terry([abstained()]) == {}


def test_the_best_of_all_ever_judged_needs_a_really_higher_rating() -> None:
    ratings = judging.bradley_terry([verdict("A>B"), verdict("A>C")])
    assert judging.best_rated(ratings, standing=B) == A
    assert judging.best_rated(ratings, standing=A) == A
    assert judging.best_rated(judging.bradley_terry([verdict("A=B")]), standing=B) == B
    assert judging.best_rated({}, standing=D) == D
    assert judging.best_rated(ratings, standing=B, cut={A}) == B
    assert judging.best_rated(ratings, standing=B, cut={A, B}) == A


@settings(deadline=None)
@given(st.lists(st.sampled_from([">".join(p) for p in permutations("ABCD")]), max_size=8), st.randoms())
def test_ratings_and_scores_do_not_depend_on_the_order_of_verdicts(rankings: list[str], random: Any) -> None:
    shuffled = random.sample(rankings, len(rankings))
    before, after = (judging.bradley_terry(map(verdict, order)) for order in (rankings, shuffled))
    assert before == pytest.approx(after, rel=1e-6)
    one, two = (count("ABCD", *map(verdict, order), incumbent=D) for order in (rankings, shuffled))
    assert (one.winner, one.tie) == (two.winner, two.tie)
    assert one.scores == pytest.approx(two.scores)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([">".join(p) for p in permutations("ABCD")] + ["A=B=C=D", "A=B>C=D"]), max_size=7
    ),
    st.sampled_from([None, A, D]),
    st.sets(st.sampled_from("ABCD")),
    st.integers(0, 9),
)
def test_a_result_is_always_sound(
    rankings: list[str], incumbent: NodeName | None, cut: set[str], missing: int
) -> None:
    verdicts = [verdict(ranking) for ranking in rankings]
    result = count("ABCD", *verdicts, incumbent=incumbent, expected=len(verdicts) + missing, cut="".join(cut))
    assert result.winner in (A, B, C, D)
    assert all(0 <= score <= 1 for score in result.scores.values())
    assert result.kept == (None if incumbent is None else result.winner == incumbent)
    assert result.failed == (not verdicts or len(verdicts) < missing)
    whole = {NAMES[name] for name in "ABCD" if name not in cut}
    if whole and not result.failed:
        assert result.winner in whole
        assert result.tie is None or set(result.tie) <= whole
    if result.tie is not None:
        assert result.winner == result.tie[0]
        assert incumbent not in result.tie


SIZES = [(size, judges) for size in range(1, 10) for judges in range(1, 20)]


@pytest.mark.parametrize(("size", "judges"), SIZES)
def test_orders_are_rows_of_latin_squares(size: int, judges: int) -> None:
    names = [NodeName(f"R1.A{i}") for i in range(size)]
    orders = judging.panel_orders(names, judges, "7:1")
    assert len(orders) == judges
    assert all(sorted(order) == sorted(names) for order in orders)
    for start in range(0, judges, size):
        square = orders[start : start + size]
        for place in range(size):
            assert len({order[place] for order in square}) == len(square)


# As little as a Latin square allows: with one row missing from a square, the sums differ as the places in it.
LEAST_SPREAD = {(3, 2): 2, (4, 3): 3, (5, 2): 2, (5, 3): 2, (5, 4): 4, (6, 3): 1, (6, 5): 5}


@pytest.mark.parametrize(("size", "judges"), [pair for pair in SIZES if pair[0] <= 6])
def test_mean_places_are_as_equal_as_can_be(size: int, judges: int) -> None:
    names = [NodeName(f"R1.A{i}") for i in range(size)]
    orders = judging.panel_orders(names, judges, "7:1")
    sums = Counter({name: sum(order.index(name) for order in orders) for name in names})
    rest = judges % size
    spread = max(sums.values()) - min(sums.values())
    assert spread == LEAST_SPREAD.get((size, rest), size - 1 if rest == 1 else 0)


def test_orders_follow_the_seed_alone() -> None:
    names = [A, B, C, D]
    assert judging.panel_orders(names, 3, "7:1") == judging.panel_orders(names, 3, "7:1")
    drawn = {tuple(judging.panel_orders(names, 3, f"{seed}:1")) for seed in range(50)}
    assert len(drawn) > 30
    firsts = Counter(judging.panel_orders(names, 1, f"{seed}:1")[0][0] for seed in range(400))
    assert min(firsts.values()) > 60


@pytest.mark.parametrize("size", range(2, 30))
def test_pairs_are_in_both_orders_and_join_everybody(size: int) -> None:
    names = [NodeName(f"R1.A{i}") for i in range(size)]
    orders = judging.pair_schedule(names, "7:1")
    pairs = {frozenset(order) for order in orders}
    assert len(pairs) == min(math.ceil(1.5 * size), size * (size - 1) // 2)
    assert len(orders) == len(set(orders)) == 2 * len(pairs)
    assert set(orders) == {(b, a) for a, b in orders}
    reached = {names[0]}
    for _ in names:
        reached |= {node for pair in pairs if pair & reached for node in pair}
    assert reached == set(names)
    assert judging.planned_verdicts(size, 3) == (len(orders) if size > 6 else 3)


def test_too_many_or_too_long_candidates_are_judged_in_pairs() -> None:
    assert not judging.must_use_pairs(6, 6000)
    assert judging.must_use_pairs(7, 10)
    assert judging.must_use_pairs(3, 6001)
    assert not judging.must_use_pairs(2, 100_000)
    assert judging.planned_verdicts(1, 3) == 0


def test_ratings_of_many_follow_a_clear_order() -> None:
    names = [NodeName(f"R1.A{i}") for i in range(60)]
    verdicts = [replace(verdict("A"), ranking=((a,), (b,)), order=(a, b)) for a, b in combinations(names, 2)]
    ratings = judging.bradley_terry(verdicts)
    assert sorted(ratings, key=ratings.__getitem__, reverse=True) == names


def test_a_call_has_a_seed_of_its_own_that_any_service_takes() -> None:
    seeds = {judging.call_seed(7, f"R1.A{i}") for i in range(100)}
    assert len(seeds) == 100
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert judging.call_seed(7, "R1.A1") == judging.call_seed(7, "R1.A1") != judging.call_seed(8, "R1.A1")


ONE, OTHER = ModelRef("judge/a"), ModelRef("judge/b")


@pytest.mark.parametrize(
    ("duel", "before", "mattered"),
    [
        ([("A>B", "AB", ONE), ("A>B", "BA", ONE)], [], False),
        ([("A>B", "AB", ONE), ("B>A", "BA", ONE)], [], True),
        ([("A>B", "AB", ONE), ("B>A", "BA", OTHER)], [], None),
        ([("A>B", "AB", ONE), ("B>A", "BA", OTHER)], [("A>B>C", "BCA", ONE)], False),
        ([("A>B", "AB", ONE), ("A>B", "BA", OTHER)], [("B>A", "BA", ONE)], True),
        ([("A>B", "AB", ONE), ("A>B", "BA", ONE)], [("B>A", "BA", ONE)], False),
        ([("A>B", "AB", ONE)], [], None),
    ],
    ids=["steady", "swayed", "two minds", "each as before", "one not as before", "there counts", "one order"],
)
def test_whether_order_mattered_is_asked_of_each_judge_by_itself(
    duel: list[tuple[str, str, ModelRef]], before: list[tuple[str, str, ModelRef]], mattered: bool | None
) -> None:
    def said(*all_: tuple[str, str, ModelRef]) -> list[Verdict]:
        return [replace(verdict(ranking, order=order), model=model) for ranking, order, model in all_]

    assert judging.order_mattered(PAIR, said(*duel), said(*before)) is mattered
