"""Faults of every kind on the real system, and what they cost: `python -m benchmarks.chaos`."""
