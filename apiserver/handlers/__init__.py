"""One module per verb; each works for every resource, by what the registry says of it."""
