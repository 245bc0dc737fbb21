"""The resources that are served, each an entry of data plus a strategy.

A request is answered by generic handlers (:mod:`apiserver.handlers`) that know nothing but the entry.
"""
