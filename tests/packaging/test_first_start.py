"""The first start on a fresh machine, and everything that can be in its way."""

import http.server
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from tests.packaging.checkouts import Checkout, fails_with


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class HalfAnIndex(http.server.BaseHTTPRequestHandler):
    """An index that promises whole wheels and, until it is mended, hangs up after a piece of each."""

    wheels: ClassVar[Path]
    mended: ClassVar[bool]

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path.endswith(".whl"):
            whole = (self.wheels / self.path.removeprefix("/")).read_bytes()
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole if self.mended else whole[:100])
            return
        wheel = next(self.wheels.glob("tiny_library*" if "library" in self.path else "tiny_model*"))
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f'<a href="/{wheel.name}">{wheel.name}</a>'.encode())

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def half_an_index(bare: Checkout) -> Iterator[str]:
    """The address of such an index for the bare checkout."""
    HalfAnIndex.wheels = bare.wheels
    HalfAnIndex.mended = False
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), HalfAnIndex) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()
        thread.join()


def test_no_network_and_half_a_download_then_the_next_try_goes_on(
    bare: Checkout, half_an_index: str, tmp_path: Path
) -> None:
    """With pip's cache on, as people have it: what was cut short must not be kept there."""
    cache = {"PIP_NO_CACHE_DIR": "0", "PIP_CACHE_DIR": str(tmp_path / "cache")}
    nowhere = f"http://127.0.0.1:{closed_port()}/simple"
    online = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_RETRIES": "1", **cache}
    done = bare.dev("run", PIP_INDEX_URL=nowhere, **online)
    fails_with(done, "could not be reached", "the libraries", "run the same command again")

    done = bare.dev("run", PIP_INDEX_URL=half_an_index, **online)
    fails_with(done, "cut short", "tiny_library==1.0")

    HalfAnIndex.mended = True
    done = bare.dev("run", "--option", "words here", PIP_INDEX_URL=half_an_index, **online)
    assert done.returncode == 7
    here = Path.cwd()
    assert done.stdout.strip() == f"['--option', 'words here'] {here} a question"
    assert "Installing the offline model small" in done.stderr


def test_stopped_killed_and_started_twice_at_once(bare: Checkout) -> None:
    """Ctrl-C, then kill -9, both in the middle; then two starts, of which one makes the environment."""
    for kill, code in ((signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)):
        with subprocess.Popen(
            bare.command("run"), env=bare.environment(), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
        ) as process:
            assert process.stderr is not None
            for line in process.stderr:
                if b"Installing pip" in line:
                    break
            process.send_signal(kill)
            rest = process.stderr.read() if kill is signal.SIGINT else b""
            assert process.wait(timeout=60) == code
            assert b"Traceback" not in rest
        assert not (bare.top / ".venv" / "dev-stamp.json").exists()

    starts = [
        subprocess.Popen(
            bare.command("run"), env=bare.environment(), stdout=-1, stderr=-1, stdin=-3, text=True
        )
        for _ in range(2)
    ]
    told = [start.communicate(timeout=120)[1] for start in starts]
    assert [start.returncode for start in starts] == [7, 7]
    assert sum("Making the private environment" in words for words in told) == 1
    assert any("waiting for it" in words for words in told)


def test_without_the_venv_module_the_package_is_named(bare: Checkout, tmp_path: Path) -> None:
    shadow = tmp_path / "shadow"
    shadow.mkdir()
    (shadow / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
    (shadow / "apt-get").write_text("#!/bin/sh\n")
    (shadow / "apt-get").chmod(0o755)
    done = bare.dev("run", PYTHONPATH=str(shadow), PATH=str(shadow))
    fails_with(done, "apt-get install python3.", "-venv")


def test_a_file_in_the_place_of_the_folder(bare: Checkout) -> None:
    (bare.top / ".venv").write_text("not a folder")
    fails_with(bare.dev("run"), ".venv", "move it away")
