import asyncio

import pytest
from PySide6.QtCore import Qt

from cort_desktop.gui.chat.look import look_at
from cort_desktop.gui.chat.preview import TAIL_CHARACTERS, last_words, preview_of
from cort_desktop.gui.chat.streamed_tokens import BLOCK, StreamedTokens
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui
from tests.fakes.story import Story
from tests.fakes.window import Gui, until
from tests.gui.chat.chatting import chat_pane, held_model, last, press, rest, write


def _feed(ui: Ui, story: Story) -> RunFeed:
    made = ui.feeds.begin(story.run)
    made.show_all(story.events)
    made.set_working(True)
    return made


def test_a_preview_names_who_writes_and_stays_with_one_text(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = Story().start("D", "draft").finish("D", "The draft.").start("R1.A1").start("R1.A2")
        assert preview_of(_feed(ui, story)) is None
        story.stream("R1.A2", "Because of   scattering,\nsaid he")
        found = preview_of(_feed(ui, story))
        assert found is not None
        assert (found.words, found.node) == ("R1.A2 is writing", "R1.A2")
        assert found.tail == "Because of scattering, said he"
        story.stream("R1.A1", "It is the air that scatters li")  # nearly as far, and begun before
        found = preview_of(_feed(ui, story))
        assert found is not None
        assert (found.words, found.node) == ("R1.A1, R1.A2 are writing", "R1.A1")
        story.stream("R1.A2", " again and again and again and again")
        found = preview_of(_feed(ui, story))
        assert found is not None
        assert found.node == "R1.A2"
        look = look_at(_feed(ui, story))
        assert (look.text, look.badge) == ("The draft.", "so far: D")
        assert look.preview == found

    gui.run(main)


def test_between_two_texts_the_line_stays_and_says_what_is_done(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = Story().start("D", "draft").finish("D", "The draft.").start("R1.A1").finish("R1.A1", "No.")
        story.start("R1.J1", role="judge")
        look = look_at(_feed(ui, story))
        assert look.preview is not None
        assert (look.preview.words, look.preview.tail) == ("One judge is reading", "")

    gui.run(main)


@pytest.mark.parametrize("text", ["word " * 200, "x" * 1_000])
def test_the_last_words_end_with_the_end(text: str) -> None:
    tail = last_words(text + "the end")
    assert tail.endswith("the end")
    assert tail.startswith("…")
    assert len(tail) <= TAIL_CHARACTERS + 1


def test_streamed_tokens_are_counted_once(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        counted: list[int] = []

        def count(text: str) -> int:
            counted.append(len(text))
            return len(text)

        story = Story().start("D", "draft").stream("D", "x" * (2 * BLOCK + 5))
        feed = _feed(ui, story)
        tokens = StreamedTokens(count)
        assert tokens.of(feed) == 2 * BLOCK + 5
        assert tokens.of(feed) == 2 * BLOCK + 5
        assert counted == [BLOCK, BLOCK, 5, 5]
        story.finish("D", "all")
        feed.show(story.events[-1])
        assert tokens.of(feed) == 0

    gui.run(main)


def test_while_an_answer_streams_its_tokens_count(gui: Gui) -> None:
    """They stood at 0 until the call had ended."""

    async def main(ui: Ui) -> None:
        async with chat_pane(ui, 1200) as pane:
            write(pane, "Why?")
            press(pane, Qt.Key.Key_Return)
            await until(lambda: pane.transcript.last_made and last(pane).answer.look.badge == "writing D")
            await until(lambda: "~" in pane.foot.line._spent.text())
            rough = pane.foot.line._spent.text()
            assert "~0 tokens" not in rough
            press(pane, Qt.Key.Key_Escape)
            await rest(pane)
            assert "~" not in " ".join(last(pane).answer.look.strip)

    gui.run(main, held_model(0))


def test_several_that_write_show_a_line_below_the_answer_so_far(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            write(pane, "Why?")
            press(pane, Qt.Key.Key_Return)
            await until(lambda: pane.transcript.last_made and last(pane).answer.preview.tail.text())
            answer = last(pane).answer
            assert answer.look.badge == "so far: D"
            text, height = answer.look.text, answer.preview.height()
            await until(lambda: "R1.A1, R1.A2 are writing" in answer.preview.words.text())
            await asyncio.sleep(0.05)
            assert (answer.look.text, answer.preview.height()) == (text, height)
            press(pane, Qt.Key.Key_Escape)
            await rest(pane)
            assert answer.preview.isHidden()

    gui.run(main, held_model(1))
