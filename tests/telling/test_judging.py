"""The audit in words: every line there is, and none for what is not known."""

from __future__ import annotations

from cort_desktop.domain.auditing import Audit, PlacePreference, SelfPreference
from cort_desktop.telling.judging import INDICATOR, OWN_AUTHOR, audit_lines, audit_title

FULL = Audit(
    verdicts=31,
    abstained=2,
    agreement=0.834,
    swap_consistency=0.75,
    pairs=8,
    place=PlacePreference(share=0.5, expected=1 / 3),
    length=0.21,
    self_preference=SelfPreference(own=0.7, others=0.55),
    own_author=True,
    with_person=0.5,
    choices=2,
)


def test_everything_that_is_known_is_a_line() -> None:
    assert [(line.label, line.words) for line in audit_lines(FULL)] == [
        ("agreement", "0.83"),
        ("same in both orders", "0.75 over 8 pairs"),
        ("shown first", "came out first in 50%, by chance 33%"),
        ("length", "+0.21, longer answers did a little better"),
        ("own answers", "0.70 from their own model, 0.55 from others"),
        ("author", OWN_AUTHOR),
        ("you and the judges", "the same choice in 50% of 2 choices"),
    ]
    assert all(line.more or line.label == "author" for line in audit_lines(FULL))
    assert audit_title(FULL) == "31 verdicts read, 2 abstained"


def test_few_verdicts_are_called_an_indicator() -> None:
    assert audit_title(Audit(verdicts=1, abstained=0)) == f"1 verdict read ({INDICATOR})"
    assert audit_lines(Audit(verdicts=1, abstained=0)) == []


def test_length_is_told_by_its_size_and_sign() -> None:
    def said(length: float) -> str:
        (line,) = audit_lines(Audit(verdicts=1, abstained=0, length=length))
        return line.words

    assert said(-0.9) == "-0.90, shorter answers did better"
    assert said(0.05) == "+0.05, length made no difference"
