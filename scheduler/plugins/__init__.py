"""The rules: one module, one plugin, one idea."""
