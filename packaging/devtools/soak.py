"""`dev.py soak`: what must hold however often one tries.

A trial is a file in `packaging/soak/` with

    ROUNDS: int                              # how many, unless the person says otherwise
    def soak(rounds: int) -> list[str]       # one sentence for every time it did not hold
"""

import sys
import time

from devtools.console import Refusal, say
from devtools.discovery import modules, table
from devtools.places import here

HEAD = ["trial", "rounds", "faults", "seconds", "verdict"]


def rounds_and_names(arguments: list[str]) -> tuple[int | None, list[str]]:
    """Take `--rounds N` out of the arguments; the rest are names."""
    if "--rounds" not in arguments:
        return None, arguments
    at = arguments.index("--rounds")
    number = arguments[at + 1] if at + 1 < len(arguments) else ""
    if not number.isdigit() or int(number) == 0:
        raise Refusal("--rounds needs a whole number above 0, for example `--rounds 200`.")
    return int(number), arguments[:at] + arguments[at + 2 :]


def main(arguments: list[str]) -> int:
    """Run the trials, print their faults and the table; 1 if anything did not hold."""
    rows = []
    try:
        chosen, names = rounds_and_names(arguments)
        for name, trial in modules(here().packaging / "soak", names):
            rounds = chosen or trial.ROUNDS
            say(f"{name}, {rounds} rounds …")
            started = time.monotonic()
            faults = trial.soak(rounds)
            seconds = time.monotonic() - started
            for fault in faults:
                say(f"{name}: {fault}")
            verdict = "FAILED" if faults else "held"
            rows.append([name, str(rounds), str(len(faults)), f"{seconds:.1f}", verdict])
    except Refusal as refusal:
        say(str(refusal))
        return 3
    print(table(HEAD, rows))
    return int(any(cells[-1] == "FAILED" for cells in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
