"""A POSIX shell for fake containers: parsed by tree-sitter, evaluated on the event loop, on virtual files."""
