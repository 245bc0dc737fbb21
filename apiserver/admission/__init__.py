"""Admission: the plugins that may change or refuse what is about to be written, after defaults, around validation.

:mod:`~apiserver.admission.interface` is the contract, :mod:`~apiserver.admission.chain` runs the plugins in their
order, ``plugins/`` holds one module for each.
"""
