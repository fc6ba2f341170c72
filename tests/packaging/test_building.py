"""What `dev.py build` decides: what goes in, its names, what it depends on, and that twice is the same."""

import gzip
import os
import re
import shutil
import tarfile
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from devtools import notices
from devtools.building import (
    command,
    compare,
    contents,
    deb,
    desktop_files,
    linking,
    publisher,
    rpm,
    tree,
    version,
)
from devtools.building.icons import SIZES
from devtools.building.places import NAME, WITH_MODEL, BuildPlaces, epoch
from devtools.console import Refusal
from devtools.places import here

PLACES = BuildPlaces(here().top)
PACKAGING = PLACES.packaging
WANTED = linking.Wanted(("libX11.so.6", "libc.so.6", "libglib-2.0.so.0", "libgthread-2.0.so.0"), (2, 36))


@pytest.mark.parametrize(
    ("place", "stays"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/plugins/platforms/qwindows.dll", True),
        ("PySide6\\plugins\\platforms\\qdirect2d.dll", False),
        ("PySide6/Qt/plugins/platforms/libqeglfs.so", False),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/Qt/plugins/imageformats/libqpdf.so", False),
        ("PySide6/Qt/plugins/sqldrivers/libqsqlite.so", False),
        ("PySide6/Qt/qml/QtQuick/plugin.so", False),
        ("PySide6/Qt/translations/qtbase_de.qm", True),
        ("PySide6/Qt/translations/qtbase_fr.qm", False),
        ("PySide6/Qt/translations/qt_de.qm", False),
        ("PySide6/Qt/lib/libQt6Core.so.6", True),
        ("libdbus-1.so.3", False),
        ("libstdc++.so.6", True),
        ("cort_desktop/_resources/models.toml", True),
    ],
)
def test_what_stays_in_a_bundle(place: str, *, stays: bool) -> None:
    assert contents.stays(place, languages=["de"]) is stays


def test_libraries_that_nothing_needs_any_more_go_with_those_behind_them() -> None:
    needs = {
        "PySide6/QtCore.abi3.so": ["libQt6Core.so.6", "libc.so.6"],
        "PySide6/Qt/plugins/platforms/libqxcb.so": ["libxcb-cursor.so.0"],
        "PySide6/Qt/lib/libQt6Core.so.6": ["libicu.so.73"],
        "libgtk-3.so.0": ["libpango-1.0.so.0", "libicu.so.73"],
    }
    alone = ["libicu.so.73", "libxcb-cursor.so.0", "libpango-1.0.so.0", "libpython3.11.so.1.0"]
    unwanted = contents.unwanted_libraries([*needs, *alone], lambda place: needs.get(place, []))
    assert unwanted == {"libgtk-3.so.0", "libpango-1.0.so.0"}


def checkout(tmp_path: Path, text: str) -> Path:
    (tmp_path / "cort_desktop").mkdir()
    (tmp_path / "cort_desktop" / "__init__.py").write_text(f"{text}\n", encoding="utf-8")
    (tmp_path / publisher.FILE).parent.mkdir()
    shutil.copyfile(PLACES.top / publisher.FILE, tmp_path / publisher.FILE)
    return tmp_path


@pytest.mark.parametrize(
    ("written", "package", "windows"),
    [
        ("1.2.0", "1.2.0", (1, 2, 0, 0)),
        ("1.2.0rc1", "1.2.0~rc1", (1, 2, 0, 0)),
        ("2.0.dev3", "2.0~dev3", (2, 0, 0, 0)),
    ],
)
def test_the_one_version_as_others_spell_it(
    tmp_path: Path, written: str, package: str, windows: tuple[int, ...]
) -> None:
    top = checkout(tmp_path, f'__version__ = "{written}"')
    assert version.version(top) == written
    assert version.package_version(top) == package
    assert version.windows_numbers(top) == windows
    compile(version.windows_version_text(top), "version", "eval")


def test_a_version_that_no_package_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"like 1\.2\.0"):
        version.version(checkout(tmp_path, '__version__ = "newest"'))


def test_what_the_system_must_have_is_named_as_its_packages() -> None:
    assert deb.dependencies(WANTED) == ["libc6 (>= 2.36)", "libglib2.0-0t64 | libglib2.0-0", "libx11-6"]
    assert "libX11.so.6()(64bit)" in rpm.requirements(WANTED)
    with pytest.raises(Refusal, match="libodd"):
        deb.dependencies(linking.Wanted(("libodd.so.1",), (2, 36)))


def test_the_window_names_each_library_that_is_left_to_the_system() -> None:
    from cort_desktop.gui import screen

    named = {*screen._NEEDED, *screen._NEEDED_ON_X11}
    for library in ("libEGL.so.1", "libGL.so.1", "libfontconfig.so.1", "libdbus-1.so.3", "libglib-2.0.so.0"):
        assert library in named
        assert library in deb.PACKAGES


def test_the_same_files_give_the_same_archive(tmp_path: Path) -> None:
    made = []
    for name, late in (("one", False), ("two", True)):
        folder = tmp_path / name
        (folder / "lib").mkdir(parents=True)
        for each in ["b", "a"] if late else ["a", "b"]:
            (folder / "lib" / f"{each}.so").write_bytes(b"\x7fELF")
        (folder / "start").write_text("#!/bin/sh\n")
        (folder / "start").chmod(0o700)
        (folder / "link").symlink_to("start")
        os.utime(folder / "start", (7 if late else 9, 9))
        tree.make_even(folder, 1_700_000_000)
        tree.pack(folder, tmp_path / f"{name}.tar", name="it", stamp=1_700_000_000)
        made.append((tmp_path / f"{name}.tar").read_bytes())
    assert made[0] == made[1]
    with tarfile.open(tmp_path / "one.tar") as archive:
        modes = {each.name: each.mode for each in archive if each.isfile()}
        assert modes == {"it/lib/a.so": 0o644, "it/lib/b.so": 0o644, "it/start": 0o755}
        assert archive.getmember("it/link").issym()


def test_differences_of_two_builds_are_named() -> None:
    assert compare.differences({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "9", "d": "4"}) == [
        "b: not the same",
        "c: only in the first build",
        "d: only in the second build",
    ]


def test_the_steps_of_a_system_are_its_own() -> None:
    assert command.plan([], "linux") == [
        *("python", "bundle", "tarball", "deb", "rpm", "flatpak", "bill", "sums")
    ]
    assert "windows" in command.plan([], "win32")
    assert "deb" not in command.plan([], "darwin")
    assert command.plan(["sums", "python"], "linux") == ["python", "sums"]
    with pytest.raises(Refusal, match="no step nonsense"):
        command.plan(["nonsense"])


def test_type_checkers_read_the_types_of_the_wheel() -> None:
    assert (PLACES.top / "cort_desktop" / "py.typed").is_file()


def test_the_time_of_a_build_can_be_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert epoch(tmp_path) == 1_700_000_000
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert epoch(tmp_path) > 0


def test_the_lock_of_the_build_holds_the_runtime_lock_and_no_address() -> None:
    runtime, build = (
        set(notices.pinned(path.read_text(encoding="utf-8")))
        for path in (PLACES.pinned_lock, PLACES.build_lock)
    )
    assert runtime <= build
    assert "://" not in PLACES.build_lock.read_text(encoding="utf-8")


def test_the_changelog_begins_with_the_version_that_is_built() -> None:
    newest, day = desktop_files.releases(PLACES)[0]
    assert newest == PLACES.version
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", day)


def test_the_changelog_of_the_package_is_dated() -> None:
    text = deb.changelog(PLACES, NAME)
    assert text.startswith(f"{NAME} ({PLACES.package_version}) stable; urgency=medium\n\n  * ")
    assert re.search(r"^ -- .+ <.+>  \w{3}, \d{2} \w{3} \d{4} ", text, re.MULTILINE)


def test_a_desktop_finds_all_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = BuildPlaces(PLACES.top)
    places.work, places.icons = tmp_path / "work", tmp_path / "icons"
    places.icons.mkdir()
    for size in SIZES:
        (places.icons / f"app-{size}.png").write_bytes(b"png")
    monkeypatch.setenv("PYTHONPATH", str(places.top))
    desktop_files.write(places, tmp_path / "share")
    page = gzip.decompress((tmp_path / "share/man/man1/cort-desktop.1.gz").read_bytes()).decode()
    assert "@" not in page
    assert all(f".B {name}\n" in page for name in ("ask", "chat", "doctor", "models", "gui"))
    metainfo = ET.parse(tmp_path / "share/metainfo" / desktop_files.metainfo_name(places)).getroot()  # noqa: S314 - our own
    assert next(metainfo.iter("release")).get("version") == places.version
    entry = (tmp_path / "share/applications/cort-desktop.desktop").read_text(encoding="utf-8")
    icon = re.search(r"^Icon=(.+)$", entry, re.MULTILINE)
    assert icon is not None
    for size in (16, 256):
        assert (tmp_path / f"share/icons/hicolor/{size}x{size}/apps/{icon[1]}.png").is_file()
    ET.parse(tmp_path / "share/mime/packages/cort-desktop.xml")  # noqa: S314 - our own


def test_the_offline_model_has_an_address_beside_its_hash() -> None:
    rows = tomllib.loads(PLACES.models.read_text(encoding="utf-8"))["models"]
    for row in rows.values():
        assert row["address"].startswith("https://")
        assert row["address"].endswith(row["member"].rpartition("/")[2])


def test_the_variants_are_two_packages_of_which_a_system_has_one() -> None:
    places = BuildPlaces(PLACES.top)
    places.bundle = Path("/nowhere")
    plain, other = deb.control_text(places, NAME, 1024), deb.control_text(places, WITH_MODEL, 2048)
    assert f"Conflicts: {WITH_MODEL}\n" in plain
    assert f"Provides: {NAME}\n" in other
    assert "Installed-Size: 2\n" in other
