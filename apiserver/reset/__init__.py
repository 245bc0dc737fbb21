"""Back to the start: a cluster without what its users have put into it, in a moment and without a restart."""
