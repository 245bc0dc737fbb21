"""Tokens of service accounts: issued, checked, and published for others to check (``pkg/serviceaccount``, v1.36)."""
