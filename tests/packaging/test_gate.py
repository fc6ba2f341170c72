"""dev.py turns unfit Pythons away in one sentence, and they must be able to read it for that."""

import ast
import subprocess
import sys

import pytest

import dev
from tests.packaging.checkouts import TOP

SOURCE = TOP / "packaging" / "dev.py"


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_fit_pythons_pass(version: tuple[int, int]) -> None:
    assert dev.refusal(version) == ""


@pytest.mark.parametrize("version", [(3, 6), (3, 10), (3, 14), (4, 0)])
def test_unfit_pythons_are_named(version: tuple[int, int]) -> None:
    words = dev.refusal(version)
    assert f"Python {version[0]}.{version[1]}" in words
    assert words.count(". ") == 0


def test_old_pythons_can_read_the_gate() -> None:
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_pythons_2_can_read_the_gate_too() -> None:
    """What the parsers of Python 2 stop at: notes of types, formatted strings, letters beyond ASCII."""
    source = SOURCE.read_text(encoding="ascii")
    assert "print" not in source
    for node in ast.walk(ast.parse(source)):
        assert not isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.NamedExpr | ast.AsyncFunctionDef)
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert not node.args.kwonlyargs
            assert not node.args.posonlyargs
            assert all(argument.annotation is None for argument in node.args.args)


def test_an_unfit_python_ends_with_3() -> None:
    pretend = (
        "import runpy, sys; sys.version_info = (3, 10, 2, 'final', 0);"
        "runpy.run_path(sys.argv[1], run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", pretend, str(SOURCE)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stdout == ""
    assert "this is Python 3.10" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
