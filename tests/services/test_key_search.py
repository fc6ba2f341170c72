"""Keys that got into files: found wherever they lie, named by their place, never repeated."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

from cort_desktop.domain.ids import blob_of
from cort_desktop.services.key_search import LIMIT_S, KeySearch, Searched, own_files
from tests.fakes.library import CONVERSATION, shelf, stalled

KEY = "canary+0123/456789=xyz"
OTHER = "second-canary-9876543210"
MIB = 1024 * 1024


def search(home: Path, keys: dict[str, str] | None = None, **options: float) -> Searched:
    """Look through a home as the doctor does."""
    files = own_files(
        home / "config.toml", (home / "logs", home / "cache", home / "data"), without=(home / "models",)
    )
    keys = {"openai": KEY} if keys is None else keys
    return KeySearch(keys, monotonic=lambda: 0.0, **options).files(files)


def put(home: Path, name: str, content: bytes) -> None:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def whole(found: Searched) -> str:
    return "\n".join((*(each.words for each in found.finds), *found.left_out))


def plant_in_blob(home: Path) -> None:
    """A request's text is stored compressed: no look at the file's bytes would find it."""
    with shelf(home / "data") as books:
        books.begin()
        text = "words of a prompt " * 500 + KEY
        books.log.append([stalled(1)], {blob_of(text): text}).result()


def plant_in_question(home: Path) -> None:
    """A long text lies on pages that need not follow each other."""
    with shelf(home / "data") as books:
        books.begin(question="x" * 4080 + KEY + "y" * 9000)
        books.conversations.rename(CONVERSATION, "a title of its own").result()


def plant_in_title(home: Path) -> None:
    with shelf(home / "data") as books:
        books.begin()
        books.conversations.rename(CONVERSATION, f"my {KEY}").result()


PLACES: dict[str, tuple[bytes, str]] = {
    "config.toml": (f'[x]\n\napi_key = "{KEY}"\n'.encode(), "config.toml, line 3, as it is"),
    "config.toml.tmp": (KEY.encode(), "config.toml.tmp, line 1, as it is"),
    "logs/cort-desktop.log": (b"fine\n" * 9 + KEY.encode(), "line 10, as it is"),
    "logs/cort-desktop.log.3": (f"GET /v1?key={quote(KEY, safe='')}\n".encode(), "line 1, as in a URL"),
    "logs/crash-1.txt": (quote(KEY).lower().encode(), "line 1, as in a URL"),
    "cache/told.json": (json.dumps({"k": f"{KEY}"}).encode(), "line 1, as it is"),
    "cache/login": (base64.b64encode(f"me:{KEY}".encode()), "line 1, in base64"),
    "cache/a/b/login": (base64.urlsafe_b64encode(f"m:{KEY}..".encode()), "line 1, in base64"),
    "data/owners/one": (b"\0\1" + KEY.encode(), "byte 2, as it is"),
    "data/old.bak": (KEY.encode().hex().encode(), "line 1, in hexadecimal"),
    "data/from-windows": (b"\xff\xfe" + KEY.encode("utf-16-le"), "byte 2, in UTF-16"),
    "data/cort.db-wal": (b"\0" * 5000 + KEY.encode(), "byte 5000, as it is"),
    "data/across": (b"z" * (MIB - 5) + KEY.encode(), "line 1, as it is"),
    "data/across-binary": (b"\0" * (2 * MIB - 5) + KEY.encode(), f"byte {2 * MIB - 5}, as it is"),
}


@pytest.mark.reliability(60)
@pytest.mark.parametrize(("name", "planted"), PLACES.items(), ids=PLACES)
def test_a_key_is_found_in_every_kind_of_file(tmp_path: Path, name: str, planted: tuple[bytes, str]) -> None:
    """Row 60: by file, place and spelling; once; and the report doesn't repeat it."""
    content, words = planted
    put(tmp_path, "data/innocent", b"a\n" * 1000)
    put(tmp_path, name, content)
    found = search(tmp_path)
    assert [each.file for each in found.finds] == [str(tmp_path / name)]
    assert found.finds[0].words.endswith(words)
    assert "the key of openai is in" in found.finds[0].words
    assert "canary" not in whole(found)
    assert (found.keys, found.files, found.bytes) == (1, 2, 2000 + len(content))


@pytest.mark.reliability(60)
@pytest.mark.parametrize(
    ("plant", "place"),
    [
        (plant_in_blob, "table blobs, name "),
        (plant_in_question, "table turns, number 1, column question"),
        (plant_in_title, "table conversations, number 1, column title"),
    ],
)
def test_a_key_is_found_in_the_database(tmp_path: Path, plant: Callable[[Path], None], place: str) -> None:
    """Row 60: in every text of every table, packed or not."""
    plant(tmp_path)
    found = search(tmp_path)
    assert len(found.finds) == 1
    assert found.finds[0].file == str(tmp_path / "data" / "cort.db")
    assert found.finds[0].place.startswith(place)
    assert "canary" not in whole(found)


@pytest.mark.reliability(60)
def test_where_no_key_is_nothing_is_said(tmp_path: Path) -> None:
    """Row 60: no find, no noise."""
    with shelf(tmp_path / "data") as books:
        books.begin()
    for number, name in enumerate(PLACES):
        put(tmp_path, f"{name}.{number}", KEY[:-1].encode() + b"\n" + KEY[1:].encode())
    before = sorted(path.name for path in (tmp_path / "data").glob("cort.db*"))
    found = search(tmp_path)
    assert (found.finds, found.left_out) == ((), ())
    assert sorted(path.name for path in (tmp_path / "data").glob("cort.db*")) == before
    assert found.files > len(PLACES) - 1


def test_models_links_and_pipes_are_not_looked_into(tmp_path: Path) -> None:
    """Weights are no text of ours; a link may lead anywhere, and a pipe waits for ever."""
    put(tmp_path, "elsewhere/file", KEY.encode())
    put(tmp_path, "models/big.gguf", KEY.encode())
    put(tmp_path, "somebody.txt", KEY.encode())
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link").symlink_to(tmp_path / "elsewhere" / "file")
    (tmp_path / "data" / "folder").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "data" / "pipe")
    assert search(tmp_path) == Searched(keys=1, files=0, bytes=0, finds=(), left_out=())
    swapped = KeySearch({"openai": KEY}, monotonic=lambda: 0.0).files([tmp_path / "data" / "pipe"])
    assert swapped.left_out == (f"{tmp_path / 'data' / 'pipe'}: OSError",)


def test_each_key_is_told_apart_and_counted(tmp_path: Path) -> None:
    put(tmp_path, "logs/a", f"{KEY}\n{KEY} {OTHER}\n".encode())
    found = search(tmp_path, {"openai": KEY, "far": OTHER, "near": OTHER})
    assert found.keys == 2
    assert sorted((each.whose, each.place, each.times) for each in found.finds) == [
        ("far and near", "line 2", 1),
        ("openai", "line 1", 2),
    ]
    assert next(each for each in found.finds if each.times == 2).words.endswith("line 1, as it is, 2 times")


def test_a_made_up_key_is_not_looked_for_in_ordinary_words(tmp_path: Path) -> None:
    put(tmp_path, "config.toml", b"[providers.ollama]\n")
    found = search(tmp_path, {"my-server": "ollama"})
    assert (found.keys, found.files, found.finds) == (0, 0, ())
    assert found.left_out == ("the key of my-server: it is too short to be told from a word",)


def test_a_search_takes_only_so_long(tmp_path: Path) -> None:
    """What was written last is looked at first, and the rest is said not to have been looked at."""
    for name in "abc":
        put(tmp_path, f"data/{name}", b"x" * (3 * MIB))
        os.utime(tmp_path / "data" / name, (1, ord(name)))
    seconds = count()
    files = own_files(tmp_path / "config.toml", [tmp_path / "data"], without=())
    assert [path.name for path in files] == ["c", "b", "a"]
    found = KeySearch({"openai": KEY}, monotonic=lambda: float(next(seconds)), limit_s=4).files(files)
    assert found.files == 1
    assert found.left_out == (f"a part of {tmp_path / 'data' / 'b'} and 1 more files: 4 s were over",)
    assert LIMIT_S < 30


def test_a_damaged_database_is_still_searched_as_a_file(tmp_path: Path) -> None:
    with shelf(tmp_path / "data") as books:
        books.begin()
    path = tmp_path / "data" / "cort.db"
    whole_file = path.read_bytes()
    path.write_bytes(whole_file[:100] + b"\xff" * 4000 + whole_file[4100:] + KEY.encode())
    found = search(tmp_path)
    assert [each.place for each in found.finds] == [f"byte {len(whole_file)}"]
    assert len(found.left_out) == 1
    assert found.left_out[0].startswith(f"a part of {path}: ")


def test_a_database_is_read_beside_its_writer(tmp_path: Path) -> None:
    """What is in the log of the database and not in its file yet is looked at too."""
    with shelf(tmp_path / "data") as books:
        books.begin(question=f"Is {KEY} good?").result()
        found = search(tmp_path)
        assert [Path(each.file).name for each in found.finds] == ["cort.db-wal", "cort.db"]
        assert found.finds[1].times == 2
