"""kube-scheduler: finds a node for every pod that has none, and says why.

:mod:`~scheduler.framework` is the contract of plugins and what they look at, :mod:`~scheduler.plugins` the rules
themselves, :mod:`~scheduler.scheduling` one decision from start to end, :mod:`~scheduler.scheduler` the process
around it: watches in, bindings out.
"""
