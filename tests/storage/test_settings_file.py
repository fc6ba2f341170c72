"""The settings file: mistakes, changes, accidents."""

from __future__ import annotations

import os
import stat
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.settings import Settings
from cort_desktop.errors import SettingsError
from cort_desktop.storage.settings_file import SettingsFile

FIVE_MISTAKES = """\
# what I like
[defaults]
model = "opnai/gpt-x"      # a slip
rounds = 0

[budget]
usd = "fifty cents"

[providers.my-server]
kind = "openia"
base_url = "http://169.254.169.254/v1"
"""

COMMENTED = """\
# top comment
[defaults]   # table comment
model = "openai/old"   # why this one
# a line of its own
rounds = 2

[prices."openai/old"]
input = 3.0
output = 15.0   # per million

[appearance]
theme = "dark"   # kept for later versions
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_a_missing_file_means_defaults(path: Path) -> None:
    loaded = SettingsFile(path).load()
    assert loaded.settings == Settings()
    assert (loaded.problems, loaded.warnings, loaded.error) == ((), (), None)
    assert not path.exists()


def test_what_is_doubtful_stands_below_the_mistakes(path: Path) -> None:
    path.write_text('[cache]\nenabled = "yes"\nmegabyte = 3\n[providers.x]\nkind = "foo"\n', encoding="utf-8")
    told = str(SettingsFile(path).load().error)
    mistakes, _, doubts = told.partition("\nTo be looked at besides:\n")
    assert 'cache.enabled must be true or false, not "yes"' in mistakes
    assert 'openrouter, and "builtin" for the provider of that name' in mistakes
    assert "cache.megabyte is not known" in doubts


def test_five_mistakes_are_told_at_once_with_their_lines(path: Path) -> None:
    path.write_text(FIVE_MISTAKES)
    loaded = SettingsFile(path).load()
    assert [words.split(" ", 3)[:3] for words in loaded.problems] == [
        ["line", "3:", "defaults.model"],
        ["line", "4:", "defaults.rounds"],
        ["line", "7:", "budget.usd"],
        ["line", "10:", "providers.my-server.kind"],
        ["line", "11:", "providers.my-server.base_url"],
    ]
    assert 'did you mean "openai"?' in loaded.problems[0]
    assert str(loaded.error).startswith(f"{path} can't be used: 5 mistakes")
    assert loaded.settings == Settings()


def test_what_is_right_holds_beside_what_is_wrong(path: Path) -> None:
    path.write_text('[defaults]\nmodel = "openai/gpt"\nrounds = 0\n')
    loaded = SettingsFile(path).load()
    assert loaded.settings.defaults.model == "openai/gpt"
    assert loaded.settings.defaults.rounds is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[defaults]\nmodel = "x\n', "line 2, column"),
        ("[defaults]\na = 1\na = 2\n", "line 3, column"),
        ("[defaults\n", "line 1, column"),
        ("a = \n", "line 1, column"),
        ('a = """\nx\n', "line 2, at the end of the file"),
        ("a = " + "[" * 5000, "nested too deeply"),
        ("a = " + "9" * 5000, "number too long"),
        ("a = 1e" + "9" * 40, "number too long"),
    ],
)
def test_the_first_syntax_error_is_told_with_its_place(path: Path, text: str, words: str) -> None:
    path.write_text(text)
    loaded = SettingsFile(path).load()
    assert len(loaded.problems) == 1
    assert words in loaded.problems[0]
    assert str(path) in str(loaded.error)
    assert loaded.settings == Settings()


def test_a_long_hexadecimal_number_is_only_a_wrong_value(path: Path) -> None:
    path.write_text("[budget]\ntokens = 0x" + "f" * 9000 + "\n")
    assert "line 2: budget.tokens" in SettingsFile(path).load().problems[0]


def test_not_utf8(path: Path) -> None:
    path.write_bytes(b"[defaults]\nsystem = '\xff'\n")
    assert "line 2 is not UTF-8" in str(SettingsFile(path).load().error)


def test_a_byte_order_mark_is_fine(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf[defaults]\r\nrounds = 3\r\n")
    loaded = SettingsFile(path).load()
    assert loaded.error is None
    assert loaded.settings.defaults.rounds == 3


def test_a_folder_in_its_place(path: Path) -> None:
    path.mkdir()
    assert "it is a folder" in str(SettingsFile(path).load().error)


def test_a_pipe_in_its_place_does_not_hang(path: Path) -> None:
    os.mkfifo(path)
    assert "where a file is expected" in str(SettingsFile(path).load().error)


def test_too_large(path: Path) -> None:
    path.write_bytes(b"#" * (5 << 20))
    assert "larger than 4 MB" in str(SettingsFile(path).load().error)


def test_unreadable(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text("")

    def refuse(*arguments: Any, **named: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "can't be read (Permission denied)" in str(SettingsFile(path).load().error)


def test_changes_keep_comments_order_and_unknown_keys(path: Path) -> None:
    path.write_text(COMMENTED)
    loaded = SettingsFile(path).write(
        {
            ("defaults", "model"): "openai/new",
            ("defaults", "judge_model"): ("openai/a", "openai/b"),
            ("budget", "usd"): Decimal("0.25"),
            ("prices", "openai/old", "output"): Decimal("12.5"),
            ("providers", "my-server", "base_url"): "http://127.0.0.1:8080/v1",
        }
    )
    text = path.read_text()
    for comment in (
        "# top comment",
        "# table comment",
        "# why this one",
        "# a line of its own",
        "# per million",
    ):
        assert comment in text
    assert 'theme = "dark"   # kept for later versions' in text
    assert tomllib.loads(text)["prices"] == {"openai/old": {"input": 3.0, "output": 12.5}}
    assert loaded == SettingsFile(path).load()
    assert loaded.settings.defaults.model == "openai/new"
    assert loaded.settings.defaults.judge_model == ("openai/a", "openai/b")
    assert loaded.settings.budget.usd == Decimal("0.25")
    assert loaded.settings.provider("my-server").base_url == "http://127.0.0.1:8080/v1"


def test_a_value_can_be_taken_out(path: Path) -> None:
    path.write_text(COMMENTED)
    changes: dict[tuple[str, ...], Any] = {("defaults", "rounds"): None, ("budget", "usd"): None}
    assert SettingsFile(path).write(changes).settings.defaults.rounds is None
    assert path.read_text() == COMMENTED.replace("rounds = 2\n", "")


def test_windows_line_ends_stay(path: Path) -> None:
    path.write_bytes(b"# c\r\n[defaults]\r\nrounds = 2\r\n")
    SettingsFile(path).write({("defaults", "rounds"): 3})
    assert path.read_bytes() == b"# c\r\n[defaults]\r\nrounds = 3\r\n"


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    SettingsFile(path).write({("defaults", "rounds"): 3})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_a_linked_file_stays_linked(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("# mine\n")
    path.symlink_to(real)
    SettingsFile(path).write({("defaults", "rounds"): 3})
    assert path.is_symlink()
    assert real.read_text().startswith("# mine\n")
    assert "rounds = 3" in real.read_text()


@pytest.mark.parametrize(
    "changes",
    [
        {("defaults", "rounds"): 0},
        {("defaults", "model"): "nothing"},
        {("defaults", "model", "deeper"): 1},
        {("defaults", "system"): "\ud83d"},
        {("defaults", "system"): object()},
    ],
)
def test_a_change_that_would_be_a_mistake_is_refused(path: Path, changes: Any) -> None:
    path.write_text(COMMENTED)
    with pytest.raises(SettingsError, match="was left as it is"):
        SettingsFile(path).write(changes)
    assert path.read_text() == COMMENTED
    assert list(path.parent.iterdir()) == [path]


def test_mistakes_that_are_there_already_do_not_forbid_a_change(path: Path) -> None:
    path.write_text(FIVE_MISTAKES)
    loaded = SettingsFile(path).write({("budget", "usd"): Decimal(1)})
    assert len(loaded.problems) == 4
    assert loaded.settings.budget.usd == 1


def test_a_file_with_a_syntax_error_is_not_written_over(path: Path) -> None:
    path.write_text("[defaults\n")
    with pytest.raises(SettingsError, match="line 1"):
        SettingsFile(path).write({("defaults", "rounds"): 3})
    assert path.read_text() == "[defaults\n"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_accident_while_writing_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path.write_text(COMMENTED)

    def full(*arguments: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(SettingsError, match="No space left on device"):
        SettingsFile(path).write({("defaults", "rounds"): 3})
    monkeypatch.undo()
    assert path.read_text() == COMMENTED
    assert list(path.parent.iterdir()) == [path]
