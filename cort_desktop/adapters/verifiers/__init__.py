"""What checks an answer without a model: final values, JSON, sums, and a person's own unit tests.

``making.py`` builds the verifier that a run's spec declares (``domain/verifying.py``). What findings decide
is the engine's.
"""
