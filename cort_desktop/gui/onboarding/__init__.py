"""The first steps: recorded runs that play at real speed, without a key and without a model."""
