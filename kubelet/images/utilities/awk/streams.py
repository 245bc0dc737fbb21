"""What an awk program reads from and writes to: records, files, commands."""

from collections.abc import Callable

from kubelet.fake.files import open_input
from kubelet.fake.process import Process
from kubelet.fake.program import CommandNotFound, NotExecutable
from kubelet.fake.regex.expression import Found
from kubelet.fake.shell.formatting import decode, encode
from kubelet.fake.streams import Input, Output, Pipe
from kubelet.images.utilities.awk.values import LONGEST, literal, regex
from kubelet.images.utilities.command import CHUNK, CommandFault, create

_MOST_OPEN = 256


class Records:
    """Reads records from an input; what separates them may change from one to the next."""

    def __init__(self, process: Process, source: Input) -> None:
        self._process = process
        self._source = source
        self._held = ""
        self._ended = False

    async def read(self, separator: str) -> str | None:
        """Return the next record, ``None`` at the end; an empty separator is one or more empty lines."""
        if separator == "\n" and not self._held:
            line = await self._source.readline()
            return decode(line.removesuffix(b"\n")) if line else None
        if separator == "":
            await self._until(lambda: self._held.lstrip("\n") != "")
            self._held = self._held.lstrip("\n")
        expression = regex(separator or "\n\n+") if len(separator) != 1 else literal(separator)
        found: Found | None = None

        def complete() -> bool:
            nonlocal found
            found = expression.search(self._held)
            # One that reaches to the end of what is there may go on.
            return found is not None and (len(separator) == 1 or found.end() < len(self._held))

        await self._until(complete)
        if not self._held:
            return None
        if found is None or found.end() == found.start():
            record, self._held = self._held, ""
            return record.removesuffix("\n") if separator in {"", "\n"} or len(separator) > 1 else record
        record, self._held = self._held[: found.start()], self._held[found.end() :]
        return record

    async def _until(self, enough: Callable[[], bool]) -> None:
        while not enough() and not self._ended:
            chunk = await self._source.read(CHUNK)
            self._ended = not chunk
            self._held += decode(chunk)
            await self._process.sleep(0)
            if len(self._held) > LONGEST:
                raise CommandFault("out of memory", 2)


class Streams:
    """Files and commands that a program has open, by their names."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._outputs: dict[str, Output] = {}
        self._inputs: dict[str, Records] = {}
        self._writers: dict[str, tuple[Pipe, Process]] = {}
        self._readers: dict[str, Process] = {}
        self._buffer: list[bytes] = []
        self._buffered = 0

    async def write(self, text: str, redirect: str = "", name: str = "") -> None:
        data = encode(text)
        if not redirect:
            # Many small writes are one; whatever else looks at the output flushes it first.
            self._buffer.append(data)
            self._buffered += len(data)
            if self._buffered >= CHUNK:
                await self.flush()
            return
        output = self._outputs.get(name)
        if output is None:
            self._check()
            await self.flush()
            output = self._outputs[name] = self._open(redirect, name)
        await output.write(data)

    async def flush(self) -> None:
        if self._buffer:
            data, self._buffer, self._buffered = b"".join(self._buffer), [], 0
            await self._process.stdout.write(data)

    def _check(self) -> None:
        if len(self._outputs) + len(self._inputs) >= _MOST_OPEN:
            raise CommandFault("too many open files", 2)

    def _open(self, redirect: str, name: str) -> Output:
        if redirect == "|":
            pipe = Pipe()
            pipe.opened(reading=False)
            self._writers[name] = (pipe, self._shell(name, stdin=pipe))
            return pipe
        if name == "-" or name == "/dev/stdout":
            return self._process.stdout
        if name == "/dev/stderr":
            return self._process.stderr
        try:
            return create(self._process, name, append=redirect == ">>")
        except OSError as error:
            raise CommandFault(f"can't redirect to '{name}': {error.strerror}", 2) from error

    def _shell(self, command: str, *, stdin: Input | None = None, stdout: Output | None = None) -> Process:
        try:
            return self._process.spawn(["sh", "-c", command], stdin=stdin, stdout=stdout)
        except (CommandNotFound, NotExecutable):
            raise CommandFault("sh: not found", 2) from None

    async def reader(self, kind: str, name: str) -> Records | None:
        """Return the records of a file (``<``) or of what a command writes; ``None`` for what cannot be opened."""
        if name in self._inputs:
            return self._inputs[name]
        self._check()
        source: Input
        if kind == "|":
            await self.flush()
            pipe = Pipe()
            pipe.opened(reading=True)
            self._readers[name] = self._shell(name, stdout=pipe)
            source = pipe
        elif name == "-":
            source = self._process.stdin
        else:
            try:
                source = open_input(self._process.fs, self._process.path(name))
            except OSError:
                return None
        self._inputs[name] = Records(self._process, source)
        return self._inputs[name]

    async def system(self, command: str) -> int:
        await self.flush()
        return await self._shell(command).wait()

    async def close(self, name: str) -> int:
        """Close what goes by a name; return a command's exit code, 0 for a file, -1 for what is not open."""
        known = name in self._outputs or name in self._inputs
        self._outputs.pop(name, None)
        self._inputs.pop(name, None)
        code = 0 if known else -1
        if (writer := self._writers.pop(name, None)) is not None:
            await self.flush()
            writer[0].closed(reading=False)
            code = await writer[1].wait()
        if (reader := self._readers.pop(name, None)) is not None:
            if isinstance(reader.stdout, Pipe):
                reader.stdout.closed(reading=True)
            code = await reader.wait()
        return code

    async def close_all(self) -> None:
        await self.flush()
        for name in [*self._outputs, *self._inputs]:
            await self.close(name)
