"""Who owns which field, and how applied configurations merge (``sigs.k8s.io/structured-merge-diff`` v6).

A pure library over plain JSON objects:

:mod:`~apimachinery.structured_merge.fieldpath`
    Sets of field paths, in the very form of ``FieldsV1``.
:mod:`~apimachinery.structured_merge.types`, :mod:`~apimachinery.structured_merge.schema`
    What merges how: types made from the built-in kinds, from a custom resource's schema, or deduced.
:mod:`~apimachinery.structured_merge.typed`
    Validation, and the fields that an object has.
:mod:`~apimachinery.structured_merge.compare`
    What one object has added to another, changed in it, or removed from it.
:mod:`~apimachinery.structured_merge.merge`
    Merging an applied configuration into an object; removing and extracting fields.
:mod:`~apimachinery.structured_merge.updater`
    The two algorithms that stand on these: update and apply, with their conflicts.
"""
