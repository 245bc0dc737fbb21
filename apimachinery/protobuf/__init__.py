"""Kubernetes' protobuf bodies, read into what their JSON would be.

:mod:`~apimachinery.protobuf.envelope` takes off what every body is wrapped in, :mod:`~apimachinery.protobuf.messages`
reads the object, by the numbers that ``tools/build_protobuf.py`` has generated, and
:mod:`~apimachinery.protobuf.special` knows the messages whose JSON is no object. All is driven by tables in plain
Python: the work is to build dictionaries, which a parser in C that hands out message objects does not take away, and
nothing has to be loaded before the first such body arrives.
"""
