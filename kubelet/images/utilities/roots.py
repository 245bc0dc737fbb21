"""``chroot``: a command whose root is a folder, such as the node's own root in a pod that debugs it."""

import errno
import os
from dataclasses import replace

from kubelet.fake.process import Process
from kubelet.fake.program import CommandNotFound, NotExecutable, Until
from kubelet.images.base import shell_programs
from kubelet.images.utilities.command import CommandFault, parse_options
from kubelet.images.utilities.users import group_id, user_id

_CANNOT, _NOT_EXECUTABLE, _NOT_FOUND = 125, 126, 127


async def chroot(process: Process) -> int | Until:
    """``chroot [--userspec=USER[:GROUP]] NEWROOT [COMMAND [ARG]...]``; without a command it is a shell."""
    options = parse_options(process.argv[1:], "", "u", long={"userspec": "u"}, permute=False)
    if not options.operands:
        raise CommandFault("missing operand", _CANNOT)
    folder, *words = options.operands
    try:
        if process.uid:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        files = process.fs.confined(process.path(folder))
    except OSError as error:
        raise CommandFault(f"can't change root directory to '{folder}': {error.strerror}", _CANNOT) from error
    # Programs are told by their files, which may be copies of another image's.
    programs = {**shell_programs(bash=True), **process.world.programs}
    process.world = replace(process.world, fs=files, programs=programs, confined=True)
    words = words or [process.env.get("SHELL", "/bin/sh"), "-i"]
    try:
        program = process.world.find_program(words[0], process.env.get("PATH", ""))[1]
    except CommandNotFound:
        raise CommandFault(f"can't execute '{words[0]}': No such file or directory", _NOT_FOUND) from None
    except NotExecutable:
        raise CommandFault(f"can't execute '{words[0]}': Permission denied", _NOT_EXECUTABLE) from None
    if user := options.values.get("u"):
        name, _, group = user.partition(":")
        process.uid = user_id(process, name)
        process.gid = group_id(process, group) if group else process.gid
        process.groups = (process.gid,)
    process.become(words, env=process.env, cwd="/", stdin=process.stdin, stdout=process.stdout, stderr=process.stderr)
    return await process.run(program)
