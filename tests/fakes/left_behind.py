"""What programs leave behind: a filled database, one as it is after a crash, and what another program says
of it.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.fakes.library import Shelf, shelf, stalled

TOP = Path(__file__).parents[2]


def fill(folder: Path, events: int = 3) -> None:
    with shelf(folder) as books:
        books.begin()
        for seq in range(1, events + 1):
            books.log.append([stalled(seq)])


def frozen(folder: Path, version: int) -> Path:
    """A library as the program wrote it when the format was of this version: made then, never edited.

    Each holds a conversation "Light and air" with a tree of turns (t1 ─ t2 ─ t3 and t1 ─ t4, t3 looked at
    last), an archived one with a run that broke off, and one in the bin.
    """
    folder.mkdir(parents=True)
    packed = TOP / "tests" / "data" / f"library-format-{version}.db.gz"
    (folder / "cort.db").write_bytes(gzip.decompress(packed.read_bytes()))
    return folder


def fingerprints(folder: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.name in ("cort.db", "cort.db-wal") and (file.stat().st_size or file.name == "cort.db")
    }


def program(*arguments: str) -> list[str]:
    """What a process of its own says."""
    command = [sys.executable, "-m", "tests.fakes.log_writer", *arguments]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    return done.stdout.splitlines()


def crash(live: Path, copy: Path, events: int = 3, *, before: Callable[[Shelf], None] | None = None) -> None:
    """Make ``copy`` what a program leaves that dies while it has the database open."""
    with shelf(live) as books:
        if before is not None:
            before(books)
        else:
            books.begin()
        for seq in range(1, events + 1):
            books.log.append([stalled(seq)]).result()
        copy.mkdir(parents=True)
        for file in live.glob("cort.db*"):
            shutil.copy(file, copy / file.name)
