"""What programs find in their container."""

from collections.abc import Sequence

from kubelet.runtime import Device, Mount, RuntimeFault
from kubelet.testing.bench import Bench, Check, refused


def content_checks() -> Sequence[Check]:
    """Return the checks of this module."""
    return [
        arguments_and_environment_arrive,
        termination_messages_are_kept,
        every_container_begins_with_its_image,
        roots_can_be_read_only,
        host_files_can_be_removed,
        devices_of_the_node_are_given,
    ]


async def arguments_and_environment_arrive(bench: Bench) -> None:
    pod = await bench.sandbox("web-0")
    script = 'echo "$0|$1|$NAME|$HOSTNAME"; hostname; id -u; pwd'
    main = await bench.run(
        pod,
        command=("sh", "-c", script),
        args=("zero", "a b"),
        env={"NAME": "some value"},
        working_dir="/made/here",
        run_as_user=1000,
    )
    await bench.exited(main)
    assert bench.log(main) == b"zero|a b|some value|web-0\nweb-0\n1000\n/made/here\n"


async def termination_messages_are_kept(bench: Bench) -> None:
    pod = await bench.sandbox()
    main = await bench.run(pod, "echo -n DONE > /dev/termination-log; exit 1")
    assert (await bench.exited(main)).message == "DONE"
    named = await bench.run(pod, "echo -n OK > /tmp/why", termination_message_path="/tmp/why")
    assert (await bench.exited(named)).message == "OK"
    silent = await bench.run(pod, "echo DONE")
    assert (await bench.exited(silent)).message == ""
    chatty = await bench.run(pod, "seq -w 1 9999 > /dev/termination-log")
    message = (await bench.exited(chatty)).message
    assert len(message) == 4096
    assert message.endswith("9999\n")


async def every_container_begins_with_its_image(bench: Bench) -> None:
    pod = await bench.sandbox()
    first = await bench.run(pod, "echo mine > /etc/passwd; touch /tmp/left; ls /tmp")
    await bench.exited(first)
    second = await bench.run(pod, "head -n 1 /etc/passwd; ls /tmp")
    await bench.exited(second)
    assert bench.log(first) == b"left\n"
    assert bench.log(second).startswith(b"root:")
    assert b"left" not in bench.log(second)


async def roots_can_be_read_only(bench: Bench) -> None:
    runtime = bench.runtime
    runtime.make_directory("/volumes/scratch")
    pod = await bench.sandbox()
    script = "echo test > /file; echo kept > /scratch/file; cat /scratch/file"
    mounts = (Mount("/scratch", "/volumes/scratch"),)
    main = await bench.run(pod, command=("/bin/sh", "-c", script), mounts=mounts, read_only_root=True)
    await bench.exited(main)
    assert bench.log(main) == b"/bin/sh: can't create /file: Read-only file system\nkept\n"


async def host_files_can_be_removed(bench: Bench) -> None:
    runtime = bench.runtime
    runtime.write_file("/volumes/gone/deep/file", b"content")
    runtime.remove_tree("/volumes/gone/deep")
    runtime.remove_tree("/volumes/never-there")
    runtime.make_directory("/volumes/gone")
    pod = await bench.sandbox()
    main = await bench.run(pod, "ls -a /data", mounts=(Mount("/data", "/volumes/gone"),))
    await bench.exited(main)
    assert bench.log(main) == b".\n..\n"


async def devices_of_the_node_are_given(bench: Bench) -> None:
    runtime = bench.runtime
    runtime.host.make_block_device("/dev/sdb", 1024 * 1024)
    pod = await bench.sandbox()
    script = "test -b /dev/xvda && blockdev --getsize64 /dev/xvda; echo kept > /dev/xvda; head -n 1 /dev/xvda"
    writer = await bench.run(pod, script, devices=(Device("/dev/xvda", "/dev/sdb"),))
    await bench.exited(writer)
    assert bench.log(writer) == b"1048576\nkept\n"
    script = "head -n 1 /disk; echo lost > /disk; echo $?; head -n 1 /disk"
    reader = await bench.run(pod, script, name="reader", devices=(Device("/disk", "/dev/sdb", "r"),))
    await bench.exited(reader)
    assert bench.log(reader).startswith(b"kept\n")
    assert b"Operation not permitted" in bench.log(reader)
    assert bench.log(reader).endswith(b"kept\n")
    await refused((OSError, RuntimeFault), bench.create(pod, name="third", devices=(Device("/dev/xvda", "/etc"),)))
