"""Token counts: rough ones at once, exact ones without the network."""

from __future__ import annotations

import base64
import inspect
import json
import math
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.adapters.tokens import DENSE as DENSER
from cort_desktop.adapters.tokens import Tokens

TOP = Path(__file__).parent.parent.parent
VOCABULARIES = TOP / "resources" / "tokenizers"
ORDINARY = {
    "english": (
        "The sky is blue because the molecules of the air scatter light of short wavelengths more than that "
        "of long ones. At sunset the light's way through the atmosphere is longer; most of the blue has been "
        "scattered out of it, and what remains is red. (This was explained by Lord Rayleigh in 1871.)"
    ),
    "german": (
        "Der Himmel erscheint uns blau, weil die Moleküle der Luft kurzwelliges Licht stärker streuen als "
        "langwelliges. Bei Sonnenuntergang legt das Licht einen längeren Weg zurück, sodass der blaue Anteil "
        "fast völlig herausgestreut wird. Geschwindigkeitsbegrenzungen gelten hierfür nicht."
    ),
    "french": (
        "Le ciel nous paraît bleu parce que les molécules de l'air diffusent davantage la lumière de courte "
        "longueur d'onde. Au coucher du soleil, l'essentiel du bleu est déjà dispersé."
    ),
    "chinese": "天空之所以是蓝色的,是因为空气分子对短波光的散射比对长波光的散射更强。日落时,天空是红的。",
    "japanese": "空が青く見えるのは、空気の分子が短い波長の光を長い波長の光よりも強く散乱させるからです。",
    "korean": "하늘이 파랗게 보이는 것은 공기 분자가 짧은 파장의 빛을 더 강하게 산란시키기 때문입니다.",
    "russian": "Небо кажется голубым, потому что молекулы воздуха сильнее рассеивают коротковолновый свет.",
    "arabic": "تبدو السماء زرقاء لأن جزيئات الهواء تشتت الضوء ذو الموجات القصيرة أكثر من الطويلة.",
    "code": inspect.getsource(json.decoder),
    "json": json.dumps([{"id": n, "name": f"x{n}", "score": n * 0.37} for n in range(50)]),
    "capitals": "WHY IS THE SKY BLUE? BECAUSE OF RAYLEIGH SCATTERING, WHICH IS STRONGER FOR SHORT WAVES.",
}
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return Tokens(VOCABULARIES)


@pytest.mark.parametrize("kind", ORDINARY)
def test_the_rough_count_of_ordinary_text_is_near_and_rather_high(tokens: Tokens, kind: str) -> None:
    exact = tokens.exact(ORDINARY[kind])
    assert 0.9 * exact <= tokens.count(ORDINARY[kind]) <= 1.8 * exact


def test_an_exact_count_is_that_of_o200k(tokens: Tokens) -> None:
    assert tokens.exact("hello world") == 2
    assert tokens.exact("") == 0
    assert tokens.exact("<|endoftext|>") == 7  # plain text, not the sign for the end


@pytest.mark.reliability(65)
def test_a_megabyte_of_a_is_the_estimate_at_once(tokens: Tokens) -> None:
    """Row 65: 1 MB of "a" is estimated (characters / 3.5), exact or not, and never given to tiktoken."""
    text = "a" * MEGABYTE
    assert tokens.count(text) == tokens.exact(text) == 285_715


@pytest.mark.reliability(65)
@pytest.mark.parametrize("piece", ["a", "é", "天", "😀", " ", "\n", "!", "a b ", "1"])
def test_no_text_takes_long(tokens: Tokens, piece: str) -> None:
    """Row 65: it takes as long as a few passes over the bytes, told by comparison with real passes."""
    text = (piece * MEGABYTE)[:MEGABYTE]
    passes = min(_seconds(lambda: text.encode().translate(None, b"xyz")) for _ in range(3))
    assert min(_seconds(lambda: tokens.count(text)) for _ in range(3)) < 60 * passes
    assert min(_seconds(lambda: tokens.exact(text)) for _ in range(3)) < 60 * passes


def _seconds(work: object) -> float:
    assert callable(work)
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@pytest.mark.parametrize("piece", ["a", "天", " ", "!", "\n"])
def test_runs_without_end_inside_a_text_are_estimated(tokens: Tokens, piece: str) -> None:
    text = "Look: " + piece * 600
    assert tokens.exact(text) == tokens.count(text)
    short = "Look: " + piece * 400
    assert tokens.exact(short) != tokens.count(short)


@pytest.mark.reliability(65)
@pytest.mark.parametrize("vocabularies", ["missing", "empty"])
def test_without_the_vocabulary_it_estimates_and_asks_no_network(tmp_path: Path, vocabularies: str) -> None:
    """Row 65: tiktoken offline. conftest refuses every connection that leaves this machine."""
    folder = tmp_path / vocabularies
    if vocabularies == "empty":
        folder.mkdir()
    lone = Tokens(folder)
    assert lone.exact("hello world") == lone.count("hello world") > 0


def test_the_default_path_loads_no_tokenizer_and_the_exact_one_leaves_the_environment_alone() -> None:
    program = (
        "import os, sys; from pathlib import Path; from cort_desktop.adapters.tokens import Tokens;"
        "tokens = Tokens(Path(sys.argv[1])); before = dict(os.environ);"
        "tokens.count('Why is the sky blue? ' * 100);"
        "assert 'tiktoken' not in sys.modules;"
        "assert tokens.exact('hello world') == 2;"
        "assert 'tiktoken' in sys.modules; assert dict(os.environ) == before; print('fine')"
    )
    for extra in ({}, {"TIKTOKEN_CACHE_DIR": "/nowhere"}):
        done = subprocess.run(
            [sys.executable, "-c", program, str(VOCABULARIES)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(TOP), **extra},
        )
        assert (done.stdout, done.stderr) == ("fine\n", "")


@given(st.text(), st.text())
def test_a_count_grows_with_the_text_and_is_never_zero_for_some(first: str, second: str) -> None:
    tokens = Tokens(VOCABULARIES)
    assert (tokens.count(first) == 0) == (first == "")
    # Whether a text is dense is a matter of the whole: two short ones may be it only together, or apart.
    whole, parts = tokens.count(first + second), tokens.count(first) + tokens.count(second)
    assert tokens.count(first) <= math.ceil(DENSER * whole)
    assert whole <= math.ceil(DENSER * parts) + 1


def test_a_lone_surrogate_is_counted() -> None:
    assert Tokens(VOCABULARIES).count("\ud83d") >= 1


DENSE = {
    "base64": base64.b64encode(random.Random(1).randbytes(600)).decode(),
    "table": "| name | size | when |\n|---|---|---|\n" + "| a-1 | 12,345 | 2026-01-02 |\n" * 20,
    "numbers": ", ".join(str(random.Random(2).random()) for _ in range(30)),
    "json": json.dumps({f"k{n}": [n, n / 7] for n in range(40)}),
    "maths": r"$$\sum_{i=0}^{n} \frac{x_i^2}{2\sigma^2} \le \int_a^b f(x)\,dx$$ " * 8,
}


@pytest.mark.parametrize("kind", DENSE)
def test_dense_text_is_not_counted_too_low(tokens: Tokens, kind: str) -> None:
    """The input of a call is rounded up, so that caps hold for tables and numbers too."""
    assert tokens.count(DENSE[kind]) >= 0.9 * tokens.exact(DENSE[kind])
