"""What goes into a bundle and what stays out, decided by name; PyInstaller's spec asks here.

PyInstaller takes every plugin of Qt it finds, and with them half of Qt Quick and all of GTK. The window needs
few of them: named below are the folders and files that stay. A library goes when nothing that stays wants it.
On Linux the libraries that every desktop has are left to it: two of one kind in a process don't agree.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import PurePath

EXCLUDED_MODULES = (
    "IPython", "PIL", "PySide6.QtDesigner", "PySide6.QtOpenGL", "PySide6.QtPrintSupport", "PySide6.QtQml",
    "PySide6.QtQuick", "PySide6.QtSql", "PySide6.QtTest", "PySide6.QtUiTools", "_pytest", "hypothesis",
    "lib2to3", "matplotlib", "mypy", "numpy", "packaging", "pip", "pkg_resources", "pydoc_data", "pytest",
    "reasoning_gym", "scipy", "setuptools", "sympy", "tkinter", "treequest", "wheel",
    # Of tiktoken: fetching vocabularies, which come along, and its lessons.
    "requests", "charset_normalizer", "tiktoken._educational", "regex",
    # Of RapidFuzz all but the distances; and the same once more for newer processors.
    "rapidfuzz.distance.metrics_cpp_avx2", "rapidfuzz.fuzz_cpp", "rapidfuzz.fuzz_cpp_avx2",
    "rapidfuzz.fuzz_cpp_sse2", "rapidfuzz.process_cpp_impl",
    # Has a twin in Python.
    "wcwidth._wcwidth_c",
    "readline",
)  # fmt: skip
"""Nothing that the program does imports these; a library may, where they are there."""

METADATA = (
    "aiohttp", "apsw", "httpx", "httpx-aiohttp", "keyring", "prompt-toolkit", "PySide6-Essentials", "rich",
    "tiktoken", "xllamacpp",
)  # fmt: skip
"""Distributions whose versions the program looks at, or whose entry points it finds."""

WITH_DATA = ("latex2mathml", "ziafont", "ziamath")
"""Packages that read files of their own, which no hook knows."""

BY_NAME = ("keyring.backends", "tiktoken_ext")
"""Packages whose modules are found by name while the program runs."""

PLUGINS: dict[str, tuple[str, ...] | None] = {
    "iconengines": None,
    "imageformats": ("qgif", "qico", "qjpeg", "qsvg", "qwebp"),
    "platforminputcontexts": ("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
    "platforms": ("qcocoa", "qminimal", "qoffscreen", "qwayland", "qwindows", "qxcb"),
    "platformthemes": ("qxdgdesktopportal",),
    "styles": None,
    "wayland-decoration-client": None,
    "wayland-shell-integration": None,
}
"""Folder of plugins → those that stay, or None for all of it."""

OF_THE_SYSTEM = (
    "libX11-xcb.so", "libX11.so", "libXau.so", "libXdmcp.so", "libdbus-1.so", "libexpat.so",
    "libfontconfig.so", "libfreetype.so", "libgio-2.0.so", "libglib-2.0.so", "libgmodule-2.0.so",
    "libgobject-2.0.so", "libgthread-2.0.so", "libwayland-", "libxkbcommon.so",
)  # fmt: skip
"""Libraries that a Linux with a desktop has: the window names those that are missing (`gui/screen.py`)."""

_LIBRARY = re.compile(r"^(lib[^/]+\.so(\.[0-9.]+)?|lib[^/]+\.dylib|(Qt6|icu)[^/]*\.dll|Qt[A-Za-z]+)$")
_ROOTS = ("libpython",)
"""The starter needs it, which is no file of the list."""
_QT_HOMES = (("PySide6", "Qt"), ("PySide6",))


def stays(destination: str, languages: Iterable[str] = ()) -> bool:
    """Whether a file that PyInstaller would put at `destination` in the bundle is of use there.

    languages: those the window speaks beside English; of Qt's own words only they are shown.
    """
    place = PurePath(destination.replace("\\", "/"))
    below = _below_qt(place.parts)
    if place.name.startswith(OF_THE_SYSTEM) and ".libs" not in destination:
        return False
    if below[:1] == ("plugins",):
        return below[1:] != () and _wanted_plugin(below[1], below[-1])
    if below[:1] == ("translations",):
        return below[-1] in {f"qtbase_{language}.qm" for language in languages}
    return below[:1] not in {("qml",), ("libexec",), ("resources",)}


def unwanted_libraries(files: Iterable[str], needs: Callable[[str], Iterable[str]]) -> set[str]:
    """Those of `files` (places in the bundle) that are shared libraries which nothing that stays needs.

    needs: the file names of the libraries that a file asks the system's linker for.
    """
    places = list(files)
    libraries = {PurePath(each).name: each for each in places if _is_library(each)}
    reached: set[str] = set()
    waiting = [each for each in places if not _is_library(each)]
    while waiting:
        for name in needs(waiting.pop()):
            if name in libraries and name not in reached:
                reached.add(name)
                waiting.append(libraries[name])
    return {place for name, place in libraries.items() if name not in reached}


def is_left_behind(place: str, unwanted: Iterable[str]) -> bool:
    """Whether a file lies in a framework of macOS whose library is unwanted: it could not be signed."""
    home = _framework(place)
    return home != "" and home in {_framework(each) for each in unwanted}


def _framework(place: str) -> str:
    head, mark, _ = place.replace("\\", "/").partition(".framework/")
    return head if mark else ""


def _below_qt(parts: tuple[str, ...]) -> tuple[str, ...]:
    for home in _QT_HOMES:
        if parts[: len(home)] == home:
            return parts[len(home) :]
    return ()


def _wanted_plugin(folder: str, name: str) -> bool:
    if folder not in PLUGINS:
        return False
    wanted = PLUGINS[folder]
    return wanted is None or PurePath(name).name.split(".")[0].removeprefix("lib") in wanted


def _is_library(place: str) -> bool:
    path = PurePath(place)
    return (
        "plugins" not in path.parts
        and _LIBRARY.match(path.name) is not None
        and not path.name.startswith(_ROOTS)
    )
