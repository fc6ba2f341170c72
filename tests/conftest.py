"""A test fails on any surprise: a warning, a log line at WARNING or above, the network, a left-over thread.

Warnings are errors by pyproject's ``filterwarnings``; left-over tasks are found by ``tests.fakes.loops``.
"""

from __future__ import annotations

import gc
import ipaddress
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts a program in the background has it ignore Ctrl-C, and what that starts inherits it:
    # tests of Ctrl-C would wait for ever.
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # a test that needs a real screen starts one itself

settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


def _is_loopback(host: Any) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return text.endswith(".localhost")


def _no_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not _is_loopback(address[0]):
            raise PermissionError(f"a test asked for the network: {address}")
    elif event == "socket.getaddrinfo" and not _is_loopback(arguments[0]):
        raise PermissionError(f"a test looked up a host: {arguments[0]}")


sys.addaudithook(_no_network)


def pytest_configure(config: pytest.Config) -> None:
    """Markers of this suite; ``--strict-markers`` refuses any other."""
    config.addinivalue_line("markers", "reliability(row, ...): proves these rows of the reliability table")
    config.addinivalue_line("markers", "expects_log: this test provokes log lines at WARNING or above")
    config.addinivalue_line("markers", "endurance: takes long, and is left out unless -m asks for it")
    config.addinivalue_line("markers", "builtin: asks the real built-in model")


def pytest_collection_finish() -> None:
    """Whatever was loaded until now stays: no collection looks at it again. The tests of the window collect
    after each test, which would else take longer than the tests.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture
def logged() -> Iterator[list[logging.LogRecord]]:
    """The log lines at WARNING or above of this test."""
    records: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    keep = Keep(level=logging.WARNING)
    logging.getLogger().addHandler(keep)
    yield records
    logging.getLogger().removeHandler(keep)


@pytest.fixture(autouse=True)
def no_surprising_log(request: pytest.FixtureRequest, logged: list[logging.LogRecord]) -> Iterator[None]:
    """Log lines at WARNING or above fail the test, unless it is marked ``expects_log``."""
    yield
    if request.node.get_closest_marker("expects_log") is None:
        assert not logged, "unexpected log: " + "; ".join(record.getMessage() for record in logged)


def _was_started(thread: threading.Thread) -> bool:
    """A thread of Qt's own that once asked who it is stays listed for good, though it ended long ago."""
    return thread.is_alive() and not isinstance(thread, threading._DummyThread)


@pytest.fixture(autouse=True)
def no_leftover_threads() -> Iterator[None]:
    """Every thread a test starts must have ended with it."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 2
    while extra := [t for t in threading.enumerate() if t not in before and _was_started(t)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.01)
    assert not extra, f"left-over threads: {extra}"
