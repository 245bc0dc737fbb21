"""Where Services lead: their addresses on this machine, and who answers there."""
