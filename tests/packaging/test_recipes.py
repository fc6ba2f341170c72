"""The recipes for systems that aren't here, each checked by that system's own tool as far as Linux has it."""

import plistlib
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from devtools.building import appimage, desktop_files, flatpak, publisher, rpm, version, windows
from devtools.building.places import NAME, BuildPlaces
from devtools.console import Refusal
from devtools.places import here
from devtools.smoke import root
from devtools.stamp import digest

PLACES = BuildPlaces(here().top)
PACKAGING = PLACES.packaging
IDENTITY = publisher.Publisher(
    id="org.person.tools.Thinker", name="Some Person", mail="who@person.org", homepage="https://person.org/t"
)


def tool(name: str) -> pytest.MarkDecorator:
    """`dev.py test` installs these where it may."""
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"there is no {name} here")


@pytest.fixture
def places(tmp_path: Path) -> BuildPlaces:
    """A build of this checkout that writes elsewhere."""
    made = BuildPlaces(PLACES.top)
    made.dist, made.work, made.icons = tmp_path / "dist", tmp_path / "work", tmp_path / "icons"
    made.bundle = tmp_path / "bundle"
    for folder in (made.dist, made.work, made.icons):
        folder.mkdir()
    return made


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> publisher.Publisher:
    """The publisher is a person who filled in all of the table."""
    monkeypatch.setattr(publisher, "read", lambda _top: IDENTITY)
    return IDENTITY


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ('id = "CortDesktop"', "id"),
        ('mail = "nobody"', "mail"),
        ('name = "A <b@c.d>"', "name"),
        ('homepage = "http://a.b"', "homepage"),
        ("", "homepage"),
    ],
)
def test_a_publisher_that_packages_cant_carry_is_refused_by_field(
    tmp_path: Path, line: str, wrong: str
) -> None:
    (tmp_path / "packaging").mkdir()
    rows = {"id": '"a.b.C"', "name": '"N"', "mail": '"m@d.e"', "homepage": '""'}
    del rows[wrong]
    text = "\n".join([*(f"{key} = {words}" for key, words in rows.items()), line])
    (tmp_path / publisher.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(Refusal, match=f"no {wrong} "):
        publisher.read(tmp_path)


def test_the_publisher_stands_in_one_place() -> None:
    maker = publisher.read(PLACES.top)
    found = {
        path.relative_to(PACKAGING).as_posix()
        for path in PACKAGING.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
        if any(
            words in path.read_bytes()
            for words in (maker.id.encode(), maker.mail.encode(), maker.name.encode())
        )
    }
    assert found == {publisher.FILE.name}


def test_every_recipe_takes_the_publisher_from_there(
    places: BuildPlaces, somebody: publisher.Publisher
) -> None:
    (places.work / "root" / "usr" / "share").mkdir(parents=True)
    archive = places.dist / "a.tar.xz"
    archive.write_bytes(b"xz")
    texts = {
        "metainfo": desktop_files.metainfo(places),
        "flatpak": flatpak.write(places, archive, places.work / "flatpak").read_text(encoding="utf-8"),
        "rpm": rpm.spec_text(places, NAME, places.work / "root"),
        "windows": version.windows_version_text(places.top),
        "installer": " ".join(windows.command(places, places.work, places.dist / "a.exe")),
    }
    assert somebody.id in texts["metainfo"]
    assert '<developer id="org.person.tools">' in texts["metainfo"]
    assert f'<url type="homepage">{somebody.homepage}</url>' in texts["metainfo"]
    assert f"app-id: {somebody.id}" in texts["flatpak"]
    assert f"URL:            {somebody.homepage}" in texts["rpm"]
    for each in ("metainfo", "rpm", "windows", "installer"):
        assert somebody.name in texts[each], each
    assert not any("@ID@" in text or "@PUBLISHER" in text or "@HOMEPAGE" in text for text in texts.values())


@tool("appstreamcli")
def test_app_stores_can_read_the_metainfo(places: BuildPlaces, somebody: publisher.Publisher) -> None:
    path = places.work / desktop_files.metainfo_name(places)
    path.write_text(desktop_files.metainfo(places), encoding="utf-8")
    done = run("appstreamcli", "validate", "--no-net", "--pedantic", path)
    assert done.returncode == 0, done.stdout
    path.write_text(
        path.read_text(encoding="utf-8").replace("<name>CoRT Desktop</name>", ""), encoding="utf-8"
    )
    assert run("appstreamcli", "validate", "--no-net", path).returncode != 0


@tool("desktop-file-validate")
def test_menus_can_read_the_entry(tmp_path: Path) -> None:
    entry = PACKAGING / "linux" / f"{NAME}.desktop"
    done = run("desktop-file-validate", entry)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    spoilt = tmp_path / entry.name
    spoilt.write_text(entry.read_text(encoding="utf-8").replace("Type=", "Kind="), encoding="utf-8")
    assert run("desktop-file-validate", spoilt).returncode != 0


@tool("flatpak-builder")
def test_flatpak_builder_reads_the_manifest(places: BuildPlaces) -> None:
    archive = places.dist / f"{NAME}-1.0.tar.xz"
    archive.write_bytes(b"xz")
    manifest = flatpak.write(places, archive, places.work / "flatpak")
    shown = flatpak.show(places, manifest)
    assert '"sha256" : "' + digest(archive) in shown
    assert "org.freedesktop.secrets" in shown
    for wide in ("--filesystem", "--socket=session-bus", "--device=all", "--socket=x11"):
        assert f'"{wide}' not in shown
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace("modules:", "modules: ]"), encoding="utf-8"
    )
    with pytest.raises(Refusal, match="flatpak-builder failed"):
        flatpak.show(places, manifest)


@tool("rpmspec")
def test_rpm_reads_its_spec(places: BuildPlaces, tmp_path: Path) -> None:
    folder = tmp_path / "root"
    (folder / "usr" / "share" / "doc").mkdir(parents=True)
    (folder / "usr" / "share" / "doc" / "a file").write_text("text")
    path = tmp_path / "a.spec"
    path.write_text(rpm.spec_text(places, NAME, folder, version="1.2~rc1"), encoding="utf-8")
    query = "%{NAME} %{VERSION} %{VENDOR} %{PACKAGER}"
    done = run("rpmspec", "--query", "--queryformat", query, path)
    maker = publisher.read(places.top)
    assert done.stdout == f"{NAME} 1.2~rc1 {maker.name} {maker.signature}", done.stderr
    path.write_text(path.read_text(encoding="utf-8").replace("Name:", "Nam:"), encoding="utf-8")
    assert run("rpmspec", "--parse", path).returncode != 0


def test_what_macos_is_asked_for_is_one_right() -> None:
    with (PACKAGING / "macos" / "entitlements.plist").open("rb") as file:
        assert plistlib.load(file) == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


SCRIPTS = [
    *PACKAGING.glob("*/*.sh"),
    *PACKAGING.glob("*/AppRun"),
    Path(root.__file__).with_name("window.sh"),
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_can_be_read(script: Path) -> None:
    assert run("sh", "-n", script).returncode == 0


def test_an_appimage_asks_for_the_runtime_it_begins_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("APPIMAGE_RUNTIME", raising=False)
    with pytest.raises(Refusal, match="fetch it from that project's releases"):
        appimage.demanded_runtime()
    other = tmp_path / "runtime"
    other.write_bytes(b"something else")
    monkeypatch.setenv("APPIMAGE_RUNTIME", str(other))
    monkeypatch.setenv("APPIMAGE_RUNTIME_SHA256", "0" * 64)
    with pytest.raises(Refusal, match="isn't the file that APPIMAGE_RUNTIME_SHA256 means"):
        appimage.demanded_runtime()
    monkeypatch.setenv("APPIMAGE_RUNTIME_SHA256", digest(other).upper())
    assert appimage.demanded_runtime() == other


@tool("mksquashfs")
def test_an_appimage_is_the_runtime_and_then_the_program(places: BuildPlaces, tmp_path: Path) -> None:
    """With a stand-in for the runtime: what the image holds is read back and started."""
    system = tmp_path / "root"
    for name, text in {
        f"usr/lib/{NAME}/{NAME}": '#!/bin/sh\necho "started with $*"\n',
        f"usr/share/applications/{NAME}.desktop": "[Desktop Entry]\n",
        f"usr/share/icons/hicolor/256x256/apps/{NAME}.png": "png",
    }.items():
        (system / name).parent.mkdir(parents=True, exist_ok=True)
        (system / name).write_text(text)
    (system / f"usr/lib/{NAME}/{NAME}").chmod(0o755)
    runtime = tmp_path / "runtime"
    runtime.write_bytes(b"\x7fELF" + bytes(4096))
    image = appimage.make(places, runtime, system, places.dist / "a.AppImage")
    content = image.read_bytes()
    assert content.startswith(runtime.read_bytes())
    assert image.stat().st_mode & stat.S_IXUSR
    out = tmp_path / "out"
    done = run(
        "unsquashfs", "-quiet", "-no-progress", "-offset", str(runtime.stat().st_size), "-dest", out, image
    )
    assert done.returncode == 0, done.stderr
    assert run(out / "AppRun", "ask", "two words").stdout == "started with ask two words\n"
    assert (out / f"{NAME}.desktop").is_file()
    assert (out / ".DirIcon").readlink() == Path(f"{NAME}.png")
    again = appimage.make(places, runtime, system, places.dist / "b.AppImage")
    assert again.read_bytes() == content


@tool("makensis")
def test_the_windows_installer_compiles(places: BuildPlaces, tmp_path: Path) -> None:
    (places.icons / "app.ico").write_bytes(_smallest_icon())
    bundle = tmp_path / "bundle"
    (bundle / "_internal").mkdir(parents=True)
    for name in ("cort-desktop.exe", "cort-desktopw.exe", "_internal/a.dll"):
        (bundle / name).write_bytes(b"MZ")
    for name in ("LICENSE", "THIRD_PARTY_NOTICES.md"):
        shutil.copyfile(places.top / name, bundle / name)
    out = places.dist / "cort-desktop-setup.exe"
    done = run(*windows.command(places, bundle, out))
    assert done.returncode == 0, done.stdout
    assert out.read_bytes().startswith(b"MZ")
    (bundle / "LICENSE").unlink()
    assert run(*windows.command(places, bundle, out)).returncode != 0


def _smallest_icon() -> bytes:
    """One pixel in the format of Windows."""
    header = bytes([0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 32, 0, 48, 0, 0, 0, 22, 0, 0, 0])
    picture = (40).to_bytes(4, "little") + (1).to_bytes(4, "little") + (2).to_bytes(4, "little")
    return header + picture + bytes([1, 0, 32, 0]) + bytes(24) + bytes(4) + bytes(4)
