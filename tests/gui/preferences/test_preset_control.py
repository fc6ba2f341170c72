"""Keeping presets, where that can't be done."""

from __future__ import annotations

from cort_desktop.gui.preferences.preset_control import PresetControl
from cort_desktop.gui.ui import Ui
from tests.fakes.window import Gui, until


def test_a_preset_that_could_not_be_kept_is_still_the_one_it_was(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        said: list[str | None] = []
        control = PresetControl(ui.app, ui.tasks)
        control.save("mine", said.append)
        await until(lambda: said == [None])
        control.set_words("other words")
        control.save("m" * 200, said.append)
        await until(lambda: len(said) == 2)
        assert said[1] is not None
        assert control.is_saved
        assert (control.draft.name, control.draft.words) == ("mine", "other words")
        control.save(control.draft.name, said.append)
        await until(lambda: len(said) == 3)
        assert ui.app.preferences.settings.presets["mine"].words == "other words"

    gui.run(main)
