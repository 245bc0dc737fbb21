"""The StatefulSet controller: pods with names and storage of their own (``pkg/controller/statefulset``, v1.36).

:mod:`.identity` says what pod and claims belong to an ordinal, :mod:`.plan` what is to be done next, :mod:`.retention`
who owns the claims, :mod:`.status` what there is; :mod:`.controller` does it by :mod:`.writes`.
"""
