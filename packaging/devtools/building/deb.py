"""The package for Debian and its kin: two variants, without and with the offline model.

What it depends on is read from the bundle: each library that it wants of the system is somebody's package.
"""

import hashlib
import platform
import shutil
import textwrap
from datetime import UTC, datetime
from pathlib import Path

from devtools.building import desktop_files, linking, publisher, staging, steps, tree
from devtools.building.places import NAME, VARIANTS, BuildPlaces, epoch
from devtools.console import Refusal

PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libexpat.so.1": "libexpat1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""Shared library → Debian's package that holds it."""

_OF_LIBC = ("libc.so", "libdl.so", "libm.so", "libpthread.so", "libresolv.so", "librt.so", "libutil.so")

CONTROL = """Package: {variant}
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: gnome-keyring | kwalletmanager | keepassxc, xdg-utils
{homepage}{others}Section: utils
Priority: optional
Description: {title}
{words}
"""

WORDS = """A model drafts an answer, alternatives challenge the draft, judges who don't know which is which
rank them, and the winner goes on to the next round. The window shows the conversation and the tree of every
round, live while the models think: why a candidate won, what it cost, and what the others said.

It works with servers on the same computer, with services that one has a key for, and with a small model of
its own, {model}.
"""


def build(places: BuildPlaces) -> list[Path]:
    """The packages of all variants."""
    steps.demand("dpkg-deb")
    return [_package(places, variant) for variant in places.variants]


def _package(places: BuildPlaces, variant: str) -> Path:
    root = places.work / "deb" / variant
    staging.stage(places, variant, root)
    _documents(places, variant, root)
    size = tree.bytes_of(root)
    control = root / "DEBIAN"
    control.mkdir()
    (control / "control").write_text(control_text(places, variant, size), encoding="utf-8")
    (control / "md5sums").write_text(_sums(root), encoding="utf-8")
    tree.make_even(root, epoch(places.top))
    package = places.dist / f"{variant}_{places.package_version}_{architecture()}.deb"
    steps.run(
        places,
        "dpkg-deb",
        ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", str(root), str(package)],
    )
    return package


def control_text(places: BuildPlaces, variant: str, size: int) -> str:
    """The control file of one package; `size` in bytes."""
    maker = publisher.read(places.top)
    with_model = variant != NAME
    other = next(each for each in VARIANTS if each != variant)
    others = f"Conflicts: {other}\nReplaces: {other}\n" + (f"Provides: {NAME}\n" if with_model else "")
    model = "which is in this package" if with_model else "which it fetches when asked to"
    paragraphs = [textwrap.wrap(each, 76) for each in WORDS.format(model=model).split("\n\n")]
    return CONTROL.format(
        variant=variant,
        version=places.package_version,
        architecture=architecture(),
        maintainer=maker.signature,
        homepage=f"Homepage: {maker.homepage}\n" if maker.homepage else "",
        kilobytes=size // 1024,
        depends=", ".join(dependencies(linking.wanted_of_system(places.bundle))),
        others=others,
        title="think questions through with language models"
        + (", with an offline model" if with_model else ""),
        words="\n .\n".join("\n".join(f" {line}" for line in lines) for lines in paragraphs),
    )


def dependencies(wanted: linking.Wanted) -> list[str]:
    """Debian's packages for what the bundle wants of the system. Refuses for an unknown library."""
    unknown = [name for name in wanted.libraries if name not in PACKAGES and not name.startswith(_OF_LIBC)]
    if unknown:
        raise Refusal(
            f"The bundle wants {', '.join(unknown)} of the system: name its package in building/deb.py, or "
            f"bring it along."
        )
    libc = f"libc6 (>= {wanted.glibc[0]}.{wanted.glibc[1]})"
    return [libc, *sorted({PACKAGES[name] for name in wanted.libraries if name in PACKAGES})]


def architecture() -> str:
    """This machine's, as dpkg calls it."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def changelog(places: BuildPlaces, variant: str) -> str:
    """The releases as Debian writes them; what is new stands in CHANGELOG.md."""
    entries = []
    maker = publisher.read(places.top)
    for version, day in desktop_files.releases(places):
        at = datetime.fromisoformat(day).replace(tzinfo=UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
        sign = f" -- {maker.signature}  {at}"
        entries.append(
            f"{variant} ({version.replace('rc', '~rc')}) stable; urgency=medium\n\n"
            f"  * See NEWS.md.gz.\n\n{sign}\n"
        )
    return "\n".join(entries)


def _documents(places: BuildPlaces, variant: str, root: Path) -> None:
    debian = places.packaging / "debian"
    documents = root / "usr" / "share" / "doc" / variant
    documents.mkdir(parents=True)
    desktop_files.packed(documents / "changelog.gz", changelog(places, variant))
    desktop_files.packed(documents / "NEWS.md.gz", (places.top / "CHANGELOG.md").read_text(encoding="utf-8"))
    licence = (places.top / "LICENSE").read_text(encoding="utf-8").partition("\n\n")[2]
    lines = [f" {line}" if line.strip() else " ." for line in licence.strip().splitlines()]
    text = (debian / "copyright").read_text(encoding="utf-8")
    text = publisher.filled(text, publisher.read(places.top)).replace("@LICENCE@", "\n".join(lines))
    (documents / "copyright").write_text(text, encoding="utf-8")
    overrides = root / "usr" / "share" / "lintian" / "overrides" / variant
    overrides.parent.mkdir(parents=True)
    shutil.copyfile(debian / "lintian-overrides", overrides)


def _sums(root: Path) -> str:
    paths = [path for path in tree.files_of(root) if "DEBIAN" not in path.relative_to(root).parts]
    lines = []
    for path in paths:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "md5").hexdigest()
        lines.append(f"{found}  {path.relative_to(root)}\n")
    return "".join(lines)
