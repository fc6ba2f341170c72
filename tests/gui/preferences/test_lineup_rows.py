"""Models by role in the settings window: of new conversations, and of a preset."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from cort_desktop.gui.preferences.controls import ChoiceBox
from cort_desktop.gui.ui import Ui
from tests.fakes.window import Gui, until
from tests.gui.preferences.test_settings_window import opened, part, pick, written


def name(window: QWidget, field: str, models: str) -> None:
    line = part(window, QLineEdit, field)
    line.setText(models)
    line.editingFinished.emit()


def test_a_preset_names_its_models_by_role(gui: Gui) -> None:
    """A row for each role that its strategy asks somebody for, and no other."""

    async def main(ui: Ui) -> None:
        async with opened(ui, "thinking") as window:
            pick(part(window, ChoiceBox, "settingsPreset"), "council")
            for role in ("proposer", "judge", "synthesizer"):
                assert part(window, QLineEdit, f"settingsPresetModels-{role}").text() == ""
            assert window.findChild(QLineEdit, "settingsPresetModels-critic") is None
            name(window, "settingsPresetModels-proposer", "fake/model, builtin/smollm2-135m")
            name(window, "settingsPresetModels-synthesizer", "fake/model")
            part(window, QLineEdit, "settingsPresetName").setText("My panel")
            part(window, QPushButton, "settingsPresetSaveAs").click()
            await until(lambda: "My panel" in ui.app.preferences.settings.presets)
            saved = written(gui)["presets"]["My panel"]
            assert saved["alternative_models"] == ["fake/model", "builtin/smollm2-135m"]
            assert saved["synthesizer_model"] == ["fake/model"]
            assert "judge_model" not in saved
            pick(part(window, ChoiceBox, "settingsPreset"), "quick")
            pick(part(window, ChoiceBox, "settingsPreset"), "My panel")
            shown = part(window, QLineEdit, "settingsPresetModels-synthesizer")
            assert shown.text() == "fake/model"
            name(window, "settingsPresetModels-synthesizer", "")
            part(window, QPushButton, "settingsPresetSave").click()
            await until(lambda: "synthesizer" not in ui.app.preferences.settings.presets["My panel"].lineup)
            assert "synthesizer_model" not in written(gui)["presets"]["My panel"]

    gui.run(main)


def test_new_conversations_name_a_chairman_and_what_is_none_is_told_there(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "thinking") as window:
            name(window, "settingsModels-synthesizer", "fake/model")
            await until(lambda: ui.app.preferences.settings.defaults.synthesizer_model == ("fake/model",))
            name(window, "settingsModels-critic", "no model")
            row = part(window, QLineEdit, "settingsModels-critic").parentWidget()
            while row is not None and not hasattr(row, "error"):
                row = row.parentWidget()
            assert row is not None
            await until(lambda: not row.error.isHidden())
            assert ui.app.preferences.settings.defaults.critic_model == ()

    gui.run(main)
