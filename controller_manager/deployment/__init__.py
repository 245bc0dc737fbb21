"""The Deployment controller: from one version of a set of pods to the next (``pkg/controller/deployment``, v1.36).

:mod:`.rollout` plans one step from the objects alone, with :mod:`.history` (which ReplicaSet is which revision) and
:mod:`.sizes` (how many pods each may have); :mod:`.status` says how far it has come; :mod:`.controller` does it.
"""
