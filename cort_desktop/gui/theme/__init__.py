"""How the window looks: colours, fonts and icons by name, light, dark and high contrast.

What is drawn where belongs to each part; here are only the words they draw with.
"""

from cort_desktop.gui.theme.theme import Theme
from cort_desktop.gui.theme.tokens import Colour, Mode, Palette

__all__ = ["Colour", "Mode", "Palette", "Theme"]
