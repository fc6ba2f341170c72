"""The bill of materials in CycloneDX: every part that people get, with version and licence.

The parts are the locked libraries and what is inside of them, the offline models with their hashes, fonts,
icons and vocabularies, Python, PyInstaller's starter, and what was taken from the system. Each has its own
reference: else the library makes one up, another one each time.
"""

import json
import platform
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from devtools import model
from devtools.building import licences
from devtools.building.places import NAME, BuildPlaces, epoch
from devtools.console import Refusal
from devtools.notices import INSIDE, PIECES, STARTER_LICENCE, licence_of, pinned

if TYPE_CHECKING:
    from cyclonedx.model.component import Component

_SYSTEMS = {"win32": "-windows", "darwin": f"-macos-{platform.machine()}"}
"""Beside Linux."""


def build(places: BuildPlaces) -> list[Path]:
    """Write it as JSON, after checking it against the standard's own schema."""
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot6

    bom = Bom(components=list(parts(places)))
    stamp = epoch(places.top)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"{NAME} {places.version} {stamp}")
    bom.metadata.timestamp = datetime.fromtimestamp(stamp, UTC)
    bom.metadata.component = Component(
        name=NAME,
        version=places.version,
        type=ComponentType.APPLICATION,
        bom_ref=f"{NAME}@{places.version}",
        licenses=[_licence("MIT")],
    )
    bom.register_dependency(bom.metadata.component, bom.components)
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    _demand_valid(text)
    path = places.dist / name_of(places.version)
    path.write_text(text + "\n", encoding="utf-8")
    return [path]


def name_of(version: str, system: str = sys.platform) -> str:
    """The file's name; what is in the packages of Windows and macOS is told in files of their own."""
    return f"{NAME}-{version}{_SYSTEMS.get(system, '')}.cdx.json"


def parts(places: BuildPlaces) -> Iterator["Component"]:
    """Every part, once."""
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.component import Component, ComponentType

    models = {each.package: each for each in model.known(places)}
    for name, version in pinned(places.pinned_lock.read_text(encoding="utf-8")):
        if name not in models and _is_here(name, places):
            yield _component(name, version, licence_of(name), "pypi")
    for each in models.values():
        yield Component(
            name=each.name,
            version=each.version,
            bom_ref=f"{each.name}@{each.sha256}",
            type=ComponentType.MACHINE_LEARNING_MODEL,
            licenses=[_licence(each.licence)],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each.sha256)],
        )
    for part in INSIDE:
        place = f"{part.library}/{part.name}"
        kind = ComponentType.LIBRARY
        yield Component(name=part.name, bom_ref=place, type=kind, licenses=[_licence(part.licence)])
    for piece in PIECES:
        kind = ComponentType.FILE
        yield Component(name=piece.name, bom_ref=piece.place, type=kind, licenses=[_licence(piece.licence)])
    starter = metadata.distribution(licences.STARTER)
    yield _component(licences.STARTER, starter.version, STARTER_LICENCE, "pypi")
    yield _component("python", platform.python_version(), "PSF-2.0", "generic")
    for name, version in sorted(_system_parts(places).items()):
        yield _component(name, version, f"see licences/system/{name}.txt", "deb")


def _component(name: str, version: str, licence: str, kind: str) -> "Component":
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    url = PackageURL(kind, "debian" if kind == "deb" else None, name, version)
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        purl=url,
        bom_ref=str(url),
        licenses=[_licence(licence)],
    )


def _licence(words: str) -> Any:
    from cyclonedx.factory.license import LicenseFactory

    return LicenseFactory().make_from_string(words)


def _is_here(name: str, places: BuildPlaces) -> bool:
    return next(iter(metadata.distributions(name=name, path=[str(places.site_packages)])), None) is not None


def _system_parts(places: BuildPlaces) -> dict[str, str]:
    names = licences.system_packages_of(licences.taken_from_system(places))
    if not names:
        return {}
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *sorted(names)],
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def _demand_valid(text: str) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.schema._res import BOM_JSON_STRICT  # the validator of the library wants ten more libraries
    from jsonschema import Draft7Validator

    schema = json.loads(Path(BOM_JSON_STRICT[SchemaVersion.V1_6] or "").read_text(encoding="utf-8"))
    problem = next(
        Draft7Validator(schema, registry=_registry(schema["$id"])).iter_errors(json.loads(text)), None
    )
    if problem is not None:
        raise Refusal(f"The bill of materials isn't valid: {problem.message} at {problem.json_path}.")


def _registry(base: str) -> Any:
    """The schemas that the standard's own, whose address is `base`, refers to by file name."""
    from cyclonedx.schema import _res
    from referencing import Registry
    from referencing.jsonschema import DRAFT7

    registry: Any = Registry()
    for file in (_res.JSF, _res.SPDX_JSON, _res.CRYPTOGRAPHY_DEFS):
        schema = json.loads(Path(file).read_text(encoding="utf-8"))
        for name in (schema["$id"], urljoin(base, Path(file).name)):
            registry = registry.with_resource(name, DRAFT7.create_resource(schema))
    return registry
