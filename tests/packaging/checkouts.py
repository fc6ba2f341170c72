"""A small checkout for dev.py: the real `packaging/`, but locks that name two tiny wheels made here.

Everything is fetched by the real pip from a folder, so no network is needed, and every way to fail is real.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
MODEL_TEXT = b"GGUF, but a small one\n" * 1000
APP = """import os, sys
print(sys.argv[1:], os.getcwd(), sys.stdin.read().strip())
sys.exit(7)
"""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def make_wheel(folder: Path, name: str, files: dict[str, bytes]) -> tuple[Path, str]:
    """A wheel of version 1.0 with these files; its path and its line of a lock."""
    info = f"{name}-1.0.dist-info"
    contents = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, content in contents.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        record += f"{path},sha256={digest},{len(content)}\n"
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    folder.mkdir(exist_ok=True)
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in contents.items():
            archive.writestr(path, content)
    return wheel, f"{name}==1.0 \\\n    --hash=sha256:{sha256(wheel.read_bytes())}\n"


class Checkout:
    """One copy in a folder of its own, with an index that is a folder too."""

    def __init__(self, folder: Path) -> None:
        self.top = folder / "checkout"
        self.wheels = folder / "wheels"
        shutil.copytree(
            TOP / "packaging", self.top / "packaging", ignore=shutil.ignore_patterns("__pycache__")
        )
        (self.top / "cort_desktop").mkdir()
        (self.top / "cort_desktop" / "__main__.py").write_text(APP)
        (self.top / "resources").mkdir()
        _, library = make_wheel(self.wheels, "tiny_library", {"tiny_library.py": b"FINE = True\n"})
        _, self.bringer = make_wheel(
            self.wheels, "tiny_bringer", {"surprise.pth": b"import sys; sys.stdout.write('surprise')\n"}
        )
        wheel, model = make_wheel(self.wheels, "tiny_model", {"tiny_model/small.gguf": MODEL_TEXT})
        self.library_lines = library
        self.model_lines = model
        self.write_locks(runtime=library, dev=library)
        (self.top / "resources" / "models.toml").write_text(
            f'[models.small]\ntitle = "Small"\npackage = "tiny_model"\nversion = "1.0"\nlicence = "MIT"\n'
            f'member = "tiny_model/small.gguf"\nsha256 = "{sha256(MODEL_TEXT)}"\n'
            f'wheel_sha256 = "{sha256(wheel.read_bytes())}"\nwheel_bytes = {wheel.stat().st_size}\n'
        )

    def write_locks(self, *, runtime: str, dev: str) -> None:
        (self.top / "packaging" / "requirements.lock").write_text(runtime + self.model_lines)
        (self.top / "packaging" / "requirements-dev.lock").write_text(dev + self.model_lines)

    @property
    def site_packages(self) -> Path:
        return next((self.top / ".venv").glob("lib/python*/site-packages"))

    @property
    def model_file(self) -> Path:
        return self.site_packages / "tiny_model" / "small.gguf"

    def environment(self, **settings: str) -> dict[str, str]:
        """The environment for a dev.py that finds wheels in the folder alone."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON"))}
        found = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        return {**clean, **found, "PIP_NO_CACHE_DIR": "1", **settings}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.top / "packaging" / "dev.py"), *arguments]

    def dev(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run the real dev.py to its end."""
        return self.python(*self.command(*arguments)[1:], **settings)

    def python(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run any Python code in the same surroundings."""
        return subprocess.run(
            [sys.executable, *arguments],
            env=self.environment(**settings),
            input="a question\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def fails_with(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Refused with exit code 3 and, as the last thing a person reads, one sentence with these parts."""
    assert done.returncode == 3, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    for part in parts:
        assert part in last
