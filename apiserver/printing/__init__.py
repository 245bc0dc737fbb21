"""Objects as table rows: what ``kubectl get`` shows (``pkg/printers/internalversion``, v1.36)."""
