"""Measurements: each prints one table and one JSON line a row."""
