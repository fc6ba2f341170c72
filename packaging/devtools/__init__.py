"""What `packaging/dev.py` can do, with the standard library alone. Nothing here is part of the program."""
