"""``awk``: lexer, parser and interpreter of the language as POSIX has it, with the little that everybody adds."""
