"""`dev.py smoke`: each Linux package in `dist/` is tried in a clean root; a log, a picture, a table.

The version before is the package itself with a smaller number: there is no older release to take.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from devtools.building import steps
from devtools.building.places import NAME, WITH_MODEL, BuildPlaces
from devtools.console import Refusal, say
from devtools.discovery import table
from devtools.places import here
from devtools.smoke import trial as tried
from devtools.smoke.root import HOME, USER, Root, demand_root, fresh
from devtools.smoke.trial import Trial

OLDER = "0.0.1~before"
_HOME_OF_PACKAGE = f"/usr/lib/{NAME}"


def main(arguments: list[str]) -> int:
    """Try what is there, or what is named; 1 when a step isn't as it must be, 3 when it can't begin."""
    places = BuildPlaces(here().top)
    try:
        demand_root()
        steps.demand("debootstrap", "dpkg-deb")
        packages = _packages(places, arguments)
        trials = [_try(places, package) for package in packages]
    except Refusal as refusal:
        say(str(refusal))
        return 3
    rows = [
        [trial.pictures.name, step.words, f"{step.seconds:.1f} s", step.seen or "ok"]
        for trial in trials
        for step in trial.steps
    ]
    print(table(["package", "step", "took", "seen"], rows))
    return int(any(row[-1] != "ok" for row in rows))


def _packages(places: BuildPlaces, names: list[str]) -> list[Path]:
    """What is tried: the packages with a model, because without network nothing else could answer."""
    there = [*places.dist.glob(f"{WITH_MODEL}_*.deb"), *places.dist.glob(f"{WITH_MODEL}-*-linux-*.tar.xz")]
    found = [path for path in there if not names or path.name in names]
    if not found:
        raise Refusal("There is nothing to try in dist/: run `dev.py build` first.")
    return found


def _try(places: BuildPlaces, package: Path) -> Trial:
    say(f"{package.name}:")
    work = places.work / "smoke"
    pictures = work / package.name
    pictures.mkdir(parents=True, exist_ok=True)
    log = pictures / "log.txt"
    log.unlink(missing_ok=True)
    with fresh(work, log) as root:
        if package.suffix == ".deb":
            return _try_deb(root, package, pictures, work)
        return _try_archive(root, package, pictures)


def _try_deb(root: Root, package: Path, pictures: Path, work: Path) -> Trial:
    """Installed with what it depends on, used, replaced by the newer one, used again, removed."""
    trial = Trial(root=root, pictures=pictures)
    shutil.copyfile(_older(package, work), root.path("/root/older.deb"))
    shutil.copyfile(package, root.path("/root/newer.deb"))
    trial.step("the version before is installed", lambda: _apt(root, "install", "/root/older.deb"))
    tried.asks(trial)
    tried.keeps_keys(trial)
    trial.step("the newer version is installed over it", lambda: _apt(root, "install", "/root/newer.deb"))
    trial.step("the conversations are still there", lambda: tried.kept(trial, 1))
    tried.opens_window(trial, "window")
    trial.step("the window's conversation is kept too", lambda: tried.kept(trial, 2))
    tried.bad_input(trial, _HOME_OF_PACKAGE)
    trial.step(
        "the older version goes over the newer one only when that is asked for",
        lambda: "" if root.run("apt-get", "install", "-y", "/root/older.deb").code else "it went unasked",
    )
    trial.step("it is removed", lambda: _apt(root, "purge", package.name.partition("_")[0]))
    trial.step("nothing of the program is left", lambda: _gone(root))
    trial.step("the person's data is still there", lambda: _data(root))
    return trial


def _try_archive(root: Root, package: Path, pictures: Path) -> Trial:
    """Unpacked into a folder of the person's, with what a desktop has, used, and put into the menus."""
    trial = Trial(
        root=root, pictures=pictures, program=f"{HOME}/{package.name.removesuffix('.tar.xz')}/{NAME}"
    )
    subprocess.run(["tar", "-xJf", str(package), "-C", str(root.path(HOME))], check=True)
    root.must("chown", "-R", f"{USER}:{USER}", HOME)
    tried.asks(trial)
    trial.step("without the libraries of a desktop the window names them", lambda: _named(trial))
    libraries = ("libgl1", "libegl1", "libfontconfig1", "libdbus-1-3", "libglib2.0-0", "libxkbcommon0")
    trial.step("a desktop's libraries are there", lambda: _apt(root, "install", *libraries))
    tried.opens_window(trial, "window")
    installer = trial.program.rpartition("/")[0] + "/install.sh"
    trial.step("it goes into the menus", lambda: _script(root, installer))
    trial.step("the menus start it by its place", lambda: _entry(root, trial.program))
    trial.step("it goes out of the menus", lambda: _script(root, installer, "--remove"))
    trial.step("the person's data is still there", lambda: _data(root))
    return trial


def _older(package: Path, work: Path) -> Path:
    """The same package with a smaller version, packed quickly."""
    tree, older = work / "older", work / f"older-{package.name}"
    shutil.rmtree(tree, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", str(package), str(tree)], check=True)
    control = tree / "DEBIAN" / "control"
    lines = control.read_text(encoding="utf-8").splitlines(keepends=True)
    control.write_text(
        "".join(f"Version: {OLDER}\n" if line.startswith("Version:") else line for line in lines),
        encoding="utf-8",
    )
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(older)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    shutil.rmtree(tree)
    return older


def _apt(root: Root, *words: str) -> str:
    done = root.run(
        "apt-get", words[0], "-y", "--no-install-recommends", *words[1:], DEBIAN_FRONTEND="noninteractive"
    )
    return "" if done.code == 0 else (done.err or done.out).strip()[-300:]


def _gone(root: Root) -> str:
    places = [_HOME_OF_PACKAGE, f"/usr/bin/{NAME}", f"/usr/share/applications/{NAME}.desktop"]
    left = [place for place in places if root.path(place).exists()]
    return f"{', '.join(left)} is left" if left else ""


def _data(root: Root) -> str:
    return "" if root.path(tried.DATABASE).stat().st_size else "the database is empty"


def _named(trial: Trial) -> str:
    done = trial.call("gui", DISPLAY=":7")
    is_told = done.code == 3 and "apt-get install" in done.err  # noqa: PLR2004  CONTRACT 1
    return "" if is_told else f"exit code {done.code}, {done.err[-300:]}"


def _script(root: Root, script: str, *words: str) -> str:
    done = root.run("sh", script, *words, user=USER)
    return "" if done.code == 0 else f"exit code {done.code}, {done.err[-300:]}"


def _entry(root: Root, program: str) -> str:
    text = root.path(f"{HOME}/.local/share/applications/{NAME}.desktop").read_text(encoding="utf-8")
    return "" if f'Exec="{program}" gui' in text else text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
