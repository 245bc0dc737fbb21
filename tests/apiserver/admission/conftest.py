from collections.abc import AsyncIterator

import pytest

from tests.apiserver.admission.server import Server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server with the default plugins and the namespaces that every cluster has."""
    async with Server() as started:
        yield started
