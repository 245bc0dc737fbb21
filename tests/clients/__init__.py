"""Unmodified clients, each used as its own documentation does. One file for each."""
