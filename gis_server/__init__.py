"""HTTP and processes: knows what a layer is and names none."""
