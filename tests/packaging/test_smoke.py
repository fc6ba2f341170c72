"""What `dev.py smoke` decides by itself; trying packages needs a root of their own and isn't done here."""

import struct
from pathlib import Path

import pytest

from devtools.building import compare
from devtools.building.places import NAME, WITH_MODEL, BuildPlaces
from devtools.console import Refusal
from devtools.places import here
from devtools.smoke import command, picture
from devtools.smoke.root import Done, Root, alone
from devtools.smoke.trial import LONGEST_WORDS, Seen, Trial, last_words, told

PACKAGES = [
    f"{WITH_MODEL}_1.0_amd64.deb",
    f"{NAME}_1.0_amd64.deb",
    f"{WITH_MODEL}-1.0-1.x86_64.rpm",
    f"{NAME}-1.0-1.x86_64.rpm",
    f"{WITH_MODEL}-1.0-linux-x86_64.tar.xz",
    f"{NAME}-1.0-linux-x86_64.tar.xz",
]


@pytest.fixture
def places(tmp_path: Path) -> BuildPlaces:
    """A build that made one package of each kind and variant, and what isn't tried."""
    made = BuildPlaces(here().top)
    made.dist = tmp_path
    for name in [*PACKAGES, "cort_desktop-1.0.tar.gz", f"{NAME}-1.0.cdx.json"]:
        (tmp_path / name).write_bytes(name.encode())
    return made


def test_all_that_is_installed_is_tried(places: BuildPlaces) -> None:
    assert [path.name for path in command.chosen(places, [])] == PACKAGES
    assert [path.name for path in command.chosen(places, ["rpm"])] == PACKAGES[2:4]
    assert [path.name for path in command.chosen(places, [PACKAGES[5], "deb"])] == [
        *PACKAGES[:2],
        PACKAGES[5],
    ]
    assert [path.name for path in command.chosen(places, [str(places.dist / PACKAGES[0])])] == PACKAGES[:1]
    with pytest.raises(Refusal, match="to try"):
        command.chosen(places, [f"elsewhere/{PACKAGES[0]}"])
    with pytest.raises(Refusal, match=r"no cort\.exe to try: there is cort-desktop-with-model_1\.0"):
        command.chosen(places, ["cort.exe"])


def test_nothing_to_try_says_what_makes_it(places: BuildPlaces, tmp_path: Path) -> None:
    places.dist = tmp_path / "empty"
    with pytest.raises(Refusal, match=r"dev\.py build"):
        command.chosen(places, [])


def test_only_one_trial_at_a_time(tmp_path: Path) -> None:
    first, second = alone(tmp_path / "smoke"), alone(tmp_path / "smoke")
    with first, pytest.raises(Refusal, match="wait until it is done"), second:
        pass
    with alone(tmp_path / "smoke"):
        pass


def test_a_step_keeps_what_was_wrong_and_what_was_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trial = Trial(root=Root(folder=tmp_path, log=tmp_path / "log"), pictures=tmp_path)

    def fails() -> str:
        raise OSError("no such thing")

    trial.step("it works", str)
    trial.step("it speaks", lambda: Seen(words="One line.\nAnother."))
    trial.step("it breaks", fails)
    assert [step.seen.wrong for step in trial.steps] == ["", "", "OSError: no such thing"]
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "  ok  it works",
        "  ok  it speaks",
        "        “One line.”",
        "        “Another.”",
        "  NOT it breaks: OSError: no such thing",
    ]


def test_words_are_the_last_lines_and_not_without_end() -> None:
    done = Done(code=3, out="answer", err="one\ntwo\nthree\nfour\n")
    assert last_words(done) == "two\nthree\nfour"
    assert told(done) == "exit code 3, two / three / four"
    assert told(Done(code=1, out="only this", err="")) == "exit code 1, only this"
    assert len(last_words(Done(code=1, out="", err="x" * 9999))) == LONGEST_WORDS


def screen(path: Path, pixels: list[int], width: int, bits: int = 32) -> Path:
    """A picture as xwd writes it; each pixel is 0xRRGGBB."""
    height, name, colour = len(pixels) // width, b"root\0\0\0\0", bytes(12)
    step = bits // 8
    header = [100 + len(name), 7, 2, 24, width, height, 0, 0, 32, 0, 32, bits, width * step]
    begin = struct.pack(">25I", *header, *([0] * 6), 1, *([0] * 5)) + name + colour
    path.write_bytes(begin + b"".join(each.to_bytes(step, "little") for each in pixels))
    return path


@pytest.mark.parametrize("bits", [24, 32])
def test_a_picture_of_a_screen_becomes_a_png(tmp_path: Path, bits: int) -> None:
    from PySide6.QtGui import QImage

    pixels = [each << 16 | 0x0102 for each in range(24)]
    source = screen(tmp_path / "a.xwd", pixels, 6, bits)
    assert picture.save(source, tmp_path / "a.png") == ""
    assert not source.exists()
    image = QImage(str(tmp_path / "a.png"))
    assert (image.width(), image.height()) == (6, 4)
    assert image.pixelColor(3, 2).name() == "#0f0102"


def test_a_picture_with_nothing_on_it_is_told(tmp_path: Path) -> None:
    source = screen(tmp_path / "a.xwd", [0xFFFFFF, 0] * 8, 4)
    assert picture.save(source, tmp_path / "a.png") == "the picture has 2 colours: nothing is drawn"


def test_one_variant_is_compared_without_the_other(
    places: BuildPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BuildPlaces, "version", "1.0")
    monkeypatch.setattr(BuildPlaces, "package_version", "1.0")
    everything = {*PACKAGES, "cort_desktop-1.0.tar.gz", f"{NAME}-1.0.cdx.json"}
    (places.dist / f"{NAME}-1.0-x86_64.AppImage").write_bytes(b"made by a step of its own")
    assert set(compare.compared(places)) == everything
    places.variants = (NAME,)
    assert set(compare.compared(places)) == {name for name in everything if WITH_MODEL not in name}
    places.variants = (WITH_MODEL,)
    plain = {PACKAGES[1], PACKAGES[3], PACKAGES[5]}
    assert set(compare.compared(places)) == everything - plain
