"""OpenAPI v2 and v3 of what is served, custom resources included.

``definitions`` turns types into schemas, ``paths`` resources into operations; ``v2`` and ``v3`` put both into documents
of their own shape, ``descriptions`` adds prose where there is some to be had, ``routes`` serves it all.
"""
