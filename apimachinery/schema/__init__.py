"""The schema of every built-in kind: what fields there are, of which type, and how lists and maps merge.

:mod:`~apimachinery.schema.bundle` reads the generated data, :mod:`~apimachinery.schema.decoder` turns it into
fast checkers of whole objects.
"""
