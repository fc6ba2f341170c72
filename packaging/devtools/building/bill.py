"""The bill of materials in CycloneDX: every part that people get, with version, licence and hash.

The parts are the locked libraries, the offline models, Python, and what was taken from the system.
"""

import json
import platform
import subprocess
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
from devtools.notices import licence_of, pinned

if TYPE_CHECKING:
    from cyclonedx.model.component import Component


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
        name=NAME, version=places.version, type=ComponentType.APPLICATION, licenses=[_licence("MIT")]
    )
    bom.register_dependency(bom.metadata.component, bom.components)
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    _demand_valid(text)
    path = places.dist / f"{NAME}-{places.version}.cdx.json"
    path.write_text(text + "\n", encoding="utf-8")
    return [path]


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
            type=ComponentType.MACHINE_LEARNING_MODEL,
            licenses=[_licence(each.licence)],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each.sha256)],
        )
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
