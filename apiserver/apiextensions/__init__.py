"""Custom resources: what a CustomResourceDefinition says, checked and served.

* ``definition`` defaults and checks definitions, ``structural`` their schemas;
* ``objects`` prunes and defaults objects by a schema, ``values`` checks them, ``decoder`` and ``strategy`` put that
  where handlers look for it; ``jsonpath`` and ``printer`` are their columns;
* ``serving`` makes registry entries of definitions, ``naming`` settles their names, and ``controller`` keeps the
  registry in step with what is stored.

The model is ``k8s.io/apiextensions-apiserver``, v0.36.

Rules in CEL (``x-kubernetes-validations``) are kept and not evaluated.
"""
