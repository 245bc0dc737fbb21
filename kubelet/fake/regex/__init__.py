"""Regular expressions that users write: POSIX's, matched in bounded time."""
