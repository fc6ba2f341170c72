"""`dev.py smoke`: what was built is installed and used as a person would, where nothing else is."""
