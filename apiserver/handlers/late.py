"""Handlers that few requests need: their modules are loaded when the first of those comes.

The server is to answer within a second of its start, and most of that is loading modules.
"""

import functools
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import cast

from apiserver.handlers.context import Context
from apiserver.http import Call
from apiserver.request import Target

Handler = Callable[[Context, Target, Call], Awaitable[None]]
"""Answers a request for a resource; may raise :class:`~apimachinery.errors.StatusError`."""


class Late:
    """A handler by its name, ``module.function`` below this package."""

    def __init__(self, name: str) -> None:
        self.name = name

    @functools.cached_property
    def handler(self) -> Handler:
        module, _, function = self.name.rpartition(".")
        return cast(Handler, getattr(import_module(f"apiserver.handlers.{module}"), function))

    async def __call__(self, context: Context, target: Target, call: Call) -> None:
        await self.handler(context, target, call)
