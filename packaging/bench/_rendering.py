"""A streamed answer on an off-screen window, ours and Qt's own. Shared by the figures of rendering."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

TOKEN = 4
TOKENS_A_BEAT = 3
"""At 100 tokens a second and 30 repaints."""
PIECE = """## What the plan says

The query slows because **every new row makes the planner scan more**: the filter on `status` has no index
that also covers the sort, so the database sorts the whole match set *each time*. See [the manual](https://example.com).

1. Look at the plan before you change anything.
2. Add an index that covers both:
   - the filter, and
   - the order.

```sql
CREATE INDEX CONCURRENTLY jobs_open_recent
  ON jobs (created_at DESC) WHERE status = 'open';
```

| step | rows | time |
|:-----|-----:|-----:|
| scan | 1000 | 2 ms |
| sort | 1000 | 9 ms |

> The time follows the rows that are read, not those that are returned.

The cost is $n \\log n$ for the sort, and nothing is sorted with the index.

"""


def answer(length: int) -> str:
    """An answer of about that many characters with a bit of everything in it."""
    return (PIECE * (length // len(PIECE) + 1))[:length]


def ours(text: str) -> float:
    """Seconds of the processor to show ``text`` as it arrives, a beat every few tokens."""
    from PySide6.QtCore import QUrl
    from PySide6.QtWidgets import QVBoxLayout, QWidget

    from cort_desktop.gui.markdown.view import MarkdownView
    from cort_desktop.gui.pulse import Pulse
    from cort_desktop.gui.theme import Theme

    app = _application()
    pulse = Pulse()
    resources = Path(__file__).parents[2] / "resources"

    def opener(_url: QUrl) -> None:
        raise RuntimeError("nothing is opened here")

    host = QWidget()
    view = MarkdownView(Theme(app, resources), pulse, opener)
    QVBoxLayout(host).addWidget(view)

    def show(so_far: str) -> None:
        view.stream(so_far)
        pulse.beat()

    return _shown(host, text, TOKEN * TOKENS_A_BEAT, show)


def reference(text: str, samples: int = 40) -> float:
    """Seconds of the processor for ``setMarkdown`` at every token; measured at some, spread over the text."""
    from PySide6.QtWidgets import QTextBrowser

    _application()
    browser = QTextBrowser()
    step = max(1, len(text) // samples)
    measured = _shown(browser, text, step, browser.setMarkdown)
    return measured * step / TOKEN


def _shown(widget: object, text: str, step: int, show: Callable[[str], None]) -> float:
    from PySide6.QtWidgets import QScrollArea, QWidget

    app = _application()
    if not isinstance(widget, QWidget):
        raise TypeError(widget)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(widget)
    area.resize(800, 700)
    area.show()
    app.processEvents()
    before = time.process_time()
    for end in range(step, len(text) + step, step):
        show(text[:end])
        bar = area.verticalScrollBar()
        bar.setValue(bar.maximum())
        app.processEvents()
    seconds = time.process_time() - before
    area.close()
    area.deleteLater()
    app.processEvents()
    return seconds


def _application() -> "QApplication":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    found = QApplication.instance()
    return found if isinstance(found, QApplication) else QApplication([])
