"""What parent and child agree on, without a process: the environment, the threads, the report."""

from __future__ import annotations

import os
import sys

import pytest

from cort_desktop.providers.builtin_child import ChildReport, read_report, threads_to_use
from cort_desktop.providers.builtin_process import child_environment


def test_the_environment_that_is_passed_on_holds_no_keys() -> None:
    passed = child_environment({"PATH": "/bin", "MY_SERVER_KEY": "secret", "LD_PRELOAD": "x", "LANG": "C"})
    assert passed.pop("PYTHONPATH")
    assert passed == {"PATH": "/bin", "LANG": "C"}


def test_threads_leave_one_core_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for cores, threads in ((1, 1), (2, 1), (8, 7)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: set(range(cores)), raising=False)
        assert threads_to_use() == threads


def test_reports_survive_the_pipe() -> None:
    report = ChildReport(address="http://127.0.0.1:1", slots=4, context_tokens=8192, guided=True)
    assert read_report(report.line().encode()) == report
    assert read_report(b"") is None
    assert read_report(b"[1]") is None
    assert read_report(b'{"unknown": 1}') is None
