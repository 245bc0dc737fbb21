"""What is served, as clients ask for it before anything else: ``legacy`` page by page, ``aggregated`` all at once."""
