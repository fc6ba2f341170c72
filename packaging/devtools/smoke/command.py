"""`dev.py smoke`: each Linux package in `dist/` is tried in a clean root; a log, pictures, a table.

Without words all of them; else those named, by file name or by kind: deb, rpm, archive.
"""

import sys
import tempfile
from pathlib import Path

from devtools import model
from devtools.building import steps
from devtools.building.places import NAME, WITH_MODEL, BuildPlaces
from devtools.console import Refusal, say
from devtools.discovery import table
from devtools.places import here
from devtools.smoke import bad_input
from devtools.smoke import trial as tried
from devtools.smoke.root import alone, demand_root, fresh
from devtools.smoke.trial import Trial
from devtools.smoke.ways import SUFFIXES, Way

_KINDS = {"deb": f"{NAME}*_*.deb", "rpm": f"{NAME}*-1.*.rpm", "archive": f"{NAME}*-linux-*.tar.xz"}
_NEEDS = ("debootstrap", "dpkg-deb", "rpm", "rpmbuild")
RESULT = "smoke.txt"


def main(arguments: list[str]) -> int:
    """Try what is there, or what is named; 1 when a step isn't as it must be, 3 when it can't begin."""
    places = BuildPlaces(here().top)
    try:
        demand_root()
        steps.demand(*_NEEDS)
        packages = chosen(places, arguments)
        with alone(places.work / "smoke"):
            trials = [_try(places, package) for package in packages]
    except Refusal as refusal:
        say(str(refusal))
        return 3
    except KeyboardInterrupt:
        say("Stopped; nothing of it is left mounted.")
        return 130
    rows = [
        [trial.pictures.name, step.words, f"{step.seconds:.1f} s", step.seen.wrong or "ok"]
        for trial in trials
        for step in trial.steps
    ]
    wrong = sum(row[-1] != "ok" for row in rows)
    lines = [
        table(["package", "step", "took", "seen"], rows),
        f"{len(rows) - wrong} of {len(rows)} steps with {len(trials)} packages were as they must be.",
    ]
    print("\n".join(lines))
    result = places.work / "smoke" / RESULT
    result.write_text("\n".join(lines) + "\n", encoding="utf-8")
    say(f"Logs and pictures are in {result.parent.relative_to(places.top)}, this table in {RESULT} there.")
    return int(wrong > 0)


def chosen(places: BuildPlaces, names: list[str]) -> list[Path]:
    """The packages to try, by kind, name or path in `dist/`. Refuses what is none of them."""
    kinds = {
        path: kind
        for kind, pattern in _KINDS.items()
        for path in sorted(
            places.dist.glob(pattern), key=lambda path: (WITH_MODEL not in path.name, path.name)
        )
    }
    if not kinds:
        raise Refusal("There is nothing to try in dist/: run `dev.py build` first.")
    dist = places.dist.resolve()
    names = [Path(name).name if Path(name).resolve().parent == dist else name for name in names]
    unknown = [name for name in names if name not in {*kinds.values(), *(path.name for path in kinds)}]
    if unknown:
        raise Refusal(f"There is no {unknown[0]} to try: there is {', '.join(path.name for path in kinds)}.")
    return [path for path, kind in kinds.items() if not names or kind in names or path.name in names]


def _try(places: BuildPlaces, package: Path) -> Trial:
    say(f"{package.name}:")
    work = places.work / "smoke"
    pictures = work / package.name
    pictures.mkdir(parents=True, exist_ok=True)
    log = pictures / "log.txt"
    log.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=work) as scratch, fresh(work, log) as root:
        trial = Trial(root=root, pictures=pictures)
        way = SUFFIXES[package.suffix](trial=trial, package=package, places=places, work=Path(scratch))
        _whole(trial, way, places)
    return trial


def _whole(trial: Trial, way: Way, places: BuildPlaces) -> None:
    """Installed, used, replaced by the newer one, used again, put back, removed."""
    way.prepare()
    trial.step("the version before is installed", way.install_older)
    trial.step("it starts without any Python on the system", lambda: tried.starts(trial))
    if not way.package.name.startswith(WITH_MODEL):
        tried.brings_model(trial, model.known(places)[0], places.site_packages)
    tried.asks(trial)
    tried.keeps_keys(trial)
    trial.step("the newer version is installed over it", way.upgrade)
    trial.step("the conversations are still there", lambda: tried.kept(trial, 1))
    trial.step(
        "the window opens, takes a question by keyboard, answers it and closes",
        lambda: tried.window(trial, "window"),
    )
    bad_input.all_of_it(trial, way.home, other=way.second_copy())
    before = trial.count()
    trial.step("the older version goes over the newer one only when that is asked for", way.downgrade)
    trial.step("it reads all that the newer one kept", lambda: tried.kept(trial, before))
    trial.step("it is removed", way.remove)
    trial.step("nothing of the program is left", way.left)
    trial.step("the person's data is still there", lambda: _data(trial))


def _data(trial: Trial) -> str:
    return "" if trial.root.path(tried.DATABASE).stat().st_size else "the database is empty"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
