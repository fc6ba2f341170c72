"""The door to everything a checkout can do: `python3 packaging/dev.py COMMAND`.

This file only turns unfit Pythons away in plain words, so it must be readable by all of them, Python 2
included. The work is in `devtools/`, which uses the standard library of Python 3.11 and nothing else.
"""

import sys

OLDEST = (3, 11)
TOO_NEW = (3, 14)


def refusal(version):  # type: (tuple[int, int]) -> str  # noqa: ANN001, ANN201 - Python 2 reads it
    """Say why this Python won't do, in one sentence, or nothing when it will."""
    if OLDEST <= version < TOO_NEW:
        return ""
    return (
        "CoRT Desktop needs Python 3.11, 3.12 or 3.13 and this is Python {}.{}: start it again with one of "
        "those, for example `python3.11 packaging/dev.py`."
    ).format(*version)


def main(argv):  # type: (list[str]) -> int  # noqa: ANN001, ANN201 - as above
    """Check the Python, then hand over."""
    words = refusal((sys.version_info[0], sys.version_info[1]))
    if words:
        if sys.stderr is not None:  # closed by whoever started us
            sys.stderr.write(words + "\n")
        return 3
    from devtools.commands import main as start

    return start(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
