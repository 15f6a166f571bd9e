"""Benches of cases: who answers for them, and how well that is told."""
