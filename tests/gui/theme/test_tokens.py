"""Every pair of words and ground in every look holds WCAG AA."""

from typing import get_args

import pytest

from cort_desktop.gui.theme.tokens import PALETTES, TEXT_ON, Colour

AA = 4.5


def _luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, after WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_right() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", PALETTES)
def test_every_look_has_every_colour(look: str) -> None:
    assert set(PALETTES[look]) == set(get_args(Colour))  # type: ignore[index]


@pytest.mark.parametrize("look", PALETTES)
def test_words_can_be_read_on_their_ground(look: str) -> None:
    palette = PALETTES[look]  # type: ignore[index]
    weak = {
        pair: round(_contrast(palette[pair[0]], palette[pair[1]]), 2)
        for pair in TEXT_ON
        if _contrast(palette[pair[0]], palette[pair[1]]) < AA
    }
    assert not weak
