"""Pure geometry and file reading: no Flask, no database, no layer."""
