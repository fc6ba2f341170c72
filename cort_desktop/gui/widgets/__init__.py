"""Small widgets that several parts of the window use. They know nothing of runs."""

from cort_desktop.gui.widgets.basics import (
    HEAD_PX,
    IconButton,
    Segments,
    button,
    hline,
    plain_tooltip,
    set_role,
    tooltip_text,
    vline,
)
from cort_desktop.gui.widgets.elided import ElidedLabel
from cort_desktop.gui.widgets.flow import FlowLayout
from cort_desktop.gui.widgets.focus_ring import BY_KEYS, FocusRing
from cort_desktop.gui.widgets.parts_column import PartsColumn
from cort_desktop.gui.widgets.plain_label import PlainLabel

__all__ = [
    "BY_KEYS",
    "HEAD_PX",
    "ElidedLabel",
    "FlowLayout",
    "FocusRing",
    "IconButton",
    "PartsColumn",
    "PlainLabel",
    "Segments",
    "button",
    "hline",
    "plain_tooltip",
    "set_role",
    "tooltip_text",
    "vline",
]
