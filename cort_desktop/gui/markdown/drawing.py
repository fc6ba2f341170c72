"""One formula from TeX to a drawing, with ziamath. Slow (20 ms a line, doubled by every level of braces),
so it is called in a thread of ``typesetter`` only; what can't be set stays source.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass

from cort_desktop.gui.markdown.limits import FORMULA_COST

_EM = 20.0
_PIECES = re.compile(r"\\left\b|\\right\b|\\begin\b|\\end\b|\\[A-Za-z]+|\\.|\S", re.DOTALL)
_DEEPER = {"{", "\\left"}
_BACK = {"}", "\\right"}
_DEEPEST = 9
_BOX = re.compile(r'width="([-\d.]+)" height="([-\d.]+)" viewBox="[-\d.]+ ([-\d.]+)')
_FOREIGN = ("<image", "href", "url(", "<style", "<script")
_FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A formula as SVG in black. Sizes in ems; ``ascent`` is what stands above the base line."""

    svg: str
    width: float
    height: float
    ascent: float


def cost(tex: str) -> int:
    """How much work ``tex`` is: each letter counts double for every brace around it."""
    depth = total = 0
    for found in _PIECES.finditer(tex):
        piece = found[0]
        if piece in _DEEPER:
            depth += 1
        elif piece in _BACK:
            depth = max(0, depth - 1)
        total += 1 << min(depth, 2 * _DEEPEST)
    return total


def is_feasible(tex: str) -> bool:
    """Whether ``tex`` can be set within a second."""
    return len(tex) <= FORMULA_COST and cost(tex) <= FORMULA_COST


def draw(tex: str, *, is_display: bool) -> Drawing | None:
    """The drawing of ``tex``, or None when it isn't whole, isn't TeX or is too much."""
    if not is_feasible(tex):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ziamath opens its fonts in an old way
        from latex2mathml import exceptions
        from ziamath.config import config
        from ziamath.zmath import Latex
    config.svg2 = False  # Qt draws slivers of what SVG 2 reuses
    own = tuple(each for each in vars(exceptions).values() if isinstance(each, type))
    try:
        svg = Latex(tex, size=_EM, inline=not is_display).svg()
    except (*_FAILURES, *own):  # type: ignore[misc]  # all classes in that module are exceptions
        return None
    box = _BOX.search(svg)
    if box is None or any(word in svg for word in _FOREIGN):
        return None
    width, height, top = (float(each) / _EM for each in box.groups())
    return Drawing(svg=svg, width=width, height=height, ascent=-top)
