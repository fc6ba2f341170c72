"""The ways a program comes onto a system and goes again: .deb, .rpm, or an archive in the person's folder.

Each says what was wrong, or nothing. The version before is the package itself with a smaller number: there is
no older release to take. `program` is how it is started, `home` the folder it lies in.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from devtools.building import rpm
from devtools.building.places import NAME, BuildPlaces
from devtools.smoke import foreign
from devtools.smoke.root import HOME, USER, Done, Root
from devtools.smoke.trial import DATA, Seen, Trial, last_words, own, told

OLDER = "0.0.1~before"
_SYSTEM_HOME = f"/usr/lib/{NAME}"
_COPY = f"{HOME}/a second copy"
_DESKTOP = (
    "libgl1",
    "libegl1",
    "libfontconfig1",
    "libdbus-1-3",
    "libglib2.0-0",
    "libxkbcommon0",
    "libwayland-egl1",
)
_DESKTOP_MORE = ("libwayland-cursor0", "libfreetype6", "libexpat1", "libx11-xcb1")
_NO_WINDOW = 3
"""Exit code of CONTRACT 1."""


@dataclass(slots=True, kw_only=True)
class Deb:
    """Debian's package, installed by apt with what it depends on."""

    trial: Trial
    package: Path
    places: BuildPlaces
    work: Path
    home: str = _SYSTEM_HOME

    def prepare(self) -> None:
        """Bring both versions into the root."""
        shutil.copyfile(self._older(), self.trial.root.path("/root/older.deb"))
        shutil.copyfile(self.package, self.trial.root.path("/root/newer.deb"))

    def install_older(self) -> str:
        """The version before, on a system that hasn't seen the program."""
        return _apt(self.trial.root, "install", "/root/older.deb")

    def upgrade(self) -> str:
        """The newer one over it."""
        return _apt(self.trial.root, "install", "/root/newer.deb")

    def downgrade(self) -> Seen:
        """The older one over the newer one: only when that is asked for."""
        root = self.trial.root
        refused = root.run("apt-get", "install", "-y", "/root/older.deb")
        words = "\n".join(line for line in refused.err.splitlines() if line.startswith("E:"))
        if not refused.code:
            return Seen(wrong="it went unasked")
        return Seen(wrong=_apt(root, "install", "--allow-downgrades", "/root/older.deb"), words=words)

    def second_copy(self) -> str:
        """Another copy of the program, and how it is started."""
        return _copied(self.trial.root)

    def remove(self) -> str:
        """Take it away with all that it set up."""
        return _apt(self.trial.root, "purge", self.package.name.partition("_")[0])

    def left(self) -> str:
        """What of the program is still there."""
        return _left_in_system(self.trial.root)

    def _older(self) -> Path:
        tree, older = self.work / "older", self.work / f"older-{self.package.name}"
        shutil.rmtree(tree, ignore_errors=True)
        subprocess.run(["dpkg-deb", "-R", str(self.package), str(tree)], check=True)
        control = tree / "DEBIAN" / "control"
        lines = control.read_text(encoding="utf-8").splitlines(keepends=True)
        control.write_text(
            "".join(f"Version: {OLDER}\n" if line.startswith("Version:") else line for line in lines),
            encoding="utf-8",
        )
        command = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(older)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(tree)
        return older


@dataclass(slots=True, kw_only=True)
class Rpm:
    """The package for Fedora and openSUSE, installed by rpm itself, which checks what it requires."""

    trial: Trial
    package: Path
    places: BuildPlaces
    work: Path
    home: str = _SYSTEM_HOME
    older: Path = Path()

    def prepare(self) -> None:
        """Make the version before; show that rpm names what a bare system lacks, then bring that."""
        self.older = self._older()
        root, trial = self.trial.root, self.trial
        trial.step("rpm is told what the system has", lambda: self._told(1))
        trial.step("on a system without a desktop's libraries rpm names them", self._refused)
        trial.step(
            "a desktop's libraries are there", lambda: _apt(root, "install", *_DESKTOP, *_DESKTOP_MORE)
        )
        trial.step("rpm is told of them", lambda: self._told(2))

    def install_older(self) -> str:
        """The version before, on a system that hasn't seen the program."""
        return _said(foreign.call(self.trial.root, "--upgrade", str(self.older)))

    def upgrade(self) -> str:
        """The newer one over it."""
        return _said(foreign.call(self.trial.root, "--upgrade", str(self.package)))

    def downgrade(self) -> Seen:
        """The older one over the newer one: only when that is asked for."""
        root = self.trial.root
        refused = foreign.call(root, "--upgrade", str(self.older))
        if not refused.code:
            return Seen(wrong="it went unasked")
        wrong = _said(foreign.call(root, "--upgrade", "--oldpackage", str(self.older)))
        return Seen(wrong=wrong, words=last_words(refused))

    def second_copy(self) -> str:
        """Another copy of the program, and how it is started."""
        return _copied(self.trial.root)

    def remove(self) -> str:
        """Take it away."""
        name = foreign.call(
            self.trial.root, "--query", "--package", "--queryformat", "%{NAME}", str(self.package)
        )
        return _said(foreign.call(self.trial.root, "--erase", name.out))

    def left(self) -> str:
        """What of the program is still there."""
        return _left_in_system(self.trial.root)

    def _told(self, version: int) -> str:
        return foreign.tell_what_is_there(self.trial.root, self.places, self.work, version=version)

    def _refused(self) -> Seen:
        done = foreign.call(self.trial.root, "--upgrade", str(self.package))
        is_named = done.code != 0 and "is needed by" in done.err
        return Seen(wrong="" if is_named else told(done), words=last_words(done))

    def _older(self) -> Path:
        tree = self.work / "older" / "root"
        foreign.unpack(self.package, tree)
        variant = self.package.name.rpartition("-")[0].rpartition("-")[0]
        spec = rpm.spec_text(self.places, variant, tree, version=OLDER).replace("w6.xzdio", "w.ufdio")
        older = rpm.pack(self.places, spec, tree, self.work / f"older-{self.package.name}")
        shutil.rmtree(tree.parent)
        return older


@dataclass(slots=True, kw_only=True)
class Archive:
    """The archive, unpacked into a folder of the person's; a newer version is a second folder beside it."""

    trial: Trial
    package: Path
    places: BuildPlaces
    work: Path

    @property
    def home(self) -> str:
        """Where the newer version lies."""
        return f"{HOME}/{self.package.name.removesuffix('.tar.xz')}"

    @property
    def _older(self) -> str:
        return f"{HOME}/{NAME} {OLDER}"

    def prepare(self) -> None:
        """Unpack what is the version before, and show that it names the libraries of a desktop."""
        root = self.trial.root
        subprocess.run(["tar", "-xJf", str(self.package), "-C", str(root.path(HOME))], check=True)
        root.path(self.home).rename(root.path(self._older))
        own(self.trial, self._older)
        self.trial.program = f"{self._older}/{NAME}"
        self.trial.step("without the libraries of a desktop the window names them", self._named)
        self.trial.step("a desktop's libraries are there", lambda: _apt(root, "install", *_DESKTOP))

    def install_older(self) -> str:
        """Put the version before into the menus."""
        return self._into_menus(self._older)

    def upgrade(self) -> str:
        """Unpack the newer one beside it, and put that into the menus."""
        self.trial.root.must("cp", "-a", self._older, self.home)
        self.trial.program = f"{self.home}/{NAME}"
        return self._into_menus(self.home)

    def downgrade(self) -> Seen:
        """Start the older one after the newer one; both folders are there."""
        done = self.trial.root.run(f"{self._older}/{NAME}", "conversations", "list", "--json", user=USER)
        return Seen(wrong="" if done.code == 0 and '"id"' in done.out else told(done))

    def second_copy(self) -> str:
        """The older one is still there."""
        return f"{self._older}/{NAME}"

    def remove(self) -> str:
        """Out of the menus, then both folders."""
        wrong = self._script(self.home, "--remove")
        self.trial.root.must("rm", "-r", self.home, self._older)
        return wrong

    def left(self) -> str:
        """What of the program is still there."""
        kept = ("-path", DATA, "-prune", "-o")
        done = self.trial.root.run(
            "find",
            f"{HOME}/.local/share",
            f"{HOME}/.local/bin",
            *kept,
            "-iname",
            "*cort?desktop*",
            "!",
            "-type",
            "d",
            "-print",
        )
        return done.out.strip()

    def _into_menus(self, folder: str) -> str:
        wrong = self._script(folder)
        entry = self.trial.root.path(f"{HOME}/.local/share/applications/{NAME}.desktop")
        text = entry.read_text(encoding="utf-8")
        return wrong or ("" if f'Exec="{folder}/{NAME}" gui %F\n' in text else text)

    def _named(self) -> Seen:
        done = self.trial.call("gui", DISPLAY=":7")
        is_named = done.code == _NO_WINDOW and "apt-get install" in done.err
        return Seen(wrong="" if is_named else told(done), words=last_words(done))

    def _script(self, folder: str, *words: str) -> str:
        return _said(self.trial.root.run("sh", f"{folder}/install.sh", *words, user=USER))


Way = Deb | Rpm | Archive
SUFFIXES: dict[str, type[Way]] = {".deb": Deb, ".rpm": Rpm, ".xz": Archive}


def _said(done: Done) -> str:
    return "" if done.code == 0 else told(done)


def _apt(root: Root, verb: str, *words: str) -> str:
    command = ["apt-get", verb, "-y", "--no-install-recommends", *words]
    return _said(root.run(*command, DEBIAN_FRONTEND="noninteractive"))


def _copied(root: Root) -> str:
    root.must("cp", "-a", _SYSTEM_HOME, _COPY)
    return f"{_COPY}/{NAME}"


def _left_in_system(root: Root) -> str:
    places = [_SYSTEM_HOME, f"/usr/bin/{NAME}", f"/usr/share/applications/{NAME}.desktop"]
    return ", ".join(place for place in places if root.path(place).exists())
