"""rpm at work in a root that dpkg made: a real installation with rpm's own check of what a package requires.

There is no Fedora to be had from the registries, so rpm is told what the root has: a package without files
that provides each shared library found there, by the names that rpm's own packages would use. What it can't
show is how dnf and zypper fetch those libraries, and another distribution's own C library.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from devtools.building import linking, rpm
from devtools.building.places import BuildPlaces
from devtools.smoke.root import Done, Root

_NAME = "what-the-system-has"
_LIBRARIES = ("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu")
_BITS = "()(64bit)"
_SPEC = """Name: {name}
Version: {version}
Release: 1
Summary: The shared libraries that are there without rpm's help
License: MIT
{provides}

%description
{name}

%files
"""


def call(root: Root, *words: str) -> Done:
    """The rpm of this machine, with the root as its system."""
    done = subprocess.run(
        ["rpm", "--root", str(root.folder), "--dbpath", "/var/lib/rpm", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    result = Done(code=done.returncode, out=done.stdout, err=done.stderr)
    root.note(["rpm", *words], result)
    return result


def tell_what_is_there(root: Root, places: BuildPlaces, work: Path, *, version: int) -> str:
    """Make the root's libraries known to its rpm, in place of what was known before; what was wrong."""
    folder = work / "foreign"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "root").mkdir(parents=True)
    provides = "\n".join(f"Provides: {each}" for each in sorted(set(_provided(root))))
    spec = _SPEC.format(name=_NAME, version=version, provides=provides)
    package = rpm.pack(places, spec, folder / "root", folder / f"{_NAME}.rpm")
    done = call(root, "--upgrade", str(package))
    return "" if done.code == 0 else done.err


def unpack(package: Path, target: Path) -> None:
    """The files of a package, as a folder."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    command = ["rpm", "--root", str(target), "--dbpath", "/rpm", "--install", "--nodeps", str(package)]
    subprocess.run(command, check=True, capture_output=True)
    shutil.rmtree(target / "rpm")


def _provided(root: Root) -> Iterator[str]:
    for folder in (root.path(each) for each in _LIBRARIES):
        for path in sorted(folder.glob("lib*.so*")):
            yield f"{path.name}{_BITS}"
            if path.name == "libc.so.6":
                for version in linking.offered_versions(path.resolve()):
                    yield f"{path.name}({version})(64bit)"
