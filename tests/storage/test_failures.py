"""The newest failed calls, as the doctor tells them."""

from __future__ import annotations

from pathlib import Path

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.search import Fault
from cort_desktop.storage.failures import last_failures
from tests.fakes.library import event, shelf


def test_the_newest_failures_oldest_first(tmp_path: Path) -> None:
    with shelf(tmp_path) as books:
        assert last_failures(books.database) == []
        books.begin()
        failed = [
            ev.NodeFailed(node=NodeName(f"R1.A{n}"), error=Fault(kind="unavailable", message=f"fault {n}"))
            for n in range(1, 5)
        ]
        books.log.append([event(n, body) for n, body in enumerate(failed, 1)]).result()
        lines = last_failures(books.database, limit=2)
        assert [line.rpartition(" run run-1: ")[2] for line in lines] == ["fault 3", "fault 4"]
        assert "R1.A4" in lines[-1]
