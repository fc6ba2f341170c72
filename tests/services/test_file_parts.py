"""A file that is too long for a model is attached in parts, by consent, and nothing of it is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.domain.ids import NodeName
from cort_desktop.errors import UsageError
from cort_desktop.services.attachments import read_named_file
from cort_desktop.services.file_parts import asked_part, part_of
from tests.fakes.desk import ask, asking, desk


@given(st.text(max_size=400), st.integers(1, 9))
def test_the_parts_are_the_whole_file(text: str, count: int) -> None:
    assert "".join(part_of(text, part, count) for part in range(1, count + 1)) == text


def test_parts_end_where_a_paragraph_or_a_line_ends() -> None:
    text = "".join(f"Paragraph {n} says this and that.\n\n" for n in range(60))
    parts = [part_of(text, part, 4) for part in (1, 2, 3, 4)]
    assert all(part.endswith("\n\n") for part in parts)
    assert max(map(len, parts)) < len(text) / 4 * 1.3


@pytest.mark.parametrize("name", ["a.txt#0/3", "a.txt#4/3", "a.txt#1/1000", "a.txt#1/0"])
def test_a_part_that_can_not_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="names no part"):
        asked_part(tmp_path / name)


def test_a_file_that_is_really_called_so_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "issue#1").write_text("x", encoding="utf-8")
    assert asked_part(tmp_path / "issue#1") is None
    assert asked_part(tmp_path / "plain.txt") is None


def test_a_part_of_a_file_that_no_file_can_be_is_refused_like_one(tmp_path: Path) -> None:
    for name in ("x" * 300 + "#1/2", "a\0b#1/2", "a\0b"):
        with pytest.raises(UsageError, match="can't be read"):
            read_named_file(tmp_path / name)


def test_a_file_too_long_is_refused_with_the_way_to_split_it_and_the_way_works(tmp_path: Path) -> None:
    """The words of the refusal are followed as they stand: each part they name is answered."""
    long = tmp_path / "notes.txt"
    long.write_text("".join(f"Line {n} of some long notes.\n" for n in range(2000)), encoding="utf-8")
    with desk(tmp_path / "data", context_tokens=4000) as at:
        refused = ask(at, asking("Sum up.", files=(long,), max_tokens=200)).state.nodes[NodeName("D")]
        assert at.model.requests == []
        assert refused.error is not None
        named = re.search(r"“notes\.txt#1/(\d+)” is the first of \1\)", refused.error.message)
        assert named is not None, refused.error.message
        count = int(named[1])
        for part in (1, count // 2, count):
            wish = asking("Sum up.", files=(Path(f"{long}#{part}/{count}"),), max_tokens=200)
            done = ask(at, wish)
            assert done.state.answer is not None
            assert done.state.started is not None
            (file,) = done.state.started.attachments
            assert file.name == f"notes.txt (part {part} of {count})"
            assert at.model.requests[-1].max_tokens == 200


def test_a_long_question_without_files_is_refused_in_plain_words(tmp_path: Path) -> None:
    with desk(tmp_path, context_tokens=300) as at:
        refused = ask(at, asking("word " * 3000)).state.nodes[NodeName("D")]
        assert refused.error is not None
        assert "shorten the question, or choose a model with a longer context" in refused.error.message
