"""Images without code: what a ``FakeImage`` says, in a file or in the API, and the container that comes of it."""
