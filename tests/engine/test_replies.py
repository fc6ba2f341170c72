from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.search import DEFAULT_CRITERIA, Criterion
from cort_desktop.engine.replies import ReadVerdict, read_rounds, read_verdict, to_verdict

A, B, C = NodeName("R1.A1"), NodeName("R1.A2"), NodeName("R1.A3")
ORDER = (B, A, C)
LABELS = {"hgr": B, "flz": A, "xdz": C}
BEST_A = ((A,), (B,), (C,))


def entry(label: str, **changes: Any) -> dict[str, Any]:
    scores = {"correctness": 8, "completeness": 7, "instruction_following": 9, "clarity": 8}
    return {"candidate": label, "notes": "fine", **scores, "fatal_flaw": None} | changes


def body(**changes: Any) -> dict[str, Any]:
    return {
        "analysis": [entry("hgr"), entry("flz", clarity=9), entry("xdz", clarity=1, fatal_flaw="Wrong.")],
        "ranking": [["flz"], ["hgr"], ["xdz"]],
        "reason": "It is right.",
        "critique": "Too long.",
    } | changes


def text(**changes: Any) -> str:
    return json.dumps(body(**changes), ensure_ascii=False)


def read(reply: str, **changes: Any) -> ReadVerdict | None:
    arguments: dict[str, Any] = {
        "labels": LABELS,
        "order": ORDER,
        "criteria": DEFAULT_CRITERIA,
        "schema_asked": False,
    }
    return read_verdict(reply, **(arguments | changes))


def must_read(reply: str, **changes: Any) -> ReadVerdict:
    found = read(reply, **changes)
    assert found is not None
    return found


def test_a_whole_verdict_is_read() -> None:
    found = must_read(text())
    plain = {"correctness": 8, "completeness": 7, "instruction_following": 9, "clarity": 8}
    assert found == ReadVerdict(
        ranking=BEST_A,
        scores={B: plain, A: plain | {"clarity": 9}, C: plain | {"clarity": 1}},
        flaws={C: "Wrong."},
        reason="It is right.",
        critique="Too long.",
        parsed_by="json",
    )


def test_it_says_how_it_was_read() -> None:
    assert must_read(text(), schema_asked=True).parsed_by == "schema"
    assert must_read(f"\ufeff \n{text()}\n", schema_asked=True).parsed_by == "schema"
    assert must_read(f"Here: {text()}", schema_asked=True).parsed_by == "json"
    assert must_read("flz > hgr > xdz", schema_asked=True).parsed_by == "lines"


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "Sure!\n```json\n{}\n```\nHope that helps.",
        "```\n{}\n```",
        "I weigh {{this}} and {{that}}: {}",
        'A brace {{ and a quote " in prose.\n{}',
        "{}\nP.S. }} and {{",
        '<candidate id="hgr">\n{}\n</candidate>',
        '<think>{{"ranking": "later"}}</think>{}',
        '{{"verdict": {}}}',
        '{{"ranking": [["hgr"]]}} no, rather\n{}',
        '{{"ranking": [["hgr"], ["flz"], ["xdz"]]}} no, rather\n{}',
        '{}\n{{"ranking": "see above"}}',
    ],
)
def test_a_verdict_is_found_in_what_is_written_around_it(around: str) -> None:
    assert must_read(
        around.replace("{}", "@").replace("{{", "{").replace("}}", "}").replace("@", text())
    ) == (must_read(text()))


@pytest.mark.parametrize(
    "inside",
    ['a } and a { and a \\" quote', 'says {"ranking": [["xdz"], ["hgr"], ["flz"]]}', "two\nlines", "\\"],
)
def test_braces_and_quotes_inside_strings_are_text(inside: str) -> None:
    found = must_read("so: " + text(reason=inside))
    assert (found.ranking, found.reason) == (BEST_A, inside)


def test_a_raw_line_break_and_a_trailing_comma_are_forgiven() -> None:
    assert must_read('{"ranking": [["flz"], ["hgr"], ["xdz"],], "reason": "two\nlines",}').ranking == BEST_A


@pytest.mark.parametrize(
    "ranking",
    [
        [["flz"], ["hgr"], ["xdz"]],
        ["flz", "hgr", "xdz"],
        ["FLZ", "[hgr]", '"xdz".'],
        ["candidate flz", "<candidate id='hgr'>", "**xdz**"],
        [{"candidate": "flz"}, {"id": "hgr"}, {"candidate": ["xdz"]}],
        "flz > hgr > xdz",
        "flz, hgr, xdz",
        [["flz"], [], ["hgr"], ["xdz"]],
    ],
)
def test_rankings_are_read_however_they_are_written(ranking: Any) -> None:
    assert must_read(text(ranking=ranking)).ranking == BEST_A


@pytest.mark.parametrize("ranking", [[["flz"], ["hgr", "xdz"]], ["flz", "hgr = xdz"], "flz > hgr=xdz"])
def test_ties_share_a_place(ranking: Any) -> None:
    assert must_read(text(ranking=ranking)).ranking == ((A,), (B, C))


@pytest.mark.parametrize(
    "ranking",
    [
        None,
        [],
        {},
        3,
        "",
        "flz",
        ["flz", "hgr"],
        ["flz", "hgr", "xdz", "flz"],
        ["flz", "hgr", "hgr"],
        ["flz", "hgr", "abc"],
        ["flz", "hgr", "xdz", "abc"],
        ["flz", "hgr", None],
        ["flz", "hgr", 3],
        [["flz"], ["hgr"], [["xdz"]]],
        ["flz > hgr", "xdz"],
        ["x" * 100_000, "hgr", "xdz"],
        [["best id"], ["next id"]],
    ],
)
def test_a_ranking_that_is_not_exact_is_unreadable(ranking: Any) -> None:
    assert read(text(ranking=ranking)) is None


def test_a_label_of_the_run_that_was_not_shown_is_unknown() -> None:
    labels = LABELS | {"mmc": NodeName("D")}
    assert must_read(text(), labels=labels).ranking == BEST_A
    assert read(text(ranking=["flz", "hgr", "xdz", "mmc"]), labels=labels) is None


@pytest.mark.parametrize(
    ("said", "score"),
    [
        (8, 8),
        (8.0, 8),
        (7.5, 8),
        ("8", 8),
        (" 8.0 ", 8),
        ("8/10", 8),
        ("8 out of 10", 8),
        ("Eight", 8),
        (1, 1),
        (10, 10),
        (0, None),
        (11, None),
        (0.6, None),
        (10.4, None),
        (-3, None),
        ("80", None),
        ("very good", None),
        (True, None),
        (None, None),
        ([8], None),
        (1e308, None),
        (float("nan"), None),
        (float("inf"), None),
    ],
)
def test_scores_are_whole_numbers_from_1_to_10_or_nothing(said: Any, score: int | None) -> None:
    found = must_read(text(analysis=[entry("flz", clarity=said)]))
    assert found.scores[A].get("clarity") == score


@pytest.mark.parametrize(
    "analysis",
    [
        [{"candidate": "flz", "clarity": 9}],
        [{"candidate": "FLZ", "Clarity": "9"}],
        [{"id": "flz", "scores": {"clarity": 9}}],
        {"flz": {"clarity": 9}},
        [{"clarity": 99}, {"clarity": 9}, {}],
        [{"candidate": "flz", "clarity": 9}, {"candidate": "flz", "clarity": 1}],
        [{"candidate": "flz", "clarity": 9}, {"candidate": "abc", "clarity": 1}, "noise", None],
    ],
)
def test_scores_are_found_however_they_are_nested(analysis: Any) -> None:
    assert must_read(text(analysis=analysis)).scores == {A: {"clarity": 9}}


@pytest.mark.parametrize("analysis", [None, "good", 3, [], [[]], {"flz": 3}])
def test_without_an_analysis_the_ranking_still_counts(analysis: Any) -> None:
    found = must_read(text(analysis=analysis))
    assert (found.ranking, found.scores, found.flaws) == (BEST_A, {}, {})


def test_criteria_with_blanks_are_found_under_their_id() -> None:
    found = must_read(text(analysis=[{"candidate": "flz", "Instruction Following": 4}]))
    assert found.scores == {A: {"instruction_following": 4}}


@pytest.mark.parametrize(
    "empty", [None, "", " ", "None", "n/a", "null", "…", "one sentence", "few words", 3, ["x"]]
)
def test_what_only_fills_the_form_says_nothing(empty: Any) -> None:
    analysis = [entry("flz", fatal_flaw=empty)]
    found = must_read(text(analysis=analysis, reason=empty, critique=empty))
    assert (found.flaws, found.reason, found.critique) == ({}, None, None)


def test_long_texts_are_cut_and_unstorable_characters_replaced() -> None:
    found = must_read(text(critique="x" * 9000).replace("It is right.", "a\\ud83d\\u0000b"))
    assert found.critique == "x" * 2000
    assert found.reason == "a\ufffd\ufffdb"
    found.reason.encode()


@pytest.mark.parametrize(
    "lines",
    [
        "flz > hgr > xdz",
        "Ranking: flz > hgr > xdz",
        "**Ranking:** flz, hgr, xdz",
        "Final ranking: FLZ ≻ HGR ≻ XDZ.",
        "1. flz\n2. hgr\n3. xdz",
        "Ranking:\n\n1) **flz**\n\n2) `hgr`\n\n3) [xdz]\n\nThat is all.",
        "1. candidate flz\n2. candidate hgr\n3. candidate xdz",
        "I first thought hgr > flz > xdz but no.\nflz > hgr > xdz",
        "xdz > hgr > flz\nNo:\nflz > hgr > xdz",
        '1. <candidate id="flz">\n2. <candidate id="hgr">\n3. <candidate id="xdz">',
    ],
)
def test_rankings_in_lines(lines: str) -> None:
    assert must_read(lines) == ReadVerdict(ranking=BEST_A, parsed_by="lines")


@pytest.mark.parametrize(
    "lines", ["flz > hgr = xdz", "1. flz\n2. hgr, xdz".replace(",", " ="), "1. flz\n2. hgr\n2. xdz"]
)
def test_ties_in_lines(lines: str) -> None:
    assert must_read(lines).ranking == ((A,), (B, C))


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "flz",
        "flz is best, then hgr, then xdz.",
        "flz, hgr, xdz",
        "flz > hgr",
        "flz > hgr > xdz > flz",
        "flz > hgr > abc",
        "I say flz > hgr > xdz.",
        "1. flz: good\n2. hgr: bad\n3. xdz: worse",
        "1. flz\n2. hgr",
        "2. flz\n3. hgr\n4. xdz",
        "1. flz\nThen\n2. hgr\n3. xdz",
        "- flz\n- hgr\n- xdz",
    ],
)
def test_prose_is_not_a_ranking(lines: str) -> None:
    assert read(lines) is None


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_verdict_cut_short_counts_once_its_ranking_is_whole(cut: int) -> None:
    whole = text()
    ranked = whole.index('"reason"')
    shortened = whole[: ranked + 60 - cut]
    found = read(shortened)
    if len(shortened) >= ranked - 2:
        assert found is not None
        assert found.ranking == BEST_A
        assert found.scores == must_read(whole).scores
    else:
        assert found is None


def test_a_verdict_cut_before_its_ranking_is_unreadable() -> None:
    whole = text()
    readable = [n for n in range(len(whole)) if read(whole[:n]) is not None]
    assert readable == list(range(whole.index('], "reason"') + 1, len(whole)))


@pytest.mark.parametrize(
    ("low", "high", "weights", "contradictory"),
    [
        (8, 8, (1, 1), False),
        (7, 8, (1, 1), False),
        (8, 7, (1, 1), True),
        (8, 7, (0, 1), False),
    ],
)
def test_scores_against_the_ranking_are_flagged(
    low: int, high: int, weights: tuple[float, float], contradictory: bool
) -> None:
    criteria = (Criterion(id="clarity", weight=weights[0]), Criterion(id="other", weight=weights[1]))
    analysis = [
        {"candidate": "hgr", "clarity": low, "other": 5},
        {"candidate": "flz", "clarity": high, "other": 5},
    ]
    assert must_read(text(analysis=analysis), criteria=criteria).contradictory == contradictory


def test_tied_candidates_and_uneven_criteria_contradict_nothing() -> None:
    tied = text(
        ranking=[["flz", "hgr"], ["xdz"]], analysis=[entry("hgr", clarity=10), entry("flz", clarity=1)]
    )
    assert not must_read(tied).contradictory
    uneven = text(analysis=[{"candidate": "hgr", "clarity": 9}, {"candidate": "flz", "correctness": 2}])
    assert not must_read(uneven).contradictory


def event(found: ReadVerdict | None, **changes: Any) -> Verdict:
    arguments: dict[str, Any] = {
        "node": NodeName("R1.J1"),
        "round": 1,
        "purpose": "panel",
        "model": ModelRef("x/judge"),
        "order": ORDER,
        "labels": LABELS,
        "raw": "…",
    }
    return to_verdict(found, **(arguments | changes))


def test_the_event_of_a_verdict() -> None:
    found = must_read(text())
    told = event(found, excluded=(NodeName("D"),))
    assert (told.ranking, told.scores, told.flaws) == (found.ranking, found.scores, found.flaws)
    assert (told.reason, told.critique, told.parsed_by, told.weight) == (
        "It is right.",
        "Too long.",
        "json",
        1.0,
    )
    assert (told.order, told.labels, told.excluded, told.raw) == (ORDER, LABELS, (NodeName("D"),), "…")
    assert event(found, repaired=True).parsed_by == "repair"


def test_contradicting_scores_halve_the_weight() -> None:
    analysis = [entry("hgr", clarity=10), entry("flz", clarity=1)]
    assert event(must_read(text(analysis=analysis))).weight == 0.5


def test_an_unreadable_verdict_abstains() -> None:
    told = event(None, repaired=True)
    assert (told.parsed_by, told.ranking, told.weight, told.raw) == ("abstained", (), 0.0, "…")


@pytest.mark.parametrize(
    ("reply", "rounds"),
    [
        ("3", 3),
        (" 3. ", 3),
        ("**2**", 2),
        ("three", 3),
        ('{"rounds": 4}', 4),
        ('{\n  "rounds": 4', 4),
        ("rounds = 2", 2),
        ("On a scale from 1 to 5, I would say 3 rounds.", 3),
        ("It deserves 2 rounds because it has 4 parts.", 2),
        ("I think 2. Yes, 2.", 2),
        ("9", 5),
        ("0", None),
        ("-3", None),
        ("2.5", None),
        ("between 2 and 4", None),
        ("2 rounds or 3 rounds", None),
        ("many", None),
        ("someone", None),
        ("", None),
        ("9" * 5000, None),
    ],
)
def test_rounds(reply: str, rounds: int | None) -> None:
    assert read_rounds(reply, 5) == rounds


HOSTILE = [
    '{"ranking"' * 10_000,
    "<candidate id=" * 7_000 + ">",
    "> " * 50_000,
    "1. '" + "= " * 50_000,
    "{" * 20_000,
    "{" * 20_000 + "}" * 20_000,
    '{"ranking":' * 20_000,
    '{"ranking":' * 9_000 + "1" + "}" * 9_000,
    '{"a":"' + '\\"' * 50_000,
    '{"' * 50_000,
    "[" * 100_000,
    '{"ranking": ' + "[" * 100_000,
    '{"ranking": ' + "9" * 100_000 + "}",
    "flz > " * 16_000,
    "1. flz\n" * 14_000,
    "1." + " " * 100_000,
    "*" * 100_000,
    "Ranking" * 14_000,
    "{\\" * 50_000,
    '{"ranking": [["flz"],' + " " * 100_000,
    "," + " " * 100_000 + "{" + "," * 100_000,
    '{"ranking": "' + "=" * 100_000 + '"}',
    '{"rounds": ' * 9_000,
    "1 " * 50_000,
]


@pytest.mark.parametrize("reply", HOSTILE, ids=lambda reply: reply[:12])
def test_hostile_replies_are_unreadable_and_cost_no_more_than_their_length(reply: str) -> None:
    assert read(reply) is None
    assert read_rounds(reply, 5) in (None, 1)
    assert must_read(f"{reply}\n\nflz > hgr > xdz").ranking == BEST_A


@pytest.mark.parametrize("junk", ["{" * 20_000 + "}" * 20_000, "}" * 20_000, "[" * 20_000, '"' * 20_000])
def test_a_verdict_behind_junk_is_found(junk: str) -> None:
    assert must_read(junk + text()) == must_read(text())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(list(LABELS)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.text() | st.text(alphabet='{}[]",:\\ \nflzhgrxd123.>='))
@example('{"ranking": [["flz"], ["hgr"], ["xdz"]')
def test_any_text_is_read_without_an_error(reply: str) -> None:
    found = read(reply)
    if found is not None:
        assert sorted(node for group in found.ranking for node in group) == sorted(ORDER)
    rounds = read_rounds(reply, 5)
    assert rounds is None or 1 <= rounds <= 5


@settings(deadline=None)
@given(JSON, JSON, JSON)
def test_any_json_is_read_without_an_error(analysis: Any, ranking: Any, reason: Any) -> None:
    found = read(json.dumps({"analysis": analysis, "ranking": ranking, "reason": reason}))
    if found is not None:
        assert all(1 <= score <= 10 for scores in found.scores.values() for score in scores.values())
    assert must_read(text(analysis=analysis, reason=reason)).ranking == BEST_A


@settings(deadline=None)
@given(st.permutations(list(LABELS)), st.text(), st.text())
def test_what_a_judge_means_survives_the_form(labels: list[str], reason: str, notes: str) -> None:
    reply = text(ranking=[[label] for label in labels], reason=reason, analysis=[entry("flz", notes=notes)])
    assert must_read(f"Well. {reply} Done.").ranking == tuple((LABELS[label],) for label in labels)
