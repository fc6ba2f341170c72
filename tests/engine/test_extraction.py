from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cort_desktop.engine.extraction import answer_value, canonical, is_checkable
from cort_desktop.engine.numbers import number_value, written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Some work.\nAnswer: 42", "42"),
        ("Answer: 1\nNo, wait.\nAnswer: 2", "2"),
        ("Answer:\n\n  12 apples", "12"),
        ("**Answer:** 42\n", "42"),
        ("**Answer**: 42", "42"),
        ("### Final Answer: **B**\n", "B"),
        ("> The final answer: Paris.", "paris"),
        ("Answer: <42>", "42"),
        ("Answer: [42]", "42"),
        ("Answer: \\(x = 4\\)", "4"),
        ("Answer: \\boxed{A}", "A"),
        ("Answer: 3.50 dollars", "3.5"),
        ("Antwort: 3,5", "3.5"),
        ("Respuesta: Sí", "yes"),
        ("Réponse : 7", "7"),
        ("答案：42", "42"),
        ("答え: はい", "yes"),
        ("Ответ: 5 км", "5"),
        ("so it is $\\boxed{\\frac{1}{2}}$.", "0.5"),
        ("first \\boxed{1}, then \\boxed{12} cats", "12"),
        ("\\boxed{never closed", "never closed"),
        ("The answer is 7 because 3 + 4 = 7.", "7"),
        ("The answer is B.", "B"),
        ("12 + 30 = 42.", "42"),
        ("Step 1.\nThe total is 17 apples, not 18.", "18"),
        ("No.\n\n91 = 7 * 13", "no"),
        ("Yes, it is.", "yes"),
        ("It depends\n(C)", "C"),
        ("Answer:\n$$\n42\n$$", "42"),
        ("Answer:\n```text\n42\n```", "42"),
        ("Answer:\n\\[\n\\frac{3}{4}\n\\]", "0.75"),
        ("It costs \\boxed{\\$1{,}250}.", "1250"),
        ("Answer: $2\\sqrt{3}$", "2\\sqrt{3}"),
        ("Answer:\n```\n```", None),
        ("Nobody can say.", None),
        ("Answer:", None),
        ("", None),
    ],
)
def test_where_the_answer_stands(text: str, value: str | None) -> None:
    assert answer_value(text) == value


@pytest.mark.parametrize(
    "same",
    [
        ("42", "42.0", " 42 ", "+42", "42.", "**42**", "４２", "$42", "42 apples", "42个", "x = 42", "`42`"),
        ("1234.5", "1,234.50", "1.234,5", "1 234,5", "1'234.5", "1,234.5 km"),
        ("1234567", "1,234,567", "1.234.567", "1 234 567"),
        ("-7", "−7", "- 7", "–7", "(-7)", "$(-7)$"),
        ("18", "\\$18", "$\\$18.00$", "(18)"),
        ("10000", "10,000", "10{,}000", "10\\,000", "10\\ 000", "\\$10{,}000"),
        ("0.5", "1/2", "½", ".5", "0,5", "2/4", "\\frac{1}{2}", "\\dfrac{1}{2}"),
        ("1.5", "1 1/2", "1½", "3/2", "1\\frac{1}{2}", "1\\dfrac12", "\\frac32"),
        ("-0.5", "-1/2", "-\\frac{1}{2}", "\\frac{-1}{2}", "-\\frac12"),
        ("1/3", "2/6", "⅓"),
        ("1000", "1e3", "10³", "10^3", "1 thousand", "1,000", "1 × 10^3", "1 \\times 10^{3}"),
        ("25", "25 m²", "25 m^2", "25 square metres", "25%"),
        ("B", "b", "(B)", "B.", "B)", "[b]", "Option B", "B) Paris", "\\text{B}"),
        ("yes", "Yes", "YES.", "yes, because", "Ja", "oui", "да", "是", "はい"),
        ("no", "No", "no; never", "Nein", "нет"),
        ("the eiffel tower", "The Eiffel  Tower.", "“The Eiffel Tower”", "*The Eiffel Tower*"),
    ],
)
def test_what_is_written_differently_compares_equal(same: tuple[str, ...]) -> None:
    assert {written: canonical(written) for written in same} == dict.fromkeys(same, same[0])


@pytest.mark.parametrize(
    "apart",
    [
        ("1/3", "0.333"),
        ("2", "2x", "2!"),
        ("2", "2\\pi", "2π cm", "2\\pi r"),
        ("0.5", "\\frac{\\pi}{2}", "\\frac{1}{2}\\pi"),
        ("1.234", "1,234"),
        ("3:30", "3"),
        ("12", "12 or 13"),
        ("2024-05-01", "2024"),
        ("1,2,3", "123"),
        ("[0,1]", "0,1"),
        ("5x", "5x^2"),
        ("a dog", "A"),
        ("yesterday", "yes"),
        ("no one", "no"),
        ("1/0", "0"),
        ("3\\frac{1}{2}", "31/2"),
        ("(1)(2)", "12"),
        ("\\frac{1}{2x}", "\\frac{1}{2}"),
    ],
)
def test_what_means_something_else_stays_apart(apart: tuple[str, ...]) -> None:
    values = [canonical(value) for value in apart]
    assert len(set(values)) == len(apart)
    assert None not in values


@pytest.mark.parametrize("value", ["", "  ", "...", "**", "word " * 100])
def test_nothing_and_too_much_are_no_value(value: str) -> None:
    assert canonical(value) is None


@pytest.mark.parametrize(
    "question",
    [
        "What is 12 + 30?",
        "How many r's are in strawberry?",
        "Is 91 prime?",
        "Solve 2x + 3 = 7",
        "What is the square root of 144?",
        "What is the next number? 2, 4, 8",
        "Which of the following is a mammal?\nA) Shark\nB) Whale\nC) Trout",
        "Which option best describes it? (A) red (B) blue",
        "What year did the war end?",
        "When did the Berlin Wall fall?",
        "Yes or no: is water wet?",
        "Wie viele Einwohner hat Bern?",
        "¿Cuántos días tiene marzo?",
        "法国有多少人口？",
        "Сколько дней в марте?",
    ],
)
def test_questions_with_one_comparable_answer(question: str) -> None:
    assert is_checkable(question)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Why is the sky blue?",
        "Write a story about 3 pigs",
        "Can you name 3 poets?",
        "What is 12 + 30, and why?",
        "How should I invest $1000?",
        "How many hours should I sleep?",
        "What is the capital of France?",
        "Is it a good idea to quit my job?",
        "Compare Python 3 and Go 1",
        "a) Explain gravity\nb) Calculate 3 + 4",
        "Fix this:\n```\nx = 1 + 2\n```",
        "Was ist der Sinn des Lebens?",
        "解释 2 + 2",
    ],
)
def test_prose_and_doubtful_questions_are_judged(question: str) -> None:
    assert not is_checkable(question)


@settings(deadline=None)
@given(st.text())
@example("\\boxed{" * 1000)
@example("Answer: " * 1000)
@example("1," * 50_000)
@example("* " * 50_000 + "Answer:")
@example("1/" * 50_000)
@example("9" * 100_000)
@example("the answer is " * 7_000)
def test_any_text_is_read_without_an_error(text: str) -> None:
    value = answer_value(text)
    assert value is None or (value and len(value) <= 200)
    is_checkable(text)


@settings(deadline=None)
@given(st.fractions())
def test_numbers_keep_their_value(number: Fraction) -> None:
    canonical_form = number_value(f"{number.numerator}/{number.denominator}"[:60])
    if len(f"{number.numerator}/{number.denominator}") <= 60:
        assert canonical_form is not None
        assert Fraction(canonical_form) == number


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6))
def test_finite_decimals_are_written_without_an_exponent(number: object) -> None:
    form = written(Fraction(str(number)))
    assert Fraction(form) == Fraction(str(number))
    assert "e" not in form
    assert not (form.endswith("0") and "." in form)
    assert canonical(form) == form


@settings(deadline=None)
@given(st.text(max_size=100))
def test_a_canonical_number_or_choice_stays_what_it_is(text: str) -> None:
    value = canonical(text)
    if value is not None and (number_value(value) is not None or value in ("A", "B", "yes", "no")):
        assert canonical(value) in (value, number_value(value))
