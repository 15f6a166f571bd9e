"""Benches of cases."""
