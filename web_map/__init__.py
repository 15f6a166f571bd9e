"""Pages, static files and printed maps."""
