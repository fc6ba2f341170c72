"""What is said of a run, in words and figures: shared by every front end, pure, and nothing but text."""
