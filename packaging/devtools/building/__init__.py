"""`dev.py build`: everything that people download, made from the checkout. Nothing here is part of the program."""
