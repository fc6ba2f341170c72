"""Second citizens of the program's seams, for tests only."""
