"""A person's own files as models: found, named, checked against memory, asked for real."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.ids import ModelRef, own_model_name
from cort_desktop.errors import ProviderError
from cort_desktop.providers import own_models
from cort_desktop.providers.gguf import GgufFacts, read_gguf
from cort_desktop.providers.model_file import ModelFiles, reserved_names
from cort_desktop.providers.own_models import OwnModels
from tests.fakes.builtin import KNOWN, NAME, asking, nothing, opened, real_files
from tests.fakes.gguf import FACTS, gguf, put
from tests.fakes.loops import run

GB = 1_000_000_000


def found(folder: Path, *listed: Path, **changes: Any) -> OwnModels:
    return OwnModels(
        folder, listed=lambda: [str(path) for path in listed], reserved=reserved_names(KNOWN), **changes
    )


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/x/Qwen2.5-7B-Instruct.Q4_K_M.gguf", "qwen2.5-7b-instruct.q4_k_m"),
        (r"C:\models\My Model (new).GGUF", "my-model-new"),
        ("big-00001-of-00003.gguf", "big"),
        ("/x/ünï.gguf", "n"),
        ("/x/….gguf", "model"),
    ],
)
def test_names(path: str, name: str) -> None:
    assert own_model_name(path) == name


def test_a_path_that_no_file_can_have_takes_no_other_model_away(tmp_path: Path) -> None:
    put(tmp_path / "good.gguf")
    there = found(tmp_path, tmp_path / "bad\0.gguf").all()
    assert [(each.name, each.model is not None) for each in there] == [("bad", False), ("good", True)]
    assert "can't be read" in there[0].problem


def test_files_of_the_folder_and_of_the_settings(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "models", tmp_path / "elsewhere"
    put(folder / "B.gguf")
    put(folder / "broken.gguf", b"<html>" * 20)
    put(folder / "notes.txt", b"x")
    put(folder / next(iter(KNOWN.values())).file_name)
    own = found(folder, put(elsewhere / "A.gguf"), elsewhere / "gone.gguf", put(elsewhere / "sub" / "b.gguf"))
    files = own.all()
    assert [(file.name, file.path.parent.name, file.problem) for file in files] == [
        ("a", "elsewhere", ""),
        ("gone", "elsewhere", "is not there"),
        ("b", "sub", ""),
        ("broken", "models", "is a web page; the download went wrong"),
    ]
    model = own.named("a")
    assert model is not None
    assert model.profile.ref == ModelRef("builtin/a")
    assert (model.context_tokens, model.profile.context_tokens, model.profile.default_max_tokens) == (
        4096,
        4096,
        1024,
    )
    assert own.named("nothing") is None
    with pytest.raises(ProviderError, match="is a web page") as refused:
        own.named("broken")
    assert (refused.value.kind, refused.value.sent) == ("model_file", False)


def test_without_a_folder_there_are_none(tmp_path: Path) -> None:
    assert found(tmp_path / "none").all() == []


def test_a_header_is_read_once_as_long_as_the_file_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def watched(path: Path) -> GgufFacts:
        seen.append(path)
        return read_gguf(path)

    monkeypatch.setattr(own_models, "read_gguf", watched)
    path, own = put(tmp_path / "a.gguf"), found(tmp_path)
    assert own.all() == own.all()
    assert len(seen) == 1
    put(path, gguf(tensors=3))
    os.utime(path, ns=(1, 1))
    assert own.all()[0].model is not None
    assert len(seen) == 2


def test_a_model_in_parts(tmp_path: Path) -> None:
    def part(number: int, count: int = 3) -> bytes:
        return gguf({**FACTS, "split.count": count, "split.no": number})

    first = put(tmp_path / "big-00001-of-00003.gguf", part(0))
    put(tmp_path / "big-00002-of-00003.gguf", part(1))
    own = found(tmp_path)
    assert [file.problem for file in own.all()] == [
        "is one of 3 parts, and big-00003-of-00003.gguf is not beside it"
    ]
    third = put(tmp_path / "big-00003-of-00003.gguf", part(2))
    (file,) = own.all()
    assert file.model is not None
    assert (file.name, file.path, file.model.bytes) == ("big", first, 3 * len(part(0)))
    with pytest.raises(ProviderError, match="is part 3 of 3; name the first one, big-00001-of-00003"):
        own.checked(third)
    with pytest.raises(ProviderError, match="its name should end like -00001-of-00003"):
        own.checked(put(tmp_path / "renamed.gguf", part(0)))


def test_memory_is_looked_at_before_a_process_is_started(tmp_path: Path) -> None:
    put(tmp_path / "a.gguf")
    files = ModelFiles({}, folder=tmp_path, cache=tmp_path, own=found(tmp_path, free=lambda: GB // 10))
    with pytest.raises(
        ProviderError, match=r"needs about 0.3 GB of memory and 0.1 GB are free.*\(it is 4096 now\)"
    ):
        files.find("a")
    for free in (lambda: GB, lambda: None):
        files = ModelFiles({}, folder=tmp_path, cache=tmp_path, own=found(tmp_path, free=free))
        assert files.find("a") == tmp_path / "a.gguf"


@pytest.mark.parametrize(
    ("set_tokens", "trained", "context"),
    [(None, 4096, 4096), (None, 131072, 8192), (None, None, 8192), (2048, 4096, 2048), (32768, 4096, 4096)],
)
def test_how_much_context(tmp_path: Path, set_tokens: int | None, trained: int | None, context: int) -> None:
    put(tmp_path / "a.gguf", gguf({**FACTS, "llama.context_length": trained}))
    model = found(tmp_path, context=lambda: set_tokens).named("a")
    assert model is not None
    assert (model.context_tokens, model.trained_tokens) == (context, trained)


def test_an_unknown_name_says_what_there_is(tmp_path: Path) -> None:
    put(tmp_path / "a.gguf")
    files = ModelFiles(KNOWN, folder=tmp_path, cache=tmp_path, own=found(tmp_path))
    with pytest.raises(ProviderError, match=rf"there is a, {NAME}.*models install FILE.gguf") as refused:
        files.named("b")
    assert refused.value.kind == "not_found"
    assert [profile.ref for profile in files.profiles()] == [f"builtin/{NAME}", "builtin/a"]


@pytest.mark.builtin
def test_a_file_of_ones_own_answers(tmp_path: Path) -> None:
    """The model that ships, under another name."""
    whole = real_files(tmp_path / "cache").find(NAME)
    mine = tmp_path / "mine" / "My own.gguf"
    mine.parent.mkdir()
    mine.symlink_to(whole)
    own = found(tmp_path / "none", mine, context=lambda: 2048)
    files = ModelFiles(KNOWN, folder=tmp_path / "none", cache=tmp_path / "cache", own=own)

    async def main() -> str:
        async with opened(tmp_path, files=files, name="my-own") as model:
            assert (model.profile.context_tokens, model.serves(files.named("my-own"))) == (2048, True)
            return (await asyncio.wait_for(model.complete(asking(), nothing), 60)).text

    assert run(main())
