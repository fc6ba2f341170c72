"""What failures are called, and the small decisions of the commands."""

import errno

import pytest

from devtools import bench, checks, notices, pip_words, soak
from devtools.commands import in_words
from devtools.console import Refusal, megabytes
from devtools.discovery import modules, table
from devtools.model import known
from devtools.places import here

WRONG_HASH = """ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. [...]
    apsw==3.54.1.0 from file:///somewhere/apsw.whl (from -r requirements.txt (line 3)):
        Expected sha256 00
             Got        11
"""


@pytest.mark.parametrize(
    ("output", "part"),
    [
        (WRONG_HASH, "apsw==3.54.1.0"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space", "disk is full"),
        ("Connection broken: OSError(28, 'No space left on device')", "disk is full"),
        ("ProtocolError: Connection broken: IncompleteRead(5 bytes read)", "broke off"),
        ("ReadTimeoutError: HTTPSConnectionPool(host='x', port=443): Read timed out.", "not be reached"),
        ("ERROR: HTTP error 503 while getting x\nERROR: 503 Server Error: no", "not be reached"),
        ("versions: 1.0, 2.0)\nERROR: No matching distribution found for apsw==3", "no wheel of apsw==3"),
        ("something nobody foresaw", "dev.log"),
    ],
)
def test_pips_last_words_become_one_sentence(output: str, part: str) -> None:
    failure = pip_words.explain(output, "the libraries")
    assert part in str(failure)
    assert "\n" not in str(failure)


def test_sizes_are_in_the_unit_that_shops_and_readmes_use() -> None:
    assert [megabytes(count) for count in (0, 499_999, 92_871_040, 2_500_000_001)] == [
        "0 MB",
        "0 MB",
        "93 MB",
        "2500 MB",
    ]


def test_a_full_disk_is_named_even_when_pip_could_not_write_its_log() -> None:
    assert "disk is full" in str(pip_words.explain("", "the libraries", full=True))


@pytest.mark.parametrize(
    ("number", "part"),
    [(errno.EROFS, "writable"), (errno.EACCES, "writable"), (errno.ENOSPC, "full"), (errno.EIO, "again")],
)
def test_what_the_system_refuses_is_told_without_a_path_of_the_machine(number: int, part: str) -> None:
    words = in_words(OSError(number, "the system's reason", "/somewhere/checkout/.venv"))
    assert part in words
    assert "/somewhere" not in words


@pytest.mark.parametrize(
    ("arguments", "workers"),
    [
        ([], checks.WORKERS),
        (["-k", "storage"], checks.WORKERS),
        (["-n", "4"], []),
        (["-n0"], []),
        (["-p", "no:xdist"], []),
        (["--pdb"], []),
    ],
)
def test_two_workers_unless_the_person_chose(arguments: list[str], workers: list[str]) -> None:
    assert checks.workers(arguments) == workers


def test_a_figure_is_kept_or_missed() -> None:
    result = bench.Result(measured=3.0, reference=2.0, unit="ms")
    assert bench.row("start", result, 1.5) == ["start", "3 ms", "2 ms", "1.50", "1.50", "kept"]
    assert bench.row("start", result, 1.4)[-1] == "MISSED"


def test_the_table_lines_up() -> None:
    assert table(["a", "number", "verdict"], [["long name", "1", "kept"]]).splitlines() == [
        "a          number  verdict",
        "long name       1  kept",
    ]


def test_rounds_of_a_soak() -> None:
    assert soak.rounds_and_names(["kill", "--rounds", "5"]) == (5, ["kill"])
    assert soak.rounds_and_names(["kill"]) == (None, ["kill"])
    with pytest.raises(Refusal, match="whole number"):
        soak.rounds_and_names(["--rounds", "many"])


def test_an_unknown_figure_is_refused_by_name() -> None:
    with pytest.raises(Refusal, match="no nonsense in packaging/bench"):
        modules(here().packaging / "bench", ["nonsense"])


def test_the_locks_hold_every_model_last_and_no_address() -> None:
    places = here()
    pins = "".join(model.pin for model in known(places))
    for lock in (places.runtime_lock, places.dev_lock):
        text = lock.read_text(encoding="utf-8")
        assert text.endswith(pins)
        assert "://" not in text


def test_the_dev_lock_holds_the_runtime_lock() -> None:
    places = here()
    runtime, dev = (
        notices.pinned(lock.read_text("utf-8")) for lock in (places.runtime_lock, places.dev_lock)
    )
    assert set(runtime) <= set(dev)


def test_the_notices_are_up_to_date() -> None:
    places = here()
    assert (places.top / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8") == notices.document(places)
