"""The DaemonSet controller: a pod on every node that suits (``pkg/controller/daemon``, v1.36).

:mod:`.placing` says which nodes suit and what their pods look like, :mod:`.plan` which pods are to be made and
deleted, :mod:`.status` what there is; :mod:`.controller` does it.
"""
