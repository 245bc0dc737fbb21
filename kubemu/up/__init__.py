"""A whole cluster: what it is made of, where it is, and how it is told of."""
