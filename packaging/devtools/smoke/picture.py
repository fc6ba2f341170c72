"""A picture of a screen as `xwd` writes it, made into a PNG; and whether anything is drawn in it."""

import struct
from pathlib import Path

_HEADER = struct.Struct(">25I")
_COLOUR_BYTES = 12
_FEWEST_COLOURS = 20
"""A window with text in it has hundreds, an empty one a handful."""


def save(source: Path, target: Path) -> str:
    """Write the PNG and take the source away; what is wrong with the picture, or nothing."""
    from PySide6.QtGui import QImage

    data = source.read_bytes()
    header = _HEADER.unpack_from(data)
    size, width, height, bits, line, colours = (header[at] for at in (0, 4, 5, 11, 12, 19))
    forms = {24: QImage.Format.Format_BGR888, 32: QImage.Format.Format_RGB32}
    if bits not in forms:
        return f"the screen has {bits} bits a pixel, which isn't understood"
    pixels = data[size + colours * _COLOUR_BYTES :]
    image = QImage(pixels, width, height, line, forms[bits])
    source.unlink()
    if not image.save(str(target)):
        return f"{target.name} could not be written"
    step = bits // 8
    shown = {pixels[at : at + step] for at in range(0, height * line, step)}
    return "" if len(shown) >= _FEWEST_COLOURS else f"the picture has {len(shown)} colours: nothing is drawn"
