"""How a shell leaves what it is doing: flow control, and errors that end a command or the script."""


class ShellFault(Exception):
    """A command cannot go on; its text goes to standard error behind the shell's name.

    ``status`` is the command's. A ``fatal`` fault ends a script that is not read from a terminal.
    """

    def __init__(self, message: str, status: int = 2, *, fatal: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.fatal = fatal


class Flow(Exception):
    """Base of what is raised to get out of commands on purpose."""


class Exit(Flow):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status & 0xFF


class Return(Flow):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status & 0xFF


class LoopJump(Flow):
    """``break`` or ``continue`` out of this many loops."""

    def __init__(self, levels: int) -> None:
        super().__init__(levels)
        self.levels = levels


class Break(LoopJump):
    pass


class Continue(LoopJump):
    pass
