"""Settings of what runs on the person's own machine."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain.settings_reading import Reading, read


def reading(name: str, **keys: Any) -> Reading:
    return read({"providers": {name: keys}})


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("10m", "10m"),
        ("1h30m", "1h30m"),
        (600, "600s"),
        (-1, "-1"),
        (0, "0"),
        ("0", "0"),
        ("-1", "-1"),
        ("-1m", "-1m"),
    ],
)
def test_how_long_ollama_keeps_a_model(written: Any, told: str) -> None:
    found = reading("ollama", keep_alive=written)
    assert (found.settings.providers["ollama"].keep_alive, found.problems, found.warnings) == (told, (), ())


@pytest.mark.parametrize("written", ["soon", "", "10", 1.5, True, [], -2, 10**9, "10 m"])
def test_what_is_no_time(written: Any) -> None:
    (problem,) = reading("ollama", keep_alive=written).problems
    assert (problem.key, "must be a time" in problem.words) == ("providers.ollama.keep_alive", True)


def test_only_ollama_is_told() -> None:
    found = reading("mine", kind="openai", base_url="http://127.0.0.1:1/v1", keep_alive="10m")
    assert found.settings.providers["mine"].keep_alive is None
    assert "only Ollama" in found.warnings[0].words


def test_models_of_the_builtin_provider_are_files() -> None:
    paths = ["/m/My Model.gguf", "~/x.GGUF", r"C:\m\x.gguf"]
    found = reading("builtin", models=paths)
    assert found.problems == ()
    assert found.settings.providers["builtin"].models == tuple(paths)
    assert found.settings.providers["builtin"].refs == ("builtin/my-model", "builtin/x")
    for wrong in ("x.gguf", "/m/x.bin", "smollm2-135m"):
        (problem,) = reading("builtin", models=[wrong]).problems
        assert "whole paths of GGUF files" in problem.words
    plain = reading("mine", base_url="http://127.0.0.1:1/v1", models=["a", "b/c"]).settings.providers["mine"]
    assert plain.refs == ("mine/a", "mine/b/c")
