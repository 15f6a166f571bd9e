"""Benches of intake: from a posted incident to every stream, map and list that shows it."""
