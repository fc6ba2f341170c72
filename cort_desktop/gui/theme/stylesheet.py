"""Fills the style sheet of the window, ``resources/themes/window.qss``, with the colours and sizes in force.

A part that needs a look of its own gets a role there (``widgets.set_role``), so that all looks stand on one
page.
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from cort_desktop.gui.theme.fonts import Fonts
from cort_desktop.gui.theme.tokens import Palette


def stylesheet(colours: Palette, fonts: Fonts, resources: Path) -> str:
    """The style sheet of the whole application in these colours and fonts."""
    template = (resources / "themes" / "window.qss").read_text(encoding="utf-8")
    icons = resources / "icons"
    points = fonts.points
    return Template(template).substitute(
        {str(name): colour for name, colour in colours.items()},
        mono=fonts.families[1],
        mono_size=f"{points * 0.94:.2f}",
        tiny=f"{points * 0.82:.2f}",
        small=f"{points * 0.9:.2f}",
        title=f"{points * 1.08:.2f}",
        heading=f"{points * 1.5:.2f}",
        chevron=(icons / "grey-chevron-down.svg").as_posix(),
        chevron_up=(icons / "grey-chevron-up.svg").as_posix(),
        chevron_right=(icons / "grey-chevron-right.svg").as_posix(),
        cross=(icons / "grey-x.svg").as_posix(),
        check=(icons / f"{'white' if colours['on_accent'] == '#ffffff' else 'dark'}-check.svg").as_posix(),
    )
