"""The package for Fedora, openSUSE and their kin: what the .deb holds, packed by rpmbuild."""

import platform
import shutil
from pathlib import Path

from devtools.building import linking, publisher, staging, steps, tree
from devtools.building.places import NAME, VARIANTS, BuildPlaces, epoch


def build(places: BuildPlaces) -> list[Path]:
    """The packages of all variants."""
    steps.demand("rpmbuild")
    return [_package(places, variant) for variant in places.variants]


def _package(places: BuildPlaces, variant: str) -> Path:
    top = places.work / "rpm" / variant
    shutil.rmtree(top, ignore_errors=True)
    root = top / "root"
    staging.stage(places, variant, root)
    documents = root / "usr" / "share" / "doc" / variant
    documents.mkdir(parents=True)
    for name in ("CHANGELOG.md", "LICENSE"):
        shutil.copyfile(places.top / name, documents / name)
    tree.make_even(root, epoch(places.top))
    package = places.dist / f"{variant}-{places.package_version}-1.{platform.machine()}.rpm"
    return pack(places, spec_text(places, variant, root), root, package)


def pack(places: BuildPlaces, spec: str, root: Path, package: Path) -> Path:
    """Make `package` of the root folder that `spec` lists, in a folder of its own beside that root."""
    top, name = root.parent, package.name
    path = top / f"{name}.spec"
    path.write_text(spec, encoding="utf-8")
    settings = {"_topdir": str(top), "_rpmdir": str(top / "made"), "_rpmfilename": name}
    defines = [word for key, value in settings.items() for word in ("--define", f"{key} {value}")]
    steps.run(places, "rpmbuild", ["rpmbuild", "-bb", "--buildroot", str(root), *defines, str(path)])
    shutil.move(top / "made" / name, package)
    return package


def spec_text(places: BuildPlaces, variant: str, root: Path, version: str = "") -> str:
    """The spec of one package, with every file named; of another version than this one's, if told."""
    other = next(each for each in VARIANTS if each != variant)
    maker = publisher.read(places.top)
    text = publisher.filled((places.packaging / "rpm" / f"{NAME}.spec.in").read_text(encoding="utf-8"), maker)
    for mark, words in {
        "@NAME@": variant,
        "@VERSION@": version or places.package_version,
        "@OTHER@": other,
        "@HOMEPAGE@": f"URL:            {maker.homepage}" if maker.homepage else "",
        "@REQUIRES@": "\n".join(
            f"Requires:       {each}" for each in requirements(linking.wanted_of_system(places.bundle))
        ),
        "@FILES@": "\n".join(_files(root)),
    }.items():
        text = text.replace(mark, words)
    return text


def requirements(wanted: linking.Wanted) -> list[str]:
    """What rpm calls the libraries that the bundle wants of the system; it finds their packages itself."""
    bits = "()(64bit)" if platform.machine() in {"x86_64", "aarch64"} else ""
    glibc = f"libc.so.6(GLIBC_{wanted.glibc[0]}.{wanted.glibc[1]}){bits[2:]}"
    return [glibc, *(f"{name}{bits}" for name in wanted.libraries)]


def _files(root: Path) -> list[str]:
    home = root / "usr" / "lib" / NAME
    lines = [f"/usr/bin/{NAME}", f"/usr/lib/{NAME}"]
    shared = (path for path in tree.files_of(root / "usr" / "share") if not path.is_relative_to(home))
    return lines + [f'"/{path.relative_to(root)}"' for path in shared]
