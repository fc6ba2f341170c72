from __future__ import annotations

import re

import pytest

from cort_desktop.domain.ids import NodeName
from cort_desktop.engine.labels import label, labels_for


def test_labels_are_three_lower_case_consonants_unique_in_a_run() -> None:
    labels = [label(7, ordinal) for ordinal in range(7000)]
    assert len(set(labels)) == 7000
    assert all(re.fullmatch("[bcdfghjklmnpqrstvwxz]{3}", name) for name in labels)


def test_labels_follow_the_seed_alone() -> None:
    assert [label(7, i) for i in range(50)] == [label(7, i) for i in range(50)]
    assert [label(7, i) for i in range(50)] != [label(8, i) for i in range(50)]
    # On every machine and Python: a run resumed elsewhere must not show one label for two nodes.
    assert [label(7, i) for i in range(3)] == ["hgr", "flz", "xdz"]


@pytest.mark.parametrize("unfit", ["kkk", "fck", "sql", "php", "xxx"])
def test_rude_and_confusing_labels_are_left_out(unfit: str) -> None:
    assert unfit not in {label(1, ordinal) for ordinal in range(8000)}


def test_labels_keep_the_order_given_and_a_node_keeps_its_label() -> None:
    draft, other = NodeName("D"), NodeName("R1.A1")
    there = labels_for(7, {draft: 0, other: 1})
    back = labels_for(7, {other: 1, draft: 0})
    assert there == back
    assert list(there.values()) == [draft, other]
    assert list(back.values()) == [other, draft]


def test_no_candidate_is_lost_where_labels_come_round() -> None:
    count = next(n for n in range(1, 9000) if label(7, n) == label(7, 0))
    nodes = {NodeName("D"): 0, NodeName("R900.A1"): count, NodeName("R900.A2"): 1}
    assert list(labels_for(7, nodes).values()) == list(nodes)
