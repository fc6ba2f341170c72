"""What macOS is told of the program, what is left out there, and what the release workflow brings along."""

import os
import plistlib
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cort_desktop.gui import screen
from devtools import notices
from devtools.building import bill, contents, flatpak, licences, macos, steps, tree
from devtools.building.places import NAME, BuildPlaces
from devtools.console import Refusal
from devtools.places import here

PLACES = BuildPlaces(here().top)
WORKFLOW = PLACES.top / ".github" / "workflows" / "release.yml"
in_a_checkout = pytest.mark.skipif(not WORKFLOW.is_file(), reason="a source archive has no workflows")


def test_macos_shows_its_window_and_gives_it_the_files_that_are_its_own() -> None:
    told = plistlib.loads(plistlib.dumps(macos.info(PLACES.top)))
    assert told["LSBackgroundOnly"] is False
    (declared,) = told["UTExportedTypeDeclarations"]
    (document,) = told["CFBundleDocumentTypes"]
    assert document["LSItemContentTypes"] == [declared["UTTypeIdentifier"]]
    assert re.fullmatch(r"[A-Za-z0-9.-]+", declared["UTTypeIdentifier"])
    tags = declared["UTTypeTagSpecification"]
    mime = ET.parse(PLACES.packaging / "linux" / f"{NAME}-mime.xml").getroot()  # noqa: S314 - our own
    (kind,) = mime
    assert tags["public.mime-type"] == [kind.get("type")]
    glob = next(each for each in kind if each.tag.endswith("glob"))
    assert [f"*.{each}" for each in tags["public.filename-extension"]] == [glob.get("pattern")]
    assert told["CFBundleShortVersionString"] == PLACES.version
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["CFBundleVersion"])


def test_the_app_of_macos_gets_every_licence(tmp_path: Path) -> None:
    places = BuildPlaces(PLACES.top)
    places.bundle = tmp_path / NAME
    (places.bundle / licences.FOLDER / "part").mkdir(parents=True)
    (places.bundle / licences.FOLDER / "part" / "LICENSE").write_text("text")
    for name in licences.OWN:
        (places.bundle / name).write_text(name)
    inside = tmp_path / macos.APP / "Contents" / "Resources"
    inside.mkdir(parents=True)
    macos.add_licences(places)
    found = {path.relative_to(inside).as_posix() for path in inside.rglob("*") if path.is_file()}
    assert found == {*licences.OWN, "licences/part/LICENSE"}


def test_of_a_framework_without_its_library_nothing_stays() -> None:
    unwanted = {"PySide6/Qt/lib/QtQml.framework/Versions/A/QtQml", "PySide6/Qt/lib/libQt6Qml.so.6"}
    for place, is_left in {
        "PySide6/Qt/lib/QtQml.framework/Versions/A/Resources/Info.plist": True,
        "PySide6/Qt/lib/QtQml.framework/Versions/Current": True,
        "PySide6/Qt/lib/QtCore.framework/Versions/A/Resources/Info.plist": False,
        "PySide6/Qt/lib/libQt6Core.so.6": False,
    }.items():
        assert contents.is_left_behind(place, unwanted) is is_left, place


def test_pythons_licence_is_found_where_each_system_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(tmp_path / "Lib"))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    with pytest.raises(Refusal, match="no licence, no bundle"):
        licences.licence_of_python()
    (tmp_path / "LICENSE.txt").write_text("PSF")  # as on Windows
    assert licences.licence_of_python() == tmp_path / "LICENSE.txt"
    (tmp_path / "Lib").mkdir()
    (tmp_path / "Lib" / "LICENSE.txt").write_text("PSF")
    assert licences.licence_of_python() == tmp_path / "Lib" / "LICENSE.txt"


def test_flatpak_shows_the_file_type_outside(tmp_path: Path) -> None:
    places = BuildPlaces(PLACES.top)
    archive = tmp_path / "a.tar.xz"
    archive.write_bytes(b"xz")
    manifest = flatpak.write(places, archive, tmp_path).read_text(encoding="utf-8")
    found = re.search(r"^app-id: (.+)$", manifest, re.MULTILINE)
    assert found is not None
    assert f"mv /app/share/mime/packages/{NAME}.xml /app/share/mime/packages/{found[1]}.xml" in manifest


@in_a_checkout
def test_the_workflow_installs_what_the_steps_on_linux_demand() -> None:
    installed = re.search(r"apt-get install -y --no-install-recommends (.+)", WORKFLOW.read_text("utf-8"))
    assert installed is not None
    there = {*installed[1].split(), "dpkg"}  # which every Debian has
    assert {package for program, package in steps.TOOLS.items() if program != "makensis"} <= there
    needed = {**screen._NEEDED, **screen._NEEDED_ON_X11}
    assert {packages[0] for packages in needed.values()} <= there


def test_the_bills_of_all_systems_can_lie_side_by_side() -> None:
    names = [bill.name_of("1.0", system) for system in ("linux", "win32", "darwin")]
    assert names[0] == f"{NAME}-1.0.cdx.json"
    assert len(set(names)) == 3


@in_a_checkout
def test_what_the_workflow_calls_is_there() -> None:
    text = WORKFLOW.read_text("utf-8")
    called = set(re.findall(r"packaging/[a-z]+/[a-z_]+\.(?:sh|ps1)|packaging/dev\.py", text))
    assert called == {"packaging/dev.py", "packaging/macos/make_image.sh", "packaging/windows/sign.ps1"}
    assert all((PLACES.top / each).is_file() for each in called)
    assert "$(command -v python3)" in text  # sudo has a PATH of its own
    assert f"dist/work/bundle/{macos.APP}" in text


def menus(tmp_path: Path, *words: str) -> str:
    """install.sh of an unpacked archive, run by a person whose home is new; what it says."""
    folder, home = tmp_path / "an archive", tmp_path / "home"
    (folder / "share" / "applications").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PLACES.packaging / "linux" / "install.sh", folder / "install.sh")
    entry = f"{NAME}.desktop"
    shutil.copyfile(PLACES.packaging / "linux" / entry, folder / "share" / "applications" / entry)
    (folder / NAME).write_text("#!/bin/sh\n")
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["sh", str(folder / "install.sh"), *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_archive_comes_into_the_menus_and_goes_again(tmp_path: Path) -> None:
    entry, link = (
        tmp_path / f"home/.local/share/applications/{NAME}.desktop",
        tmp_path / f"home/.local/bin/{NAME}",
    )
    assert str(link) in menus(tmp_path)
    assert f'Exec="{tmp_path}/an archive/{NAME}" gui %F\n' in entry.read_text(encoding="utf-8")
    assert link.readlink() == tmp_path / "an archive" / NAME
    link.unlink()
    link.symlink_to(tmp_path / "where it was before" / NAME)
    menus(tmp_path)
    assert link.readlink() == tmp_path / "an archive" / NAME
    menus(tmp_path, "--remove")
    assert not entry.exists()
    assert not link.is_symlink()


def test_what_another_installer_put_into_the_persons_programs_stays(tmp_path: Path) -> None:
    other = tmp_path / "home/.local/bin" / NAME
    other.parent.mkdir(parents=True)
    other.write_text("of pip")
    assert "another program's and stays" in menus(tmp_path)
    menus(tmp_path, "--remove")
    assert other.read_text() == "of pip"


def test_what_libraries_bring_along_without_its_licence_gets_it() -> None:
    """The text lies where that of its library will."""
    folder = PLACES.packaging / licences.FOLDER / "inside"
    pinned = {name for name, _ in notices.pinned(PLACES.pinned_lock.read_text(encoding="utf-8"))}
    assert {each.library for each in notices.INSIDE} <= pinned
    libraries = {each.library for each in notices.INSIDE}
    assert {path.name for path in folder.iterdir()} == {
        "pyside6-essentials",
        "ziafont",
        "ziamath",
        "xllamacpp",
    } & libraries
    for words in (
        "Bitstream",
        "SIL Open Font License",
        "The ggml authors",
        "UNICODE, INC. LICENSE AGREEMENT",
        *(f"3rdparty/{part}/" for part in ("harfbuzz-ng", "pcre2", "freetype", "libwebp", "tinycbor")),
    ):
        assert any(words in text.read_text(encoding="utf-8") for text in folder.rglob("*.txt"))


def test_what_lies_in_the_resources_is_told_with_the_place_of_its_licence() -> None:
    resources = PLACES.top / "resources"
    for piece in notices.PIECES:
        assert list(resources.glob(piece.place)), piece.name
        assert not piece.text or (resources / piece.text).is_file()
    told = {path for piece in notices.PIECES for path in resources.glob(piece.place)}
    foreign = {
        *resources.glob("fonts/*.[ot]tf"),
        *resources.glob("icons/*.svg"),
        *resources.glob("tokenizers/*"),
    }
    assert foreign == told


def test_a_bundle_is_made_even_where_links_take_no_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where asking for it is refused, of a file, too."""
    file, link = tmp_path / "a.dll", tmp_path / "b.dll"
    file.write_bytes(b"MZ")
    link.symlink_to(file.name)
    real = os.utime

    def utime(path: Path, times: tuple[int, int], *, follow_symlinks: bool = True) -> None:
        if not follow_symlinks:
            raise NotImplementedError("utime: follow_symlinks unavailable on this platform")
        real(path, times)

    monkeypatch.setattr(os, "utime", utime)
    monkeypatch.setattr(os, "supports_follow_symlinks", set())
    tree.make_even(tmp_path, 1_700_000_000)
    assert file.stat().st_mtime == 1_700_000_000
