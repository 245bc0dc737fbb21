"""What every process of the control plane needs around its work, as upstream's ``k8s.io/component-base``.

:mod:`~componentbase.options` declares the options they share, :mod:`~componentbase.process` runs one from start to
signal, :mod:`~componentbase.health` serves its health, :mod:`~componentbase.sockets` binds ports with errors a
person understands.
"""
