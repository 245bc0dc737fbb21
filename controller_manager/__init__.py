"""Controllers: loops that bring the cluster from what it is to what its objects ask for.

A controller is a module with one class (:mod:`controller_manager.controller` has the contract); the
:mod:`~controller_manager.manager` runs the ones that :mod:`~controller_manager.registry` names.
"""
