"""The rounds: a run as an outline, a map and columns, over one model and one selection."""
