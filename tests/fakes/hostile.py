"""Texts that a model, a service or a person might bring to harm a window, and baits that tell if it bit."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_IN_ACCESS, _IN_OPEN = 0x1, 0x20
_EVENT = struct.Struct("iIII")

ACTING = (
    "\u202eright to left\u202c \u2066isolate\u2069 zero\u200bwidth \ufeffmark tag\U000e0041\U000e0042 "
    "\x1b[31mred\x1b[0m\x1b]0;title\x07 nul\x00 bell\x07 half\ud800 line\u2028separator"
)
TEX = r"$$\frac{1}{$$ and $x^{$ and \(\begin{matrix}"
LINKS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "smb://127.0.0.1/share",
    "ms-msdt:/id",
    "data:text/html;base64,PGI+",
    "vbscript:x",
    "cort-desktop:x",
    "cort-node:D",
    "qrc:/icons/star.svg",
    "//127.0.0.1/share/x",
    "\\\\127.0.0.1\\share\\x",
)

SIZES = {
    "2 MB of prose": ("The query **slows** because `status` has no index. " * 6 + "\n\n") * 6800,
    "one line of 1 MB": "word " * 200_000,
    "one word of 1 MB": "x" * 1_000_000,
    "500 code blocks": "Words.\n\n```python\nfor i in range(10):\n    print(i)\n```\n\n" * 500,
    "20,000 rows": "| a | b |\n|---|---|\n" + "| x | y |\n" * 20_000,
    "200 columns": "|" + "c|" * 200 + "\n|" + "---|" * 200 + "\n" + ("|" + "1|" * 200 + "\n") * 60,
    "20,000 quotes deep": "> " * 20_000 + "x",
    "20,000 lists deep": "- " * 20_000 + "x",
    "20,000 tags": "<div>" * 20_000,
    "50,000 fences": "```\n" * 50_000,
    "100,000 brackets": "[" * 100_000,
    "100,000 letters that hide": "\u202e\u200b" * 50_000,
    "800 kB from right to left": "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 " * 100_000,
    "800,000 Han": "\u6f22\u5b57" * 400_000,
    "200,000 accents on a letter": "a" + "\u0301" * 200_000,
    "60,000 families": "\U0001f468\u200d\U0001f469\u200d\U0001f467 " * 60_000,
    "a million line ends": "\n" * 1_000_000 + "end",
    "a line of code of 1 MB": "```\n" + "y" * 1_000_000 + "\n```\n",
    "200,000 lines of code": "```python\n" + "x = 1\n" * 200_000 + "```\n",
    "500 kB of NULs": "\x00" * 500_000,
    "20,000 links": "[a](http://a.example/c) " * 20_000,
    "20,000 images": "![a](http://127.0.0.1:9/c.png) " * 20_000,
    "5,000 formulas": "$x_{1}^{2}$ " * 5_000,
}


class Bait:
    """A folder of files that nobody has a reason to open, and an address that nobody has a reason to ask."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address
        self._watch = -1
        folder.mkdir(parents=True)
        for name in ("secret.png", "secret.svg", "secret.html", "secret.txt"):
            (folder / name).write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")

    def text(self, name: str = "secret") -> str:
        """A text that names them in every way that something might follow."""
        file, web = self.folder / f"{name}.png", self.address
        images = (
            f"![a]({web}/a.png) ![b](file://{file}) ![c]({file}) ![d](//127.0.0.1{file}) "
            f"![e](data:image/svg+xml;base64,PHN2Zy8+) ![f](qrc:/icons/x.png) ![g](:/x.png) ![h](C:\\x.png)"
        )
        html = (
            f'<b>bold</b><img src="{web}/b.png"><img src="file://{file}"><img src="{file}">'
            f'<link rel="stylesheet" href="{web}/c.css"><style>@import url("file://{file}");</style>'
            f'<script>alert(1)</script><iframe src="{self.folder / "secret.html"}"></iframe>'
            f'<body background="{file}"><table background="file://{file}"><tr><td>cell</td></tr></table>'
        )
        links = " ".join(f"[link {at}]({each})" for at, each in enumerate(LINKS))
        more = f"[file](file://{file}) [plain]({web}/d) [bank](http://b\u0430nk.example/)"
        return f"{html}\n\n{images}\n\n{links} {more}\n\n<think>thoughts</think>\n\n{ACTING}\n\n{TEX}\n"

    def line(self) -> str:
        """The worst of it in fewer letters than a title may have."""
        file = self.folder / "secret.png"
        return f'<img src="file://{file}"><img src="{self.address}/t.png">\u202eacts\x1b[31m[*]&x'

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Fails when any file of the folder is opened within the block, by whatever means."""
        if sys.platform != "linux":
            yield
            return
        libc = ctypes.CDLL(None, use_errno=True)
        watch = libc.inotify_init1(os.O_NONBLOCK)
        assert libc.inotify_add_watch(watch, os.fsencode(self.folder), _IN_OPEN | _IN_ACCESS) >= 0
        try:
            yield
            assert _names(watch) == []
        finally:
            os.close(watch)


def _names(watch: int) -> list[str]:
    """The files that were touched."""
    try:
        data = os.read(watch, 65_536)
    except BlockingIOError:
        return []
    found, at = [], 0
    while at < len(data):
        *_, length = _EVENT.unpack_from(data, at)
        found.append(data[at + _EVENT.size : at + _EVENT.size + length].rstrip(b"\0").decode())
        at += _EVENT.size + length
    return found
