"""Folders and resources."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cort_desktop.assets import resource, resources
from cort_desktop.errors import SettingsError, StorageError
from cort_desktop.paths import Paths, private_folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_one_home_holds_everything(tmp_path: Path) -> None:
    home = tmp_path / "home"
    paths = Paths.from_environment({"CORT_DESKTOP_HOME": str(home)})
    assert paths.config_file == home / "config.toml"
    assert paths.folders() == {
        "settings": home,
        "data": home / "data",
        "cache": home / "cache",
        "logs": home / "logs",
        "models": home / "models",
    }
    assert not home.exists()


def test_a_relative_home_and_a_tilde_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/somebody")
    assert Paths.from_environment({"CORT_DESKTOP_HOME": "here"}).data == tmp_path / "here" / "data"
    assert Paths.from_environment({"CORT_DESKTOP_HOME": "~/x"}).data == Path("/home/somebody/x/data")
    with pytest.raises(SettingsError, match="no folder can be"):
        Paths.from_environment({"CORT_DESKTOP_HOME": "~nobody-of-that-name/x"})


def test_without_a_home_the_system_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    paths = Paths.from_environment({"CORT_DESKTOP_HOME": ""})
    places = [paths.config_file, *paths.folders().values()]
    assert all(path.is_absolute() and "cort-desktop" in path.parts for path in places)
    assert len(set(places)) == len(places)


def test_folders_are_private_from_the_start(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        folder = private_folder(tmp_path / "home" / "data")
    finally:
        os.umask(previous)
    assert (mode(folder), mode(folder.parent)) == (0o700, 0o700)


def test_a_folder_that_is_there_is_closed_but_not_the_one_around_it(tmp_path: Path) -> None:
    folder = tmp_path / "lent" / "data"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    folder.parent.chmod(0o755)
    private_folder(folder)
    assert (mode(folder), mode(folder.parent)) == (0o700, 0o755)


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        StorageError, match=r"file/data could not be made \(Not a directory\).*CORT_DESKTOP_HOME"
    ):
        private_folder(tmp_path / "file" / "data")
    with pytest.raises(StorageError, match="could not be made"):
        private_folder(tmp_path / "file")


def test_resources_of_this_checkout() -> None:
    assert resource("models.toml").read_text().startswith("# The offline models")
    with pytest.raises(StorageError, match="installation is incomplete"):
        resource("no", "such.file")


def test_resources_in_all_three_forms(tmp_path: Path) -> None:
    package = tmp_path / "site" / "cort_desktop"
    package.mkdir(parents=True)
    with pytest.raises(StorageError, match="Install CoRT Desktop again"):
        resources(package, None)
    (tmp_path / "site" / "resources").mkdir()
    assert resources(package, None) == tmp_path / "site" / "resources"
    (package / "_resources").mkdir()
    assert resources(package, None) == package / "_resources"
    frozen = tmp_path / "unpacked" / "cort_desktop" / "_resources"
    frozen.mkdir(parents=True)
    assert resources(package, str(tmp_path / "unpacked")) == frozen
