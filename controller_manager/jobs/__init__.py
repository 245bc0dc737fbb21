"""The Job controller (``pkg/controller/job``, v1.36): each decision in a module, ``controller.py`` acts on them."""
