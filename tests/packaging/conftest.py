"""The small checkout, bare or with its environment made."""

from pathlib import Path

import pytest

from tests.packaging.checkouts import Checkout


@pytest.fixture
def bare(tmp_path: Path) -> Checkout:
    """A checkout in which dev.py never ran."""
    return Checkout(tmp_path)


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout whose environment is made once for the whole module: leave it as you found it."""
    checkout = Checkout(tmp_path_factory.mktemp("set_up"))
    done = checkout.dev("run")
    assert done.returncode == 7, done.stderr
    return checkout
