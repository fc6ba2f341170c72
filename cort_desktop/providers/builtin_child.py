"""The program of the child process in which llama.cpp runs the built-in model: ``cort-desktop _builtin``.

A crash in there does not take the window along, and nobody else on the machine may ask it: it listens on
loopback at a random port and wants a key. Everything it must know comes as one JSON line on standard input,
never by arguments or environment, which others may read; where it listens goes back as one JSON line.
Standard input stays open as long as the parent lives: at its end the child ends too. llama.cpp's own words go
to standard error.

Not here: starting, asking and ending the child (``builtin``), and which file it loads (``model_file``).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from typing import Any, TextIO

_LIBRARY = "library"
_LOADING = "loading"
_ERRORS_ONLY = 1
_PING_S = 10
_BATCH = 512
_HERE = "127.0.0.1"
_SIGNAL_WHEN_PARENT_DIES = 1
"""PR_SET_PDEATHSIG of Linux's prctl."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildOrder:
    """What the child is to do. ``context_tokens`` is shared by all slots; one call may take all of it.
    ``kept_tokens`` come on top for prompts of before: answers and verdicts begin differently, and a long
    beginning of each must fit, or every round would read its conversation anew.

    alias: the model's name in answers, so that no path gets into a log. key: random, 32 bytes or more.
    """

    path: str
    alias: str
    key: str
    slots: int
    context_tokens: int
    threads: int
    kept_tokens: int = 0

    def line(self) -> bytes:
        """As one line for the child's standard input."""
        return json.dumps(asdict(self)).encode() + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildReport:
    """What the child says once: where it listens, or what went wrong (``failed`` and ``detail``).

    guided: whether llguidance holds replies to their schema, which can do without idle blanks.
    failed: empty, ``library`` when llama.cpp can't be imported, ``loading`` when it refused the model.
    """

    address: str = ""
    slots: int = 0
    context_tokens: int = 0
    guided: bool = False
    failed: str = ""
    detail: str = ""

    @property
    def without_library(self) -> bool:
        """Whether llama.cpp itself is missing."""
        return self.failed == _LIBRARY

    def line(self) -> str:
        """As one line for the parent."""
        return json.dumps(asdict(self)) + "\n"


def read_report(line: bytes) -> ChildReport | None:
    """The report in ``line``; None when the child ended without one."""
    try:
        return ChildReport(**json.loads(line))
    except (ValueError, TypeError):
        return None


def threads_to_use() -> int:
    """One fewer than the cores this process may use: with all of them a busy machine slows down tenfold."""
    if sys.platform == "linux":
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, cores - 1)


def main() -> int:
    """Load, report, serve until standard input ends. Returns an exit code unless it served."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    reports = _take_standard_output()
    # While the parent still looks at the file, what takes long is already done.
    report, params = _new_params()
    order = sys.stdin.buffer.readline()
    if not order:
        return 0
    server = None
    if params is not None:
        report, server = _serve(params, ChildOrder(**json.loads(order)))
    # A parent that gave up meanwhile has closed the pipe.
    with contextlib.suppress(BrokenPipeError), reports:
        reports.write(report.line())
    if server is None:
        return 1
    sys.stdin.buffer.read()
    # At once: the parent is gone or doesn't want to wait for llama.cpp's threads.
    os._exit(0)


def _new_params() -> tuple[ChildReport, Any]:
    try:
        import xllamacpp
    except ImportError as error:
        return ChildReport(failed=_LIBRARY, detail=str(error)), None
    return ChildReport(), xllamacpp.CommonParams()


def _serve(params: Any, order: ChildOrder) -> tuple[ChildReport, Any]:
    import xllamacpp

    # llama.cpp takes UTF-8, but names on disk are bytes, which Python reads by the locale, whatever that is.
    params.model.path = os.fsencode(order.path).decode("utf-8", "surrogateescape")
    params.model_alias = {order.alias}
    params.api_keys = [order.key]
    params.hostnames = [_HERE]
    params.port = 0
    params.n_parallel = order.slots
    params.n_ctx = order.context_tokens + order.kept_tokens
    params.kv_unified = True
    # Prompts are read in small pieces, so that a long one does not make the other answers stand still.
    params.n_batch = _BATCH
    params.cpuparams.n_threads = order.threads
    params.cpuparams_batch.n_threads = order.threads
    # A second copy of old prompts would take up to 8 GB; the slots keep theirs anyway.
    params.cache_ram_mib = 0
    params.cache_idle_slots = False
    # The parent is told these numbers and relies on them: nothing is shrunk in silence.
    params.fit_params = False
    params.warmup = False
    params.offline = True
    params.ui = False
    params.endpoint_slots = False
    params.cors_origins = ""
    params.sse_ping_interval = _PING_S
    params.verbosity = _ERRORS_ONLY
    try:
        server = xllamacpp.Server(params)
        address = server.listening_address
    except (RuntimeError, ValueError, MemoryError, OSError) as error:
        return ChildReport(failed=_LOADING, detail=str(error)), None
    report = ChildReport(
        address=address,
        slots=order.slots,
        context_tokens=order.context_tokens,
        guided=str(xllamacpp.json_schema_to_grammar({"type": "null"})).startswith("%llguidance"),
    )
    return report, server


def _take_standard_output() -> TextIO:
    """Standard output as it was; what llama.cpp prints there from now on goes to standard error."""
    ours = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(ours, "w", encoding="utf-8")


def _die_with_parent() -> None:
    """A second net under the end of standard input, which nobody reads while the model loads."""
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SIGNAL_WHEN_PARENT_DIES, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main())
