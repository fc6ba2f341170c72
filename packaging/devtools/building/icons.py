"""The program's icon in the sizes and formats that desktops want, drawn from resources/icons/app.svg.

Started by itself, without a screen: `python -m devtools.building.icons SOURCE FOLDER`.
"""

import sys
from pathlib import Path

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
_WINDOWS, _MAC = 256, 512


def main(arguments: list[str]) -> int:
    """Draw every size as PNG, and the icon files of Windows and macOS."""
    from PySide6.QtCore import QRectF, Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    source, folder = Path(arguments[0]), Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    app = QGuiApplication(["icons", "-platform", "offscreen"])
    drawing = QSvgRenderer(str(source))
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        drawing.render(painter, QRectF(0, 0, size, size))
        painter.end()
        names = [f"app-{size}.png"]
        names += ["app.ico"] if size == _WINDOWS else []
        names += ["app.icns"] if size == _MAC else []
        for name in names:
            if not image.save(str(folder / name)):
                print(f"{name} could not be written.", file=sys.stderr)
                return 1
    del app
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
