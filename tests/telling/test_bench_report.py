"""Reports of a bench: everything in them, nothing from anywhere, and no name that becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from cort_desktop.domain.bench import Contender, Recorded, task_spec
from cort_desktop.domain.bench_advice import advices
from cort_desktop.domain.bench_summary import Summary, summary
from cort_desktop.domain.ids import ModelRef
from cort_desktop.telling import bench_words as words
from cort_desktop.telling.bench_report import Plots, html, markdown
from tests.fakes.bench import ORIGIN, recorded, setup, trial

EVIL = '<script src="http://x.test/a.js"></script>'
PLOTS = Plots(light=b"<svg/>", dark=b"<svg id='d'/>")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_loads_nothing_and_follows_light_and_dark() -> None:
    of = setup("single", items=4, model=ModelRef(f"fake/{EVIL}"), tasks=(task_spec(EVIL.replace(":", "")),))
    page = html([(summary(recorded(of, lambda _: 0.5)), PLOTS)])
    tags = Tags()
    tags.feed(page)
    assert {"script", "link", "iframe"}.isdisjoint({tag for tag, _ in tags.found})
    addresses = [value for _, given in tags.found for name, value in given.items() if name in ("src", "href")]
    assert addresses
    assert all(value is not None and value.startswith("data:image/svg+xml;base64,") for value in addresses)
    assert page.count("prefers-color-scheme: dark") == 2
    assert "&lt;script" in page


def test_names_stay_names_in_markdown() -> None:
    of = setup("single", items=2, tasks=(task_spec("a|b_c*[x](y)"),))
    text = markdown(summary(recorded(of, lambda _: 1.0)))
    assert "a\\|b\\_c\\*\\[x](y)" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {len(words.HEADINGS) + 1}


def test_every_figure_has_its_interval() -> None:
    of = setup("single", "cort", items=30)
    text = markdown(summary(recorded(of, lambda _: 0.5)))
    assert len(re.findall(r"\| \d+\u00a0% \| \d+–\d+\u00a0% \|", text)) == 2


def test_a_check_leads_with_what_it_found() -> None:
    kind = (replace(task_spec("sums"), kind="numbers"),)
    of = setup("single", "preset:quick", items=60, tasks=kind)
    found = recorded(of, lambda each: 0.9 if each.is_preset else 0.2)
    assert "**Numbers**: Thinking harder pays: Quick gains" in markdown(summary(found))
    assert "<strong>Numbers.</strong> Thinking harder pays" in html([(summary(found), None)])


def test_words_of_every_finding_name_the_interval() -> None:
    of = setup("single", "preset:quick", items=60)
    shares = ((0.2, 0.9), (0.9, 0.1), (0.5, 0.5), (0.0, 0.0), (1.0, 1.0))
    said = set()
    for once, harder in shares:
        both = {"single": once, "preset:quick": harder}
        said.add(words.finding_words(advices(recorded(of, lambda each, both=both: both[each.label]))[0]))  # type: ignore[misc]
    assert len(said) == 5
    for sentence in said:
        assert "all of 60" in sentence or "none of 60" in sentence or "–" in sentence


def test_small_words() -> None:
    assert [words.points(value) for value in (0.04, -0.031, 0.001)] == ["+4", "−3", "0"]
    assert [words.chance(p) for p in (0.0001, 0.034, 1.0)] == ["< 0.001", "0.034", "1"]
    assert words.name_of(Contender(name="single")) == "asked once"
    assert words.name_of(Contender(name="quick", is_preset=True)) == "Quick"


def test_a_check_says_in_every_form_how_many_runs_brought_nothing() -> None:
    kind = (replace(task_spec("sums"), kind="numbers"),)
    of = setup("single", "preset:quick", items=30, tasks=kind)
    found = recorded(of, lambda _: 0.5)
    failed = replace(found, trials=(replace(found.trials[0], status="failed"), *found.trials[1:]))
    for text in (markdown(summary(failed)), html([(summary(failed), None)])):
        assert "1 of 60 runs brought no answer" in text


def test_one_question_is_named_as_one() -> None:
    assert ", 1 question of it." in words.setup_words(setup("single", items=1))


def held(*, controls: bool = True) -> Summary:
    """``cort`` for 300 tokens against a vote of two single answers of 100 each, on 30 questions."""
    of = setup("single", "cort", items=30, controls=controls)
    trials = []
    for item in range(of.items):
        single, cort = of.contenders
        trials.append(trial(single, item, item % 2 == 0, tokens=110))
        trials.append(trial(cort, item, item % 3 == 0, tokens=300, calls=4, output_tokens=90))
        trials += [trial("single", item, True, part="sample", index=at, tokens=110) for at in (1, 2)]
    return summary(Recorded(setup=of, origin=ORIGIN, trials=tuple(trials), is_closed=True))


def test_a_control_is_told_with_its_tokens_and_those_it_had_to_fit_into() -> None:
    rows = words.against_rows(held().parts[0])
    assert [row[:3] for row in rows] == [
        ("cort (300 tokens)", "one answer", "110"),
        ("", "a vote that fits into them", "220"),
        ("", "a judge’s pick that fits into them", "110"),
    ]
    assert all(len(row) == len(words.AGAINST) for row in rows)
    assert rows[0][4:] == ("−17 (−40 to +7)", "5", "10", "0.302")
    for text in (markdown(held()), html([(held(), None)])):
        assert "a vote that fits into them" in text
    assert "held against" not in markdown(held(controls=False)).split("Tokens are")[0]


def test_the_table_says_what_is_of_a_question_and_what_of_all() -> None:
    assert {"tokens each", "time each", "cost in all"} <= set(words.HEADINGS)
    assert "It took 4.0 calls and 90 output tokens for a question." in list(
        words.notes(held().parts[0].figures[1])
    )


def test_no_zero_is_less_than_another() -> None:
    assert [words._signed(value) for value in (-0.001, 0.0, -0.25)] == ["0.00", "0.00", "−0.25"]


def test_what_was_written_down_beforehand_is_shown() -> None:
    of = setup("single", items=2, words="Sums, as <b>written</b>.")
    found = summary(recorded(of, lambda _: 0.5))
    assert "“Sums, as \\<b>written\\</b>.”" not in markdown(found)  # nothing says it was registered
    found = replace(found, recorded=replace(found.recorded, origin=replace(ORIGIN, registered="f" * 64)))
    assert "“Sums, as \\<b>written\\</b>.”" in markdown(found)


def test_a_model_that_judges_itself_is_said_to() -> None:
    def heads(verdicts: int, *judges: str) -> str:
        of = setup("cort", items=2, judge_models=tuple(ModelRef(judge) for judge in judges))
        found = recorded(of, lambda _: 0.5)
        trials = tuple(replace(each, verdicts=verdicts) for each in found.trials)
        return " ".join(words.head(summary(replace(found, trials=trials))))

    assert "by the model that wrote them" in heads(1)
    assert "by the model that wrote them" not in heads(0)
    assert "by the model that wrote them" not in heads(1, "fake/judge")


def test_a_report_says_how_far_its_p_and_its_intervals_go() -> None:
    text = markdown(held())
    assert "not corrected for how many comparisons" in text
    assert "share one chance" not in text
    kind = (replace(task_spec("sums"), kind="numbers"),)
    check = summary(recorded(setup("single", "preset:quick", items=60, tasks=kind), lambda _: 0.5))
    for told in (markdown(check), html([(check, None)])):
        assert "share one chance" in told
