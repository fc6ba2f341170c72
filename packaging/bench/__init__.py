"""The figures of speed and memory, one a file: see `devtools/bench.py` for their shape."""
