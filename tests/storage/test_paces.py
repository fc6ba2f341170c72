"""Measured seconds of calls, as the next run's estimate uses them."""

from __future__ import annotations

from pathlib import Path

import apsw

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.storage.database import Database
from cort_desktop.storage.paces import LAST, Paces, note_pace
from tests.fakes.loops import LoopClock

MODEL = ModelRef("p/m")


def end(node: str, seconds: float | None, *, cached: bool = False) -> ev.NodeFinished:
    return ev.NodeFinished(
        node=NodeName(node), text="t", finish="stop", model=MODEL, seconds=seconds, cached=cached
    )


def test_the_median_of_the_newest_by_kind(tmp_path: Path) -> None:
    with Database.open(tmp_path, clock=LoopClock()) as database:
        paces = Paces(database)
        assert paces.seconds(MODEL, verdict=False) is None

        def note(*ends: ev.NodeFinished) -> None:
            def work(connection: apsw.Connection) -> None:
                for each in ends:
                    note_pace(connection, each)

            database.write(work).result()

        note(end("D", 1.0), end("R1.A1", 2.0), end("R1.A2", 9.0), end("R1.J1", 4.0))
        note(end("R1.A3", None), end("R1.A4", 99.0, cached=True), end("X1", 50.0))
        assert paces.seconds(MODEL, verdict=False) == 2.0
        assert paces.seconds(MODEL, verdict=True) == 4.0
        assert paces.seconds(ModelRef("p/other"), verdict=True) is None
        note(*(end(f"R2.A{n}", 7.0) for n in range(LAST)))
        assert paces.seconds(MODEL, verdict=False) == 7.0
