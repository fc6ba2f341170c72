"""The real window in bad company: folders that can't be written, a library that is locked, a full disk, a
service that says the worst, a process that is stopped for seconds, an end at every moment of the start.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import apsw
import pytest

from tests.e2e.programs import TOP, Home, command
from tests.e2e.rights import as_plain_user, modes, with_files_up_to
from tests.e2e.thinkers import is_judge, serving, think
from tests.fakes.hostile import Bait
from tests.fakes.real_screen import Program, real_screen
from tests.fakes.replies import Reply, chat_reply
from tests.fakes.scripted_server import Request, ScriptedServer

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="signals, permissions and X11 as Linux has them"
)
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}
LOOK_S = 1.5
"""So long a window is left alone once its loop runs."""


def catches(process: subprocess.Popen[bytes]) -> bool:
    """Whether a process takes the polite end into its own hands, as the window does once its loop runs."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def left_alone(process: subprocess.Popen[bytes], after_s: float | None, look_s: float) -> None:
    """Wait ``after_s``, None: until the window is up and ``look_s`` more. Less when it ends before."""
    while after_s is None and process.poll() is None and not catches(process):
        time.sleep(0.02)
    with suppress(subprocess.TimeoutExpired):
        process.wait(look_s if after_s is None else after_s)


def shown_and_closed(
    home: Home,
    *,
    after_s: float | None = None,
    look_s: float = LOOK_S,
    before: Callable[[], None] | None = None,
    code: int = 0,
) -> str:
    """Start the window off screen, close it politely; what it said. It neither hangs nor breaks."""
    process = subprocess.Popen(
        command(["gui"]),
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=home.environment(OFFSCREEN),
        preexec_fn=before,  # noqa: PLW1509 - no thread of the tests is in the way
    )
    with process:
        left_alone(process, after_s, look_s)
        is_early = process.poll() is None and not catches(process)
        process.send_signal(signal.SIGTERM)
        try:
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    words = said.decode(errors="replace")
    assert "Traceback" not in words, words
    assert process.returncode == code or (is_early and process.returncode == -signal.SIGTERM), words
    assert list(home.path.glob("logs/crash-*")) == []
    return words


@pytest.mark.endurance
@pytest.mark.parametrize("after_ms", [50, 650, 1700])
def test_it_can_be_closed_at_every_moment_of_its_start(tmp_path: Path, after_ms: int) -> None:
    home = Home(tmp_path / "home", "http://127.0.0.1:9/v1")
    shown_and_closed(home, after_s=after_ms / 1000)
    shown_and_closed(home)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", "http://127.0.0.1:9/v1")
    shown_and_closed(home)
    folders = [each for each in (home.path, home.data, home.path / "logs") if each.exists()]
    with modes(dict.fromkeys(folders, 0o555)):
        shown_and_closed(home, before=as_plain_user())


@pytest.mark.endurance
def test_a_library_that_another_process_has_locked(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", "http://127.0.0.1:9/v1")
    shown_and_closed(home)
    other = apsw.Connection(str(home.data / "cort.db"))
    other.execute("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE")
    try:
        shown_and_closed(home, look_s=6.0)  # longer than a database waits for a lock
    finally:
        other.close()
    shown_and_closed(home)


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", "http://127.0.0.1:9/v1")
    shown_and_closed(home, before=with_files_up_to(2_000))
    shown_and_closed(home)


@pytest.mark.parametrize(
    "what", ["data", *(pytest.param(what, marks=pytest.mark.endurance) for what in ("cache", "logs"))]
)
def test_a_file_where_a_folder_should_be(tmp_path: Path, what: str) -> None:
    home = Home(tmp_path / "home", "http://127.0.0.1:9/v1")
    (home.path / what).write_text("no folder")
    shown_and_closed(home)


def test_a_garbled_library(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", "http://127.0.0.1:9/v1")
    home.data.mkdir()
    (home.data / "cort.db").write_bytes(b"no database at all " * 1_000)
    shown_and_closed(home)


@pytest.fixture
def bait(tmp_path: Path) -> Bait:
    return Bait(tmp_path / "b", "http://127.0.0.1:1")


@contextmanager
def nasty(bait: Bait) -> Iterator[tuple[Home, ScriptedServer, str]]:
    """A home whose service answers with the worst, piece by piece; the baits are watched."""
    told: list[str] = []

    def script(request: Request) -> Reply:
        if request.method == "GET" or is_judge(request):
            return think(request)
        return chat_reply(told[0], words_per_piece=2, delay=0.3)

    with ExitStack() as held:
        server = held.enter_context(serving(script))
        bait.address = server.base_url.removesuffix("/v1")
        told.append(bait.text().replace("\ud800", "").replace("\0", ""))
        held.enter_context(bait.watched())
        home = Home(bait.folder.parent / "home", server.base_url)
        yield home, server, told[0]


@pytest.mark.reliability(52, 54)
def test_the_worst_answer_over_the_wire_and_a_stop_of_five_seconds(bait: Bait) -> None:
    with nasty(bait) as (home, server, told), real_screen() as screen, screen.program(home.path) as program:
        composer = program.wait("Message", "text")
        composer.focus()
        program.wait_for(lambda: "focused" in composer.states, "the composer's focus")
        screen.write("Why?")
        screen.keys("Return")
        program.wait("Stop", "push button", 60)
        program.wait_for(lambda: answered(program), "the first pieces", 60)
        program.process.send_signal(signal.SIGSTOP)
        time.sleep(5)
        program.process.send_signal(signal.SIGCONT)
        program.wait("Send", "push button", 120)
        screen.keys("ctrl+q")
        assert program.ended() == 0
        (run,) = home.runs()
        end = home.stored(run)[-1]
        assert end["type"] == "run.finished"
        assert end["status"] == "complete"
        texts = {e["text"] for e in home.stored(run) if e["type"] == "node.finished"}
        assert told in texts
        asked = {(each.method, each.path) for each in server.requests}
        assert asked <= {("POST", "/v1/chat/completions"), ("GET", "/v1/models")}, asked


def answered(program: Program) -> bool:
    """Whether something of an answer streams."""
    tree = program.root.find("Rounds", "tree")
    return tree is not None and any("streaming" in each.name for each in tree.find_all("tree item"))
