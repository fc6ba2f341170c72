"""The licence of everything inside a bundle, as texts beside it: `licences/PART/…`.

Parts are the packages of Python, Python itself, Qt, and what was taken from the system that built it.
"""

import ast
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path, PurePath

from devtools import model
from devtools.building.places import BuildPlaces
from devtools.console import Refusal
from devtools.notices import pinned

FOLDER = "licences"
OWN = ("LICENSE", "THIRD_PARTY_NOTICES.md")
_INSIDE = "inside"
"""Below `packaging/licences/`: PART/… of what a library brings along without the text it must have."""
_TEXTS = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
_TOLD = ("License-Expression", "License", "Classifier")
STARTER = "pyinstaller"
"""Whose starter begins every frozen program; the lock of what runs doesn't hold it."""
_LGPL = ("pyside6-essentials", "shiboken6")
_DOCUMENTS = Path("/usr/share/doc")


def collect(places: BuildPlaces) -> None:
    """Write all texts into the bundle, and the program's own licence and the list above them."""
    target = places.bundle / FOLDER
    shutil.rmtree(target, ignore_errors=True)
    for name in OWN:
        shutil.copyfile(places.top / name, places.bundle / name)
    models = {each.package for each in model.known(places)}
    for name, _ in pinned(places.pinned_lock.read_text(encoding="utf-8")):
        if name not in models:
            copy_distribution(name, target, places.site_packages)
    copy_distribution(STARTER, target, places.site_packages)
    shutil.copytree(places.packaging / FOLDER / _INSIDE, target, dirs_exist_ok=True)
    for name in _LGPL:
        for text in (places.packaging / FOLDER).glob("*.txt"):
            _copy(text, target / name / text.name)
    _copy(licence_of_python(), target / "python" / "LICENSE.txt")
    for package in sorted(system_packages_of(taken_from_system(places))):
        _copy(_DOCUMENTS / package / "copyright", target / "system" / f"{package}.txt")


def copy_distribution(name: str, target: Path, site_packages: Path) -> None:
    """The texts that a package of Python brings; without any, what its description says of its licence.

    A package that belongs to other systems, and isn't installed here, isn't in the bundle either.
    """
    found = next(iter(metadata.distributions(name=name, path=[str(site_packages)])), None)
    if found is None:
        return
    texts = [file for file in found.files or [] if _is_text(file)]
    for file in texts:
        _copy(Path(str(found.locate_file(file))), target / name / _plain_name(file))
    if not texts:
        told = [f"License: {each}" for key in _TOLD for each in found.metadata.get_all(key, [])]
        place = target / name / "as-told.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("\n".join([f"{name} {found.version}", *told, ""]), encoding="utf-8")


def licence_of_python() -> Path:
    """The text that this Python brings: beside its modules, on Windows above them."""
    homes = [Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix)]
    found = next((home / "LICENSE.txt" for home in homes if (home / "LICENSE.txt").is_file()), None)
    if found is None:
        raise Refusal(
            f"No LICENSE.txt of Python is in {' or '.join(map(str, homes))}: no licence, no bundle."
        )
    return found


def taken_from_system(places: BuildPlaces) -> list[Path]:
    """The libraries of this machine that PyInstaller put into the bundle, by its own account."""
    account = places.work / "pyinstaller" / places.bundle.name / "COLLECT-00.toc"
    entries = ast.literal_eval(account.read_text(encoding="utf-8"))
    sources = {entry[1] for group in entries if isinstance(group, list) for entry in group if len(entry) > 2}  # noqa: PLR2004  place, source, kind
    return [Path(each) for each in sorted(sources) if each.startswith(("/lib", "/usr/lib"))]


def system_packages_of(libraries: list[Path]) -> set[str]:
    """Debian's packages that hold these files. Refuses where that can't be told: no licence, no bundle."""
    if not libraries:
        return set()
    # Where /lib is a link to /usr/lib, dpkg may know a file by either name.
    spellings = {
        path.resolve(): [str(path.resolve()), str(path.resolve()).removeprefix("/usr")] for path in libraries
    }
    asked = [name for names in spellings.values() for name in names]
    done = subprocess.run(["dpkg", "-S", *asked], capture_output=True, text=True, check=False)
    told: dict[str, str] = {}
    for line in done.stdout.splitlines():
        package, _, name = line.partition(": ")
        told[name] = package.partition(":")[0]
    for path, names in spellings.items():
        if not any(name in told for name in names):
            raise Refusal(f"No package of the system holds {path}, so its licence can't be told.")
    return set(told.values())


def _is_text(file: PurePath) -> bool:
    in_info = any(part.endswith(".dist-info") for part in file.parts)
    return in_info and _TEXTS.search(file.name) is not None and not file.name.endswith(".py")


def _plain_name(file: PurePath) -> str:
    below = file.parts[1:]
    return "-".join(below[1:] if below[0] in {"licenses", "license_files"} else below)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
