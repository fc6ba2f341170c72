"""Whether thinking harder paid, asked of the real program: judged blind once, and again only when told to."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.programs import Home
from tests.e2e.thinkers import serving, think

CORT = ("--strategy", "cort", "--rounds", "1", "--alternatives", "2", "--judges", "1")


def test_judges_are_paid_once_unless_they_are_asked_again(tmp_path: Path) -> None:
    with serving(think) as server:
        home = Home(tmp_path / "home", server.base_url)
        home.run("ask", "Why?", *CORT).check(0)
        (run,) = home.runs()

        def sent(*words: str, says: str) -> int:
            before = len(server.requests)
            home.run("worth", run, *words).check(0, says)
            return len(server.requests) - before

        assert sent(says="") == 0
        first = sent("--judge", says="Judging takes about")
        assert first > 0
        assert sent("--judge", says="already") == 0
        assert sent("--judge", "--again", says="Judging takes about") > 0
    home.run("worth", run, "--again").refused(2, "--again goes with --judge")
