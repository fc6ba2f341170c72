"""Whether an answer comes to the expected value: the final answer is taken out of the text and compared."""

from __future__ import annotations

from collections.abc import Callable

from cort_desktop.domain.verifying import Declared, Finding

_SHOWN = 80


class Exact:
    """``value_of`` takes the final answer out of a text, ``canonical`` gives a value its one form."""

    def __init__(
        self,
        declared: Declared,
        value_of: Callable[[str], str | None],
        canonical: Callable[[str], str | None],
    ) -> None:
        self.title = declared.title
        self._expected = declared.argument
        self._wanted = canonical(declared.argument) or declared.argument
        self._value_of = value_of
        self._canonical = canonical

    async def check(self, answer: str) -> Finding:
        """Passed when the values are one; untold where no final answer can be found."""
        found = self._value_of(answer) or self._canonical(answer)
        if found is None:
            return Finding(passed=None, detail="No final answer could be found in the text.")
        if found == self._wanted:
            return Finding(passed=True, detail=f"The final answer is “{found[:_SHOWN]}”.")
        return Finding(
            passed=False, detail=f"The final answer is “{found[:_SHOWN]}”, not “{self._expected[:_SHOWN]}”."
        )
