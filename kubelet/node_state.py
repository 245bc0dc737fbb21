"""What a node keeps on the real disk, so that the next process of the node takes its pods up again.

One folder per node, with JSON files: ``node.json`` (the range of addresses, the images, the node's disk) and one for
each sandbox with its containers, their files and their logs. Each is written whole under another name, then renamed,
so that at no moment half a file is there.
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from apimachinery.clock import Clock

logger = logging.getLogger(__name__)

JSONObject = dict[str, Any]

NODE = "node"
SAVE_SECONDS = 1.0
"""How often what has changed is written: a killed process loses about that."""

_SHARE = 20
"""Looking for changes takes at most one part in so many of the time: nodes with much to keep look less often."""


class StateFolder:
    """The folder of one node."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: dict[str, bytes] = {}

    def read(self) -> dict[str, JSONObject]:
        """Return what is there, by the files' names without their ending; what cannot be read is left out."""
        found = {}
        for file in sorted(self._path.glob("*.json")):
            try:
                content = file.read_bytes()
                found[file.stem] = orjson.loads(content)
            except (OSError, orjson.JSONDecodeError) as error:
                logger.error("%s is of no use: %s", file, error)
                continue
            self._written[file.stem] = content
        return found

    def write(self, parts: Mapping[str, JSONObject]) -> None:
        """Bring the files in line with ``parts``; those that have not changed are left alone."""
        self._path.mkdir(parents=True, exist_ok=True)
        for name, part in parts.items():
            content = orjson.dumps(part)
            if self._written.get(name) == content:
                continue
            unfinished = self._path / f"{name}.new"
            unfinished.write_bytes(content)
            unfinished.replace(self._path / f"{name}.json")
            self._written[name] = content
        for name in self._written.keys() - parts.keys():
            (self._path / f"{name}.json").unlink(missing_ok=True)
            del self._written[name]


class StateKeeper:
    """Writes what ``state`` returns for as long as it runs, and once more at its end."""

    def __init__(self, folder: StateFolder, state: Callable[[], Mapping[str, JSONObject]], clock: Clock) -> None:
        self._folder = folder
        self._state = state
        self._clock = clock

    def step(self) -> None:
        """Write what has changed. A disk that is full is no reason to stop pods."""
        try:
            self._folder.write(self._state())
        except OSError as error:
            logger.error("the state of the node is not written: %s", error)

    async def run(self) -> None:
        """Write until cancelled."""
        try:
            while True:
                began = self._clock.monotonic()
                self.step()
                took = self._clock.monotonic() - began
                await self._clock.sleep(max(SAVE_SECONDS, took * _SHARE))
        finally:
            self.step()
