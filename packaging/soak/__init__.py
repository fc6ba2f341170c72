"""The trials of endurance, one a file: see `devtools/soak.py` for their shape."""
