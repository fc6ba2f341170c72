"""The code that a window needs after its first paint, loaded so that keys are taken meanwhile: on a thread
what knows no widgets, the rest on the window's own thread, a bite at a time.

Only loads; what is made of it is ``main_window``'s.
"""

from __future__ import annotations

from collections.abc import Iterator


def beside() -> object:
    """For a thread: answers are read with these, and runs are told."""
    import markdown_it

    from cort_desktop.domain import run
    from cort_desktop.telling import told, why

    return markdown_it, run, told, why


def bites() -> Iterator[object]:
    """For the window's thread, between the turns of its loop."""
    from cort_desktop.gui.markdown import blocks

    yield blocks
    from cort_desktop.gui.markdown import formula

    yield formula
    from cort_desktop.gui.markdown import view

    yield view
    from cort_desktop.gui.chat import transcript

    yield transcript
    from cort_desktop.gui.rounds import outline_view

    yield outline_view
    from cort_desktop.gui.rounds import map_view

    yield map_view
    from cort_desktop.gui.rounds import candidate_pane, columns_view

    yield candidate_pane, columns_view
    from cort_desktop.gui.rounds import compare_pane, why_pane

    yield compare_pane, why_pane
    from cort_desktop.gui.rounds import timeline

    yield timeline
