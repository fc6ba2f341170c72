"""`dev.py notices`: writes THIRD_PARTY_NOTICES.md from the runtime lock and the packages' own metadata."""

import re
import sys
from importlib import metadata
from typing import NamedTuple

from devtools.model import known
from devtools.places import Places, here

TOLD_HERE = {
    "apsw": "any OSI-approved licence",
    "backports-tarfile": "MIT",
    "cffi": "MIT-0",
    "cryptography": "Apache-2.0 OR BSD-3-Clause",
    "httpx-aiohttp": "BSD-3-Clause",
    "importlib-metadata": "Apache-2.0",
    "jeepney": "MIT",
    "lazy-importer": "Apache-2.0",
    "pycparser": "BSD-3-Clause",
    "pywin32-ctypes": "BSD-3-Clause",
    "secretstorage": "BSD-3-Clause",
    "zipp": "MIT",
}
"""Licences of packages that are installed on some systems only, or that name theirs in no short way."""

SHORT_NAMES = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}

OPENING = """# Third-party notices

CoRT Desktop is MIT-licensed (see LICENSE). It runs with the parts below, each under its own licence, whose
text comes with the part. Written by `python3 packaging/dev.py notices`.

## Libraries

| name | version | licence |
|---|---|---|
"""

MODELS = """
## Offline models

| name | package | licence |
|---|---|---|
"""


class Piece(NamedTuple):
    """Something in resources/ that others made; `text`: where its licence stands, in resources/."""

    name: str
    place: str
    licence: str
    text: str


PIECES = (
    Piece("Inter", "fonts/Inter-*.otf", "OFL-1.1 AND Apache-2.0", "fonts/LICENSE-Inter.txt"),
    Piece("JetBrains Mono", "fonts/JetBrainsMono-*.ttf", "Apache-2.0", "fonts/LICENSE-JetBrainsMono.txt"),
    Piece("Lucide icons", "icons/*.svg", "ISC AND MIT", "icons/LICENSE"),
    Piece(
        "cl100k_base of tiktoken, by OpenAI", "tokenizers/9b5ad71b2ce5302211f9c61530b329a4922fc6a4", "MIT", ""
    ),
    Piece(
        "o200k_base of tiktoken, by OpenAI", "tokenizers/fb374d419588a4632f3f557e76b4b70aebbca790", "MIT", ""
    ),
)


class Inside(NamedTuple):
    """Something of others that a library brings along without telling of it."""

    name: str
    library: str
    licence: str


_QT = "pyside6-essentials"
INSIDE = (
    Inside("DejaVu Sans", "ziafont", "Bitstream-Vera"),
    Inside("FreeType", _QT, "FTL"),
    Inside("HarfBuzz", _QT, "MIT-Modern-Variant"),
    Inside("ICU", _QT, "Unicode-DFS-2016"),
    Inside("MD4C", _QT, "MIT"),
    Inside("OpenSSL", "cryptography", "Apache-2.0"),
    Inside("PCRE2", _QT, "BSD-3-Clause"),
    Inside("Qt", _QT, "LGPL-3.0-only"),
    Inside("SHA-3 of Keccak's team", _QT, "CC0-1.0"),
    Inside("SQLite", "apsw", "blessing"),
    Inside("STIX Two Math", "ziamath", "OFL-1.1"),
    Inside("TinyCBOR", _QT, "MIT"),
    Inside("double-conversion", _QT, "BSD-3-Clause"),
    Inside("easing equations", _QT, "BSD-3-Clause"),
    Inside("forkfd", _QT, "MIT"),
    Inside("libjpeg-turbo", _QT, "IJG AND BSD-3-Clause AND Zlib"),
    Inside("libpng", _QT, "libpng-2.0"),
    Inside("libwebp", _QT, "BSD-3-Clause"),
    Inside("llama.cpp", "xllamacpp", "MIT"),
    Inside("parts of XCB", _QT, "MIT"),
    Inside("zlib", _QT, "Zlib"),
)
"""Of Qt those parts that Debian's copyright files name; the texts are in ``packaging/licences/inside``."""

WITHIN = """
## Inside the libraries

| name | library | licence |
|---|---|---|
"""

RESOURCES = """
## Fonts, icons, vocabularies

| name | files in resources | licence | its text, in resources |
|---|---|---|---|
"""

STARTER_LICENCE = "GPL-2.0-or-later WITH Bootloader-exception"
FROZEN = f"""
## In the packages that need no Python

| name | licence |
|---|---|
| Python | PSF-2.0 |
| the starter of PyInstaller | {STARTER_LICENCE} |

What they hold of the system that built them, and every text, is in their folder `licences`.
"""


def pinned(lock: str) -> list[tuple[str, str]]:
    """Name and version of every line of a lock file."""
    return re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", lock, re.MULTILINE)


def licence_of(name: str) -> str:
    """A package's licence in a few words: an SPDX expression where it gives one."""
    if name in TOLD_HERE:
        return TOLD_HERE[name]
    told = metadata.metadata(name)
    if "License-Expression" in told:
        return told["License-Expression"]
    classified = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier", []) if "License" in line]
    words = classified or str(told["License"]).strip().splitlines()[:1]
    return ", ".join(SHORT_NAMES.get(each, each) for each in words)


def document(places: Places) -> str:
    """The whole file."""
    models = known(places)
    text = OPENING
    offline = {each.package for each in models}
    for name, version in pinned(places.runtime_lock.read_text(encoding="utf-8")):
        if name not in offline:
            text += f"| {name} | {version} | {licence_of(name)} |\n"
    text += WITHIN
    for part in INSIDE:
        text += f"| {part.name} | {part.library} | {part.licence} |\n"
    text += MODELS
    for each in models:
        text += f"| {each.title} | {each.package} {each.version} | {each.licence} |\n"
    text += RESOURCES
    for piece in PIECES:
        text += f"| {piece.name} | `{piece.place}` | {piece.licence} | {piece.text and f'`{piece.text}`'} |\n"
    return text + FROZEN


def main() -> int:
    """Write the file."""
    places = here()
    (places.top / "THIRD_PARTY_NOTICES.md").write_text(document(places), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
