"""What becomes of a plugin that fails."""


class PluginFailed(Exception):
    """A plugin raised, or answered that it met an error; ``str()`` is what the pod's event says."""

    def __init__(self, point: str, plugin: str, cause: object) -> None:
        super().__init__(f'running {point} plugin "{plugin}": {cause}')
        self.plugin = plugin
