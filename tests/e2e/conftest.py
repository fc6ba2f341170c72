"""A home for the program, and one with a service that thinks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.programs import Home
from tests.e2e.thinkers import serving, think
from tests.fakes.scripted_server import ScriptedServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinking:
    """A home whose default model is a scripted service that thinks."""

    home: Home
    server: ScriptedServer


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return Home(tmp_path / "home")


@pytest.fixture
def thinking(tmp_path: Path) -> Iterator[Thinking]:
    """A home and its service."""
    with serving(think) as server:
        yield Thinking(home=Home(tmp_path / "home", server.base_url), server=server)
