"""Examples that run: measurements of the published claims and of the theory."""
