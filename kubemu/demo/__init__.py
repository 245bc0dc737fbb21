"""``kubemu demo``: a cluster of separate processes, seen from the terminal."""
