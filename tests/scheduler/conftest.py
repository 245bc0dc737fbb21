"""Fixtures of the scheduler's tests."""

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def main_thread_event_loop() -> Iterator[None]:
    """Give pytest-asyncio a loop to come back to after each test: the one it would make, it never closes."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()
