"""Probing containers: *how* is in ``prober``, *when* in ``worker``, *who* in ``manager``."""
