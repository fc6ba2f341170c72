"""One call of the environment's own pip: hidden in a log, and told in one sentence when it fails.

The person's pip settings (PIP_* and pip.conf) hold as they are; only the folder for temporary files is
set, because the progress is read off it.
"""

import os
import shutil
import subprocess
from pathlib import Path

from devtools.console import Progress
from devtools.pip_words import explain
from devtools.places import Places

NEARLY_FULL_BYTES = 16 * 1024 * 1024


def run(places: Places, arguments: list[str], progress: Progress, lock_descriptor: int) -> None:
    """Run the environment's Python with `arguments`; pip's words go to the log, `progress` to the person."""
    places.scratch.mkdir(exist_ok=True)
    scratch = str(places.scratch)
    environment = {**os.environ, "TMPDIR": scratch, "TEMP": scratch, "TMP": scratch}
    with places.log.open("ab") as log:
        begin = log.tell()
        child = subprocess.Popen(
            [str(places.python), "-I", "-m", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=() if os.name == "nt" else (lock_descriptor,),
        )
        code = _wait(child, progress)
    progress.close(done=code == 0)
    if code:
        output = _tail(places.log, begin)
        # On a full disk the log may be full too, and pip's own words lost.
        full = shutil.disk_usage(places.venv).free < NEARLY_FULL_BYTES
        raise explain(output, progress.title.removeprefix("Installing "), full=full)


def _wait(child: "subprocess.Popen[bytes]", progress: Progress) -> int:
    try:
        while True:
            try:
                return child.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                progress.paint()
    except BaseException:
        child.terminate()
        child.wait()
        progress.close(done=False)
        raise


def _tail(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        return file.read().decode("utf-8", "replace")
