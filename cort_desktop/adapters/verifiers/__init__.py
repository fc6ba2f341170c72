"""What checks an answer without a model: final values, JSON, sums, and a person's own unit tests.

``made`` builds the verifier that a run's spec declares (``domain/verifying.py``). What findings decide is the
engine's.
"""

from __future__ import annotations

from cort_desktop.adapters.verifiers.making import ValueOf, made

__all__ = ["ValueOf", "made"]
