"""Benches of the API: against its peers, and what files of millions of rows take."""
