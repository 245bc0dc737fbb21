"""Typed views of the kinds that the components act on.

Attributes are snake_case, the wire is camelCase. A model keeps fields it does not know, so that reading an
object, changing a field and writing it back loses nothing. Fields that upstream leaves out when they are zero
(``omitempty``) have that zero as default and are left out by :func:`~apimachinery.types.base.encode` too; fields
that upstream always writes have no default.
"""
