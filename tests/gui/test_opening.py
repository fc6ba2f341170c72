"""The first moments of the window: what it has to say, what was interrupted, another start's wish."""

from pathlib import Path

from cort_desktop.gui.single_instance import Wanted
from cort_desktop.gui.ui import Ui
from tests.fakes.opened_window import opened
from tests.fakes.whole_window import ask, at_rest
from tests.fakes.window import CONFIG, Gui, until
from tests.gui.chat.chatting import quick_model


def test_what_is_wrong_in_the_settings_file_is_a_bar(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        assert ui.app.notices
        async with opened(ui, tmp_path) as opening:
            told = [each.text for each in ui.notices.bars.values()]
            assert told == list(ui.app.notices)
            assert any("text_size" in each for each in told)
            assert opening.window.isVisible()

    gui.run(main, config=CONFIG + '[appearance]\ntext_size = "huge"\n')


def test_a_sound_start_has_nothing_to_say(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path):
            assert not ui.notices.bars

    gui.run(main)


def test_another_start_brings_the_window_forward_with_its_conversation(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window = opening.window
            await ask(ui, window, "Why is the sky blue?")
            asked = window.chat.conversation
            assert asked is not None
            window.chat.new()
            await at_rest(ui)
            assert window.chat.conversation is None
            window.showMinimized()
            opening.come_forward(Wanted())
            assert not window.isMinimized()
            assert window.chat.conversation is None
            opening.come_forward(Wanted(conversation=str(asked)))
            await until(lambda: window.chat.conversation == asked, "it is opened")
            await at_rest(ui)

    gui.run(main, quick_model())


def test_a_start_with_a_conversation_opens_it(gui: Gui, tmp_path: Path) -> None:
    kept: list[str] = []

    async def first(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            await ask(ui, opening.window, "Why is the sky blue?")
            kept.append(str(opening.window.chat.conversation))

    async def then(ui: Ui) -> None:
        async with opened(ui, tmp_path, wanted=kept[0]) as opening:
            await until(lambda: opening.window.chat.conversation == kept[0], "it is opened")
            await at_rest(ui)

    gui.run(first, quick_model())
    gui.run(then)
