"""Files that go along: what they cost is known before, what is no text is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from cort_desktop.errors import UsageError
from cort_desktop.services.attachments import MOST_BYTES, AttachmentInfo
from tests.fakes.desk import ask, asking, desk
from tests.fakes.loops import run_virtual
from tests.fakes.models import RoughCounter


def read(folder: Path, name: str, data: bytes) -> AttachmentInfo:
    file = folder / name
    file.write_bytes(data)
    with desk(folder / "data") as at:
        return run_virtual(at.attachments.read(file))


def test_a_text_is_read_whole_with_its_cost(tmp_path: Path) -> None:
    text = "def f():\n    return 'ä中'\n" * 100
    info = read(tmp_path, "code.py", text.encode())
    assert (info.name, info.text, info.characters) == ("code.py", text, len(text))
    assert info.tokens == RoughCounter().count(text) > 0


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        ("\ufeffwith a mark".encode(), "with a mark"),
        ("Größe".encode("utf-16"), "Größe"),
        (b"\xfe\xff" + "Größe".encode("utf-16-be"), "Größe"),
        ("a\r\nb\u2028c".encode(), "a\r\nb\u2028c"),
    ],
)
def test_ways_to_write_text(tmp_path: Path, data: bytes, text: str) -> None:
    assert read(tmp_path, "notes.txt", data).text == text


@pytest.mark.reliability(57)
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff", "an image, no text file"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "an image, no text file"),
        (b"GIF89a\xff\xff\xff\xff\0", "an image, no text file"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
        (b"PK\x03\x04\x14\0\x06\0", "an archive or an office document"),
        (b"\x7fELF\x02\x01\x01\0\0", "no text file"),
        (b"caf\xe9", r"not UTF-8 text \(byte 3\)"),
        (b"\xff\xfea", "not UTF-8"),
        (b"x" * (MOST_BYTES + 1), "Attach a part of it"),
    ],
)
def test_row_57_what_is_no_text_is_refused_and_named(tmp_path: Path, data: bytes, words: str) -> None:
    """Row 57: an image is refused by its first bytes, however large it says it is."""
    with pytest.raises(UsageError, match=words):
        read(tmp_path, "thing", data)


def test_what_went_along_is_there_for_asking_in_other_words(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("the notes", encoding="utf-8")
    with desk(tmp_path / "data") as at:
        info = run_virtual(at.attachments.read(file))
        outcome = ask(
            at, asking(files=(file,), attached=(AttachmentInfo(name="b", text="bb", tokens=1, characters=2),))
        )
        file.unlink()
        first, second = run_virtual(at.attachments.of_run(outcome.run[:4]))
        assert first == info
        assert (second.name, second.text, second.characters) == ("b", "bb", 2)
        assert run_virtual(at.attachments.of_run(ask(at, asking()).run)) == ()
        with pytest.raises(UsageError):
            run_virtual(at.attachments.of_run("zzz"))


def test_half_characters_of_a_name_are_repaired(tmp_path: Path) -> None:
    assert read(tmp_path, "a\udcff.txt", b"x").name == "a\ufffd.txt"
