"""What programs of others make of the API."""
