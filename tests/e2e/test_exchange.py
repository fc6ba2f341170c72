"""A conversation goes from one home to another in a file: by the terminal, and by opening the file."""

from __future__ import annotations

import json
import signal
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Thinking
from tests.e2e.programs import PATIENCE_S, Home

CORT = ("--strategy", "cort", "--rounds", "1", "--alternatives", "2", "--judges", "1")
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}
NOWHERE = "http://127.0.0.1:9/v1"


def replayed(home: Home, run: str) -> list[dict[str, Any]]:
    return home.run("replay", run, "--events").check(0).events


def anonymous(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the ids: a run's, and what its first event names."""
    return [
        {**event, "run": None} | ({"conversation": None, "turn": None} if event["seq"] == 1 else {})
        for event in events
    ]


@pytest.mark.reliability(51)
def test_row_51_what_is_exported_here_is_the_same_there(thinking: Thinking, tmp_path: Path) -> None:
    """Row 51: the same events but for the ids; no key, no header and no path in the file."""
    here, there = thinking.home, Home(tmp_path / "there", NOWHERE)
    canary = "sk-canary-0123456789abcdef"
    here.configure(thinking.server.base_url, 'key_env = "MY_SERVER_KEY"')
    here.run("ask", "Why is the sky blue?", *CORT, env={"MY_SERVER_KEY": canary}).check(0)
    (run,) = here.runs()
    file = tmp_path / "it.cort"
    here.run("conversations", "export", "--all", "--out", str(file)).check(
        0, "Exported “Why is the sky blue?”"
    )
    here.run("conversations", "export", "--all", "--out", str(file)).refused(2, "is there already")
    done = there.run("conversations", "import", str(file)).check(0, "Imported “Why is the sky blue?”")
    assert done.text.split()[1:3] == ["1", "turn"]
    (copy,) = there.runs()
    assert copy != run
    assert anonymous(replayed(there, copy)) == anonymous(replayed(here, run))
    assert anonymous(replayed(there, copy))[0]["question"] == "Why is the sky blue?"
    plain = here.run("conversations", "export", "--all", "--out", "-", "--format", "json").check(0)
    assert json.loads(plain.out)["path"][0]["runs"][0]["id"] == run
    with zipfile.ZipFile(file) as packed:
        unpacked = b"".join(packed.read(name) for name in packed.namelist())
    for secret in (canary, str(here.path), "Authorization", thinking.server.base_url):
        assert secret.encode() not in plain.out + unpacked
    (tmp_path / "cut.cort").write_bytes(file.read_bytes()[:-7])
    there.run("conversations", "import", str(tmp_path / "cut.cort")).refused(6, "cut short or damaged")
    assert there.runs() == [copy]


@pytest.mark.skipif(sys.platform != "linux", reason="a screen that is none, and signals")
def test_a_file_is_opened_by_the_window_and_handed_over_by_the_next(
    thinking: Thinking, tmp_path: Path
) -> None:
    here, there = thinking.home, Home(tmp_path / "there", NOWHERE)
    here.run("ask", "Why is the sky blue?", "--strategy", "single").check(0)
    here.run("conversations", "export", "--all", "--out", str(tmp_path / "it.cort")).check(0)
    with there.start("gui", str(tmp_path / "it.cort"), env=OFFSCREEN) as window:
        wait_for(lambda: len(listed(there)) == 1)
        there.run(str(tmp_path / "it.cort"), env=OFFSCREEN).check(0)
        wait_for(lambda: len(listed(there)) == 2)
        window.signal(signal.SIGTERM)
        assert window.end().code == 0
    assert {each["title"] for each in listed(there)} == {"Why is the sky blue?"}


def listed(home: Home) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(home.run("conversations", "list", "--json").check(0).out)
    return found


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)
