"""The child process: nobody else may use it, it outlives nobody, what goes wrong is told in a sentence."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from cort_desktop.errors import ProviderError
from cort_desktop.providers.builtin_child import ChildOrder, read_report
from cort_desktop.providers.builtin_process import child_command, child_environment
from cort_desktop.providers.model_file import ModelFiles
from tests.fakes.builtin import (
    CHILD,
    KNOWN,
    NAME,
    ManualClock,
    asking,
    nothing,
    opened,
    pid_of,
    python_child,
    small_model,
)
from tests.fakes.loops import run

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
KEY = "a-key-for-this-test-only-0123456789abcdef"
PATIENCE_S = 20


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def status_of(address: str, path: str, key: str | None) -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    asked = urllib.request.Request(address + path, headers=headers)  # noqa: S310  loopback
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=PATIENCE_S) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.builtin
@LINUX
def test_nobody_else_on_the_machine_may_use_it(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-service")

    async def main() -> None:
        async with opened(cache, key=lambda: KEY) as model:
            await model.warm()
            assert model.pid is not None
            process = psutil.Process(model.pid)
            listening = [c for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
            assert [(c.laddr.ip, c.laddr.port > 1024) for c in listening] == [("127.0.0.1", True)]
            address = f"http://127.0.0.1:{listening[0].laddr.port}"
            statuses = [
                await asyncio.to_thread(status_of, address, path, key)
                for path, key in (
                    ("/v1/models", None),
                    ("/v1/models", "wrong"),
                    ("/v1/models", KEY),
                    ("/", KEY),
                )
            ]
            assert statuses == [401, 401, 200, 404]
            told = " ".join([*process.cmdline(), *process.environ().values()])
            assert KEY not in told
            assert "sk-of-another-service" not in told

    run(main())


def test_every_start_has_a_key_of_its_own(small: ModelFiles, cache: Path) -> None:
    """The child of this test answers with the key it was given, as its failure."""
    program = (
        "import json, sys; key = json.loads(sys.stdin.readline())['key'];"
        "from cort_desktop.providers.builtin_child import ChildReport;"
        "print(ChildReport(failed='library', detail=key).line(), end='')"
    )
    told = [str(failing(cache, files=small, name="small", command=python_child(program))) for _ in range(2)]
    assert told[0] != told[1]
    assert all(re.search(r"\([\w-]{43,}\)", sentence) for sentence in told)  # 32 bytes in base64


PARENT = """
import asyncio, sys, time
from pathlib import Path
from tests.fakes.builtin import opened

async def main():
    async with opened(Path(sys.argv[1])) as model:
        if sys.argv[2] == "loaded":
            await model.warm()
        else:
            model.launch()
        print(model.pid, flush=True)
        time.sleep(600)

asyncio.run(main())
"""


@pytest.mark.builtin
@pytest.mark.parametrize("state", ["loaded", "launched"])
def test_a_parent_killed_takes_the_child_along(cache: Path, state: str) -> None:
    top = Path(__file__).parent.parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(cache), state],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(top)},
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.is_running()
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    gone, _ = psutil.wait_procs([child], timeout=PATIENCE_S)
    assert gone


@pytest.mark.builtin
def test_a_child_without_the_second_net_ends_with_its_input(cache: Path) -> None:
    order = ChildOrder(
        path=str(ModelFiles(KNOWN, folder=cache, cache=cache).find(NAME)),
        alias="x", key=KEY, slots=1, context_tokens=256, threads=1,
    )  # fmt: skip
    program = (
        "import sys; from cort_desktop.providers import builtin_child as child;"
        "child._die_with_parent = lambda: None; sys.exit(child.main())"
    )
    with subprocess.Popen(
        python_child(program), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=child_environment(os.environ),
    ) as child:  # fmt: skip
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(order.line())
        child.stdin.flush()
        report = read_report(child.stdout.readline())
        assert report is not None
        assert report.address.startswith("http://127.0.0.1:")
        child.stdin.close()
        assert child.wait(PATIENCE_S) == 0


def failing(cache: Path, **changes: object) -> ProviderError:
    async def main() -> ProviderError:
        before = set(psutil.Process().children())
        async with opened(cache, **changes) as model:
            with pytest.raises(ProviderError) as failed:
                await model.complete(asking(), nothing)
            assert model.pid is None
        assert set(psutil.Process().children()) == before
        return failed.value

    return run(main())


@pytest.fixture
def small(tmp_path: Path) -> ModelFiles:
    """A file that is what the table says, and yet no model."""
    content = b"GGUF and then nothing of use"
    model = small_model(content)
    (tmp_path / model.file_name).write_bytes(content)
    return ModelFiles({"small": model}, folder=tmp_path, cache=tmp_path, place_of=lambda _: None)


def test_a_file_that_is_cut_short_is_told_before_anything_starts(tmp_path: Path, cache: Path) -> None:
    whole = ModelFiles(KNOWN, folder=cache, cache=cache).find(NAME)
    own = tmp_path / KNOWN[NAME].file_name
    with whole.open("rb") as file:
        own.write_bytes(file.read(5_000_000))
    files = ModelFiles(KNOWN, folder=tmp_path, cache=tmp_path, place_of=lambda _: None)
    error = failing(cache, files=files)
    assert (error.kind, error.retryable, error.sent) == ("model_file", False, False)
    assert str(error) == (
        f"The file of the built-in model smollm2-135m, {own}, has 5,000,000 bytes instead of 98,362,432, so "
        f"it is not whole. Run `cort-desktop models install smollm2-135m` to fetch it."
    )


@pytest.mark.builtin
def test_a_file_cut_short_after_it_was_checked(tmp_path: Path, cache: Path) -> None:
    """What the child's own loader refuses is one sentence too."""
    whole = ModelFiles(KNOWN, folder=cache, cache=cache).find(NAME)
    with whole.open("rb") as file:
        content = file.read(5_000_000)
    model = replace(small_model(content), name=NAME)
    (tmp_path / model.file_name).write_bytes(content)
    files = ModelFiles({NAME: model}, folder=tmp_path, cache=tmp_path, place_of=lambda _: None)
    error = failing(cache, files=files)
    assert error.kind == "model_file"
    assert "could not be loaded" in str(error)
    assert "cort-desktop models install smollm2-135m" in str(error)


def test_no_file_at_all(tmp_path: Path, cache: Path) -> None:
    files = ModelFiles(KNOWN, folder=tmp_path, cache=tmp_path, place_of=lambda _: None)
    error = failing(cache, files=files)
    assert error.kind == "model_file"
    assert str(error) == (
        "The file of the built-in model smollm2-135m is not there. Run `cort-desktop models install "
        "smollm2-135m` to fetch it."
    )


def test_a_missing_engine(small: ModelFiles, cache: Path) -> None:
    program = (
        "import sys; sys.modules['xllamacpp'] = None;"
        "from cort_desktop.providers.builtin_child import main; sys.exit(main())"
    )
    error = failing(cache, files=small, name="small", command=python_child(program))
    assert error.kind == "model_file"
    assert "xllamacpp can't be loaded" in str(error)
    assert "Install cort-desktop again" in str(error)


def test_a_child_that_dies_while_it_loads(small: ModelFiles, cache: Path) -> None:
    program = "import os, sys; print('bad alloc', file=sys.stderr, flush=True); os.kill(os.getpid(), 9)"
    error = failing(cache, files=small, name="small", command=python_child(program))
    assert (error.kind, error.retryable) == ("crashed", True)
    assert "ended while it loaded (signal 9, Killed; it said: “bad alloc”)" in str(error)
    assert "memory" in str(error)


def test_a_child_that_talks_nonsense(small: ModelFiles, cache: Path) -> None:
    program = "import sys; sys.stdin.readline(); print('hello', flush=True); sys.exit(3)"
    error = failing(cache, files=small, name="small", command=python_child(program))
    assert error.kind == "crashed"
    assert "exit code 3" in str(error)


def test_a_program_that_can_not_be_started(small: ModelFiles, cache: Path, tmp_path: Path) -> None:
    error = failing(cache, files=small, name="small", command=(str(tmp_path / "nowhere"),))
    assert (error.kind, error.retryable) == ("crashed", True)
    assert "could not be started (No such file or directory)" in str(error)


def test_a_child_that_ignores_the_polite_signal_is_ended_all_the_same(small: ModelFiles, cache: Path) -> None:
    program = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "sys.stdin.readline();"
        "from cort_desktop.providers.builtin_child import ChildReport;"
        "print(ChildReport(address='http://127.0.0.1:9', slots=1).line(), end='', flush=True);"
        "time.sleep(600)"
    )

    async def main() -> None:
        async with opened(cache, files=small, name="small", command=python_child(program)) as model:
            await model.warm()
            pid = model.pid
            assert pid is not None
            began = time.monotonic()
            await model.aclose()
            assert not psutil.pid_exists(pid)
            assert time.monotonic() - began > 1

    run(main())


def test_a_child_nobody_waited_for_any_more_is_ended_when_idle_all_the_same(
    small: ModelFiles, cache: Path
) -> None:
    clock = ManualClock()
    program = (
        "import sys; sys.stdin.readline();"
        'print(\'{"address": "http://127.0.0.1:9"}\', flush=True); sys.stdin.read()'
    )

    async def main() -> None:
        async with opened(
            cache, files=small, name="small", command=python_child(program), clock=clock, idle_s=60
        ) as model:
            model.launch()
            asked = asyncio.create_task(model.complete(asking(), nothing))
            await asyncio.sleep(0)
            asked.cancel()
            await asyncio.wait([asked])
            loading = next(each for each in asyncio.all_tasks() if each.get_name().startswith("load"))
            await loading
            await asyncio.sleep(0)
            assert model.pid is not None
            await clock.advance(60)
            assert pid_of(model) is None

    run(main())


def test_closing_a_model_that_was_only_launched_leaves_nothing(small: ModelFiles, cache: Path) -> None:
    async def main() -> None:
        before = set(psutil.Process().children())
        async with opened(cache, files=small, name="small") as model:
            model.launch()
            assert set(psutil.Process().children()) != before
        await model.aclose()
        assert set(psutil.Process().children()) == before

    run(main())


def test_the_working_folder_is_kept_out_of_the_imports(
    small: ModelFiles, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(77)")
    (tmp_path / "cort_desktop.py").write_text("raise SystemExit(77)")
    monkeypatch.chdir(tmp_path)
    for command in (CHILD, child_command()):
        assert "could not be loaded" in str(failing(cache, files=small, name="small", command=command))
