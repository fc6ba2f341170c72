"""The real library of questions: seeded, scored by itself, never trusted with a model's answer as code."""

from __future__ import annotations

from pathlib import Path

import pytest

from cort_desktop.adapters.reasoning_tasks import ReasoningTasks
from cort_desktop.domain.bench import task_spec
from cort_desktop.errors import SettingsError, UsageError
from cort_desktop.services.bench import CHECK_TASKS

SOURCE = ReasoningTasks()
EVIL = ("__import__('os').system('touch {}')", "open('{}', 'w')", "[open('{}', 'w')]")


def test_questions_are_the_same_for_a_seed_and_score_themselves() -> None:
    spec = task_spec("chain_sum:min_terms=2:max_terms=2:min_digits=1:max_digits=1")
    one, same, other = (SOURCE.load(spec, items=5, seed=seed) for seed in (3, 3, 50))
    questions = [one.question(item) for item in range(5)]
    assert questions == [same.question(item) for item in range(5)]
    assert questions != [other.question(item) for item in range(5)]
    for item, question in enumerate(questions):
        sum_ = question.removeprefix("State the final answer to the following arithmetic problem: ")
        first, sign, second = sum_.rstrip("= ").split()
        value = int(first) + int(second) if sign == "+" else int(first) - int(second)
        assert one.score(item, str(value)) == 1
        assert one.score(item, str(value + 1)) < 1


@pytest.mark.parametrize("text", [task for _, task in CHECK_TASKS])
def test_the_tasks_of_the_check_are_there(text: str) -> None:
    made = SOURCE.load(task_spec(text), items=10, seed=1)
    assert len({made.question(item) for item in range(10)}) > 5
    assert made.score(0, "surely not this") < 1


def test_the_registered_tasks_are_there() -> None:
    import json

    file = Path(__file__).parents[1] / "data" / "bench_tasks.json"
    for text in json.loads(file.read_text(encoding="utf-8"))["tasks"]:
        assert SOURCE.load(task_spec(text), items=2, seed=1).question(1)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("chain_sums", 'did you mean "chain_sum"'),
        ("chain_sum:max_term=3", 'did you mean "max_terms"'),
        ("chain_sum:max_terms=0", "max_terms must be"),
        ("chain_sum:max_terms=words", "can't be made"),
        ("spiral_matrix", "run a model's answer as a program"),
        ("countdown", "run a model's answer as a program"),
    ],
)
def test_what_there_is_not_is_named(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        SOURCE.load(task_spec(text), items=2, seed=1)


@pytest.mark.endurance
def test_no_task_runs_an_answer(tmp_path: Path) -> None:
    """Every task that is offered is handed programs as answers; none may be carried out, none may raise."""
    for name in SOURCE.names():
        if name == "composite":  # made of others that a person names
            continue
        made = SOURCE.load(task_spec(name), items=1, seed=3)
        for evil in (*EVIL, "", "\x00", "[1, 2", "9" * 5000):
            made.score(0, evil.format(tmp_path / "touched"))
        assert not (tmp_path / "touched").exists(), name


def test_tasks_that_would_run_an_answer_are_not_offered() -> None:
    names = SOURCE.names()
    assert not {"spiral_matrix", "binary_matrix", "n_queens", "string_insertion", "puzzle24"} & set(names)
    assert {"chain_sum", "syllogism", "letter_counting", "number_sorting"} <= set(names)


def test_without_the_library_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr("cort_desktop.adapters.reasoning_tasks.importlib.import_module", missing)
    with pytest.raises(SettingsError, match=r"pip install \"cort-desktop\[bench\]\""):
        SOURCE.names()
