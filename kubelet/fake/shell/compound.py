"""How commands that are made of commands run: lists, pipelines, conditions, loops, subshells."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from kubelet.fake.shell.double_bracket import double_bracket
from kubelet.fake.shell.faults import Break, Continue, ShellFault
from kubelet.fake.shell.syntax import (
    AndOr,
    ArithmeticCommand,
    Background,
    Case,
    DoubleBracket,
    For,
    Function,
    If,
    Pipeline,
    Redirected,
    Sequence,
    Subshell,
    While,
)
from kubelet.fake.streams import NullInput, Pipe

if TYPE_CHECKING:
    from kubelet.fake.process import Process
    from kubelet.fake.shell.interpreter import Shell

Runner = Callable[["Shell", Any], Awaitable[int]]

_KEPT_JOBS = 256


def compound_runners() -> Mapping[type, Runner]:
    """Return what runs each kind of compound command; each returns the command's status."""
    return {
        Pipeline: run_pipeline,
        AndOr: run_and_or,
        Background: run_background,
        Sequence: run_sequence,
        If: run_if,
        For: run_for,
        While: run_while,
        Case: run_case,
        Subshell: run_subshell,
        Function: define_function,
        Redirected: run_redirected,
        DoubleBracket: run_double_bracket,
        ArithmeticCommand: run_arithmetic,
    }


async def run_sequence(shell: "Shell", sequence: Sequence) -> int:
    if not sequence.commands:
        return 0
    for command in sequence.commands:
        await shell.run(command)
    return shell.status


async def run_pipeline(shell: "Shell", pipeline: Pipeline) -> int:
    if len(pipeline.commands) == 1:
        status = await shell.run(pipeline.commands[0]) if not pipeline.negated else None
        if status is None:
            return int(await shell.condition(pipeline.commands[0]))
        return status
    stages: list[Process] = []
    source, pipe = shell.descriptors.stdin, None
    try:
        for index, command in enumerate(pipeline.commands):
            table = shell.descriptors.with_input(0, source)
            if index < len(pipeline.commands) - 1:
                source = pipe = Pipe()
                table = table.with_output(1, pipe)
            stages.append(shell.start_subshell(command, table))
    except ShellFault:
        if pipe is not None:
            # Nobody will read what the stages that did start write.
            pipe.close_read()
        raise
    statuses = [await stage.wait() for stage in stages]
    status = statuses[-1]
    if "pipefail" in shell.options:
        status = next((failed for failed in reversed(statuses) if failed), 0)
    return int(not status) if pipeline.negated else status


async def run_and_or(shell: "Shell", command: AndOr) -> int:
    succeeded = await shell.condition(command.left)
    if succeeded == (command.operator == "&&"):
        return await shell.run(command.right)
    return shell.status


async def run_background(shell: "Shell", command: Background) -> int:
    job = shell.start_subshell(command.command, shell.descriptors.with_input(0, NullInput()))
    if len(shell.jobs) >= _KEPT_JOBS:
        shell.jobs = {pid: other for pid, other in shell.jobs.items() if other.exit_code is None}
    shell.jobs[job.pid] = job
    shell.job_numbers = {number: pid for number, pid in shell.job_numbers.items() if pid in shell.jobs}
    shell.job_numbers[max(shell.job_numbers, default=0) + 1] = job.pid
    shell.last_background = str(job.pid)
    return 0


async def run_if(shell: "Shell", command: If) -> int:
    for condition, body in command.branches:
        if await shell.condition(condition):
            return await run_sequence(shell, body)
    return await run_sequence(shell, command.otherwise) if command.otherwise is not None else 0


async def run_for(shell: "Shell", command: For) -> int:
    words = shell.arguments if command.words is None else await shell.expander.fields(command.words)
    status = 0
    shell.loops += 1
    try:
        for word in list(words):
            shell.variables.set(command.name, word)
            status, ended = await _pass(shell, command.body)
            if ended:
                break
    finally:
        shell.loops -= 1
    return status


async def run_while(shell: "Shell", command: While) -> int:
    status = 0
    shell.loops += 1
    try:
        while await _goes_on(shell, command):
            status, ended = await _pass(shell, command.body)
            if ended:
                break
    finally:
        shell.loops -= 1
    return status


async def _goes_on(shell: "Shell", command: While) -> bool:
    try:
        return await shell.condition(command.condition) != command.until
    except Break as jump:
        if jump.levels > 1:
            raise Break(jump.levels - 1) from None
        return False


async def _pass(shell: "Shell", body: Sequence) -> tuple[int, bool]:
    """Go through a loop's body once; return its status, and whether the loop ends with it."""
    try:
        return await run_sequence(shell, body), False
    except Break as jump:
        if jump.levels > 1:
            raise Break(jump.levels - 1) from None
        return 0, True
    except Continue as jump:
        if jump.levels > 1:
            raise Continue(jump.levels - 1) from None
        return 0, False


async def run_case(shell: "Shell", command: Case) -> int:
    subject = await shell.expander.text(command.word)
    for choices, body in command.items:
        for choice in choices:
            if await shell.expander.matches(choice, subject):
                return await run_sequence(shell, body)
    return 0


async def run_subshell(shell: "Shell", command: Subshell) -> int:
    twin = shell.fork()
    try:
        return await twin.finish(run_sequence(twin, command.body))
    finally:
        shell.install_traps()


async def define_function(shell: "Shell", command: Function) -> int:
    shell.functions[command.name] = command.body
    return 0


async def run_redirected(shell: "Shell", command: Redirected) -> int:
    before = shell.descriptors
    shell.descriptors = await shell.redirect(command.redirects)
    try:
        return await shell.run(command.command)
    finally:
        shell.descriptors = before


async def run_double_bracket(shell: "Shell", command: DoubleBracket) -> int:
    return int(not await double_bracket(shell, command.words))


async def run_arithmetic(shell: "Shell", command: ArithmeticCommand) -> int:
    return int(shell.expander.evaluate(await shell.expander.text(command.expression)) == 0)
