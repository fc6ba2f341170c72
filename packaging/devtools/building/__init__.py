"""`dev.py build`: what people download, made from the checkout. Nothing here is part of the program."""
