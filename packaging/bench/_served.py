"""A scripted service on loopback with a known answer time, and a home that is set up to ask it."""

import json
import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from cort_desktop.bootstrap import Surroundings, open_app
from cort_desktop.logs import Redactor
from cort_desktop.paths import Paths
from cort_desktop.services.app import App
from tests.fakes.models import CANDIDATE, verdict_json
from tests.fakes.replies import Reply, chat_reply
from tests.fakes.scripted_server import Request

ANSWER = "The sky is blue because air scatters short waves more than long ones. " * 8
FIRST_S = 0.4
PIECE_S = 0.02
MODEL = "my-server/fast"
MODEL_LINES = """
[providers.my-server]
kind = "openai"
base_url = "{base_url}"
models = ["fast"]
[prices."my-server/fast"]
input = 1.0
output = 2.0
[defaults]
model = "my-server/fast"
[cache]
enabled = false
"""
_LABELS = re.compile(CANDIDATE)


def script(request: Request) -> Reply:
    """An answer of ordinary length, or a verdict on what is shown, at a steady pace."""
    prompt = request.messages[-1]["content"]
    labels = [label for label, _ in _LABELS.findall(prompt)] if '"ranking"' in prompt else []
    text = verdict_json([[label] for label in sorted(labels)]) if labels else ANSWER
    return chat_reply(text, first_delay=FIRST_S, delay=PIECE_S)


def verdict_of(count: int) -> str:
    """A verdict as long as those of a panel on ``count`` candidates."""
    return verdict_json([[f"bc{'dfgh'[index]}"] for index in range(count)])


def judge_body(count: int) -> str:
    """A prompt that ``script`` answers with a verdict on ``count`` candidates."""
    shown = "".join(f'<candidate id="bc{"dfgh"[n]}">\nx\n</candidate>' for n in range(count))
    return shown + json.dumps({"ranking": []})


@contextmanager
def home(base_url: str) -> Iterator[Path]:
    """A folder for CORT_DESKTOP_HOME whose default model is the service at ``base_url``, asked every time."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.toml").write_text(MODEL_LINES.format(base_url=base_url), encoding="utf-8")
        yield Path(folder)


@asynccontextmanager
async def app_in(folder: Path) -> AsyncIterator[App]:
    """The whole program without a front end."""
    environment = {"CORT_DESKTOP_HOME": str(folder)}
    around = Surroundings(
        paths=Paths.from_environment(environment), environment=environment, redactor=Redactor()
    )
    async with open_app(around, with_defaults=False) as app:
        yield app
