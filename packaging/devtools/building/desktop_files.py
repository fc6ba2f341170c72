"""What a Linux desktop wants of the program, below `share/`: menu entry, icons, manual, file type, releases.

The manual's list of commands is what the program itself tells, and the releases are those of CHANGELOG.md.
"""

import gzip
import re
import shutil
import sys
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from devtools.building import publisher, steps
from devtools.building.icons import SIZES
from devtools.building.places import NAME, BuildPlaces, epoch
from devtools.console import Refusal

_ROW = re.compile(r"^  ([a-z]+) +(.+)$", re.MULTILINE)
_RELEASE = re.compile(r"^## ([0-9][0-9A-Za-z.]*)(?: \(([0-9]{4}-[0-9]{2}-[0-9]{2})\))?$", re.MULTILINE)


def write(places: BuildPlaces, share: Path) -> None:
    """Fill a folder `share/`."""
    linux = places.packaging / "linux"
    _copy(linux / f"{NAME}.desktop", share / "applications" / f"{NAME}.desktop")
    _copy(linux / f"{NAME}-mime.xml", share / "mime" / "packages" / f"{NAME}.xml")
    icons = share / "icons" / "hicolor"
    _copy(places.top / "resources" / "icons" / "app.svg", icons / "scalable" / "apps" / f"{NAME}.svg")
    for size in SIZES:
        _copy(places.icons / f"app-{size}.png", icons / f"{size}x{size}" / "apps" / f"{NAME}.png")
    _write(share / "metainfo" / metainfo_name(places), metainfo(places))
    packed(share / "man" / "man1" / f"{NAME}.1.gz", manual(places))


def metainfo_name(places: BuildPlaces) -> str:
    """The file's name, which app stores want to be that of the program's id."""
    return f"{publisher.read(places.top).id}.metainfo.xml"


def metainfo(places: BuildPlaces) -> str:
    """What app stores show of the program."""
    maker = publisher.read(places.top)
    text = (places.packaging / "linux" / "metainfo.xml.in").read_text(encoding="utf-8")
    page = f'<url type="homepage">{maker.homepage}</url>' if maker.homepage else ""
    text = text.replace("@RELEASES@", "\n    ".join(_releases(places))).replace(
        "  @HOMEPAGE@\n", page and f"  {page}\n"
    )
    return publisher.filled(text, maker)


def manual(places: BuildPlaces) -> str:
    """The page for man(1)."""
    told = steps.run(places, "the list of commands", [sys.executable, "-m", "cort_desktop", "--help"])
    rows = [f".TP\n.B {name}\n{_roff(words)}" for name, words in _ROW.findall(told)]
    if not rows:
        raise Refusal("`cort-desktop --help` lists no commands, so there is nothing to put into the manual.")
    text = (places.packaging / "linux" / f"{NAME}.1.in").read_text(encoding="utf-8")
    for mark, words in {
        "@DATE@": _day(epoch(places.top)),
        "@VERSION@": places.version,
        "@COMMANDS@": "\n".join(rows),
    }.items():
        text = text.replace(mark, words)
    return text


def releases(places: BuildPlaces) -> list[tuple[str, str]]:
    """Version and day of every release in CHANGELOG.md, newest first; one without a day is of this build."""
    found = _RELEASE.findall((places.top / "CHANGELOG.md").read_text(encoding="utf-8"))
    today = _day(epoch(places.top))
    if not found or found[0][0] != places.version:
        raise Refusal(f"CHANGELOG.md must begin with `## {places.version}`, the version that is built.")
    return [(version, day or today) for version, day in found]


def packed(path: Path, text: str) -> None:
    """A text, compressed without name and time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _releases(places: BuildPlaces) -> list[str]:
    return [f'<release version="{escape(version)}" date="{day}"/>' for version, day in releases(places)]


def _roff(words: str) -> str:
    escaped = words.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
