"""`dev.py smoke`: what was built is installed and used as a person would, on a system that has nothing else."""
