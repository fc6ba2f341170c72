"""The house's rules that a machine can check: layers, wiring, a light start, no strange names."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from cort_desktop.domain.settings import (
    Appearance,
    BudgetSettings,
    CacheSettings,
    Defaults,
    PresetSettings,
    ProviderSettings,
    Settings,
)
from cort_desktop.errors import UsageError
from cort_desktop.terminal.arguments import parse
from cort_desktop.terminal.chat import KNOWN

TOP = Path(__file__).parents[1]
PACKAGE = TOP / "cort_desktop"
SOURCES = sorted(PACKAGE.rglob("*.py"))
PAGES = sorted(TOP.glob("*.md"))
HEAVY = ("httpx", "aiohttp", "apsw", "keyring", "rich", "prompt_toolkit", "tiktoken", "xllamacpp", "tomlkit")
BANNED_WORDS = re.compile(r"class \w*(Manager|Helper|Util|Handler|Processor|Enhanced|Advanced)\b|_v2\b")


def said(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_layers_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


# Wiring: what can be set is read, what is documented exists


def declared() -> Iterator[str]:
    for kind in (
        Appearance,
        CacheSettings,
        Defaults,
        BudgetSettings,
        ProviderSettings,
        PresetSettings,
        Settings,
    ):
        for field in fields(kind):
            yield field.name


def read_names(path: Path) -> set[str]:
    """Attributes and texts in a module: what it may read of a value."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(said(path))):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def reads_by_method(path: Path) -> dict[str, set[str]]:
    """Each function of a module with the attributes it reads."""
    return {
        node.name: {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
        for node in ast.walk(ast.parse(said(path)))
        if isinstance(node, ast.FunctionDef)
    }


def test_every_setting_has_a_reader() -> None:
    """Read outside of where settings are declared and parsed, or by a method there that is called outside."""
    readers = [path for path in SOURCES if not path.name.startswith("settings")]
    names = set[str]().union(*map(read_names, readers))
    for _ in range(3):  # a method may stand on another one
        for method, reads in reads_by_method(PACKAGE / "domain" / "settings.py").items():
            if method in names:
                names |= reads
    without = {name for name in declared() if name not in names}
    assert not without, f"settings that nothing reads: {sorted(without)}"


def commands_in(page: str) -> Iterator[list[str]]:
    """The words after ``cort-desktop`` or ``dev.py run`` in a page's code."""
    code = re.findall(r"^```[^\n]*\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", page, flags=re.DOTALL | re.MULTILINE))
    for line in [*spans, *(line for block in code for line in block.splitlines())]:
        found = re.match(
            r"(?:\$ )?(?:.*\| *)?(?:cort-desktop|python3? packaging/dev\.py run)(?= |$)(.*)", line
        )
        if found:
            yield _words(found[1])


def _words(line: str) -> list[str]:
    """A documented command line, with something in the place of what is left open."""
    line = re.sub(r"(?:^| )#.*|[|>].*$", "", line).replace("…", " ")
    return [word.strip("[]") for word in shlex.split(line)]


def options_in(page: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page))


def known_options() -> set[str]:
    """Every option of every command, as the help tells."""
    lines = [["--help"]]
    commands = (
        "ask",
        "chat",
        "resume",
        "replay",
        "spending",
        "doctor",
        "gui",
        "strategies",
        "worth",
        "bench",
    )
    lines += [[command, "--help"] for command in (*commands, "bench")]
    library = ("list", "show", "search", "export", "import", "delete")
    lines += [["conversations", word, "--help"] for word in library]
    lines += [["models", "list", "--help"], ["models", "install", "--help"], ["keys", "set", "--help"]]
    lines += [["cache", word, "--help"] for word in ("show", "list", "clear")]
    lines += [["bench", word, "--help"] for word in ("report", "check", "tasks")]
    texts = [str(getattr(parse(line, None), "text", "")) for line in lines]
    assert all(texts)
    return set[str]().union(*map(options_in, texts))


DEV_OPTIONS = {"--rounds", "--upgrade", "--plain", "--with-model", "--remove"}
"""Options of ``packaging/dev.py``'s own commands, of the tools they call and of the archive's install.sh."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_documented_command_exists(page: Path) -> None:
    for words in commands_in(said(page)):
        if not words or words[0].isupper():  # `cort-desktop ARGUMENTS` stands for all of them
            continue
        try:
            parse(_with_examples(words), None)
        except UsageError as error:
            pytest.fail(f"{page.name} documents `cort-desktop {' '.join(words)}`: {error}")


def _with_examples(words: list[str]) -> list[str]:
    """``list|show`` means the first; a placeholder is a word like any other."""
    return [word.split("|")[0] for word in words]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_documented_option_exists(page: Path) -> None:
    known = known_options() | DEV_OPTIONS
    unknown = {name for name in options_in(said(page)) if name not in known}
    assert not unknown, f"{page.name} names options that do not exist: {sorted(unknown)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_documented_verb_and_file_exists(page: Path) -> None:
    text = said(page)
    verbs = set(re.findall(r"`(/[a-z]+)`", text))
    assert verbs <= KNOWN, f"{page.name} names verbs that chat doesn't know: {sorted(verbs - KNOWN)}"
    paths = set(re.findall(r"`((?:tests|packaging|cort_desktop|resources)/[\w./-]+)`", text))
    paths |= set(
        re.findall(r"`((?:engine|domain|services|storage|providers|telling|terminal)/[\w/]+\.py)`", text)
    )
    for path in paths:
        assert (TOP / path).exists() or (PACKAGE / path).exists(), f"{page.name} names {path}"


def test_there_is_something_to_check() -> None:
    assert {page.name for page in PAGES} >= {"CHANGELOG.md", "CONTRIBUTING.md"}
    found = [words for page in PAGES for words in commands_in(said(page))]
    assert found
    assert {"--events", "--json", "--preset", "--budget-calls", "--help"} <= known_options() | {"--help"}


# Names and places


def texts_in(path: Path) -> Iterator[str]:
    """The text constants of a module that are no docstrings."""
    tree = ast.parse(said(path))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


_PLACES = re.compile(r"/(?:home|root|work|Users|usr|opt|var|tmp)(?:/|\b)|[A-Z]:\\\\")
_REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted|files\.pythonhosted|huggingface|npmjs|simple/", re.IGNORECASE
)


def test_no_file_names_a_machines_place_or_a_registry() -> None:
    for path in SOURCES:
        found = [text for text in texts_in(path) if _PLACES.search(text)]
        assert not found, f"{path} names a place of some machine: {found}"
        assert not _REGISTRIES.search(said(path)), f"{path} names a registry"


def test_nothing_is_named_by_what_says_nothing() -> None:
    found = [str(path) for path in SOURCES if BANNED_WORDS.search(said(path))]
    assert not found


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without its docstring."""
    docs = 1 if ast.get_docstring(function) is not None else 0
    first = function.body[docs] if len(function.body) > docs else function.body[0]
    return (function.end_lineno or 0) - first.lineno + 1


def test_files_and_functions_stay_small() -> None:
    long_files = [path.name for path in SOURCES if len(said(path).splitlines()) > 400]
    assert not long_files
    long_functions = [
        f"{path.name}:{node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(said(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > 40
    ]
    assert not long_functions


def test_only_two_places_catch_everything() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}"
        for path in SOURCES
        for node in ast.walk(ast.parse(said(path)))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]
    assert len(found) <= 2, found


# The start


def imported_with(module: str) -> set[str]:
    """The top names of all modules that importing ``module`` loads, in a fresh interpreter."""
    code = f"import sys, {module}; print('\\n'.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["cort_desktop.terminal.arguments", "cort_desktop.__main__"])
def test_reading_the_command_line_loads_nothing_heavy(module: str) -> None:
    found = imported_with(module)
    assert not found & set(HEAVY)
    assert "asyncio" not in found or module != "cort_desktop.__main__"


def test_the_domain_loads_the_standard_library_alone() -> None:
    found = imported_with(
        "cort_desktop.domain.run, cort_desktop.domain.wire, cort_desktop.domain.settings_reading"
    )
    assert not found & {*HEAVY, "asyncio", "platformdirs", "logging"}


def test_what_is_said_of_a_run_needs_no_front_end() -> None:
    found = imported_with("cort_desktop.telling.outline, cort_desktop.telling.why")
    assert not found & {*HEAVY, "asyncio", "PySide6", "logging"}


ALONE = """
import os, pkgutil, sys, importlib
import cort_desktop
failed = []
for package in sys.argv[1:]:
    found = importlib.import_module(package)
    names = [each.name for each in pkgutil.walk_packages(found.__path__, package + ".")]
    for name in names:
        child = os.fork()
        if not child:
            try:
                importlib.import_module(name)
            except ImportError as error:
                print(name, error, flush=True)
                os._exit(1)
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            failed.append(name)
sys.exit(bool(failed))
"""


@pytest.mark.skipif(
    sys.platform == "win32", reason="forks, to import each module into a fresh process quickly"
)
def test_every_module_of_the_core_can_be_imported_first() -> None:
    """Whichever module comes first, none runs in a circle."""
    packages = ("domain", "engine", "resilience", "telling")
    done = subprocess.run(
        [sys.executable, "-c", ALONE, *(f"cort_desktop.{package}" for package in packages)],
        capture_output=True,
        text=True,
        check=False,
        cwd=TOP,
    )
    assert done.returncode == 0, done.stdout + done.stderr
