"""The commands of dev.py, and how each way to fail is told: one sentence, exit code 3, no traceback."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable

from devtools.console import Refusal, say
from devtools.environment import make_ready
from devtools.places import Places, here

USAGE = """usage: python3 packaging/dev.py COMMAND [ARGUMENTS]

  run [ARGUMENTS]    set everything up if need be, then run cort-desktop ARGUMENTS
  test [ARGUMENTS]   all checks and the whole test suite; with ARGUMENTS only pytest ARGUMENTS
  bench [NAME ...]   speed and memory, each figure beside its reference
  soak [NAME ...]    what must hold over many tries; --rounds N says how many
  build [STEP ...]   what people download, in dist/: python bundle tarball deb rpm
                     flatpak appimage windows bill sums; compare builds twice;
                     --plain or --with-model: one variant
  smoke [WHAT ...]   what was built, tried in a clean system without Python:
                     all of it, or deb, rpm, archive, or a file in dist/
  lock [--upgrade]   write the lock files anew
  notices            write THIRD_PARTY_NOTICES.md anew"""

USAGE_ERROR = 2
REFUSED = 3
INTERRUPTED = 130


def run(places: Places, arguments: list[str]) -> int:
    """Become the program: same folder, same standard input, same exit code."""
    make_ready(places)
    return become(places, ["-m", "cort_desktop", *arguments])


def become(places: Places, arguments: list[str], *, tools: bool = False) -> int:
    """Put the environment's Python in this process's place, where the system can do that.

    -P keeps the folder that the person happens to be in from shadowing modules.
    """
    command = [str(places.python), "-P", *arguments]
    environment = places.child_environment(tools=tools)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed by whoever started us
            stream.flush()
    if os.name == "posix":
        os.execve(command[0], command, environment)
    return subprocess.run(command, env=environment, check=False).returncode


def test(places: Places, arguments: list[str]) -> int:
    """All checks, then the suite; or only what the person asked of pytest."""
    from devtools import checks, system_packages

    system_packages.install_missing(places)
    make_ready(places, dev=True)
    return checks.run_all(places, arguments)


def bench(places: Places, arguments: list[str]) -> int:
    """The figures in packaging/bench/."""
    make_ready(places, dev=True)
    return become(places, ["-m", "devtools.bench", *arguments], tools=True)


def soak(places: Places, arguments: list[str]) -> int:
    """The trials in packaging/soak/."""
    make_ready(places, dev=True)
    return become(places, ["-m", "devtools.soak", *arguments], tools=True)


def build(places: Places, arguments: list[str]) -> int:
    """What people download, in dist/; made in an environment of its own."""
    from devtools.building.places import build_places

    own = build_places(places)
    make_ready(own)
    return become(own, ["-m", "devtools.building.command", *arguments], tools=True)


def smoke(places: Places, arguments: list[str]) -> int:
    """What was built, installed and used in a clean root."""
    from devtools.building.places import build_places

    own = build_places(places)
    make_ready(own)
    return become(own, ["-m", "devtools.smoke.command", *arguments], tools=True)


def lock(places: Places, arguments: list[str]) -> int:
    """The lock files, from what pyproject.toml asks for."""
    from devtools import locking

    make_ready(places, dev=True)
    return locking.write_locks(places, arguments)


def notices(places: Places, arguments: list[str]) -> int:
    """THIRD_PARTY_NOTICES.md, from what is installed."""
    make_ready(places, dev=True)
    return become(places, ["-m", "devtools.notices", *arguments], tools=True)


COMMANDS: dict[str, Callable[[Places, list[str]], int]] = {
    command.__name__: command for command in (run, test, bench, soak, build, smoke, lock, notices)
}


def main(argv: list[str]) -> int:
    """Run one command; whatever the world does to it becomes a sentence."""
    if not argv or argv[0] not in COMMANDS:
        say(USAGE)
        return 0 if argv[:1] in (["-h"], ["--help"]) else USAGE_ERROR
    try:
        return COMMANDS[argv[0]](here(), argv[1:])
    except Refusal as refusal:
        say(str(refusal))
        return REFUSED
    except OSError as error:
        say(in_words(error))
        return REFUSED
    except KeyboardInterrupt:
        say("Stopped; the same command goes on from here.")
        return INTERRUPTED


def in_words(error: OSError) -> str:
    """One sentence for what the system refused while setting up."""
    name = os.path.basename(os.fsdecode(error.filename)) if error.filename else ".venv"  # noqa: PTH119 - may be bytes
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk is full and {name} could not be written: free about 1 GB, then run this command again."
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return (
            f"{name} in the checkout cannot be written ({error.strerror}): the environment lives in .venv, "
            f"so make the checkout writable, or copy it to a folder that is."
        )
    if error.errno == errno.EEXIST:
        return f"{name} stands where a folder is needed: move it away and run the same command again."
    return f"The environment could not be made ready, {name}: {error.strerror}; run the same command again."
