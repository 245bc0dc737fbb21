"""What users who are not root may do with files."""

import pytest

from kubelet.fake.access import permits
from tests.kubelet.fake.world import open_world

SETUP = """
mkdir shared private open sticky; chmod 755 shared; chmod 700 private; chmod 777 open; chmod 1777 sticky
echo public > shared/file; echo secret > shared/secret; chmod 600 shared/secret; echo inside > private/file
echo group > shared/group; chown root:2000 shared/group; chmod 660 shared/group
echo theirs > sticky/theirs; echo mine > sticky/mine; chown 1000 sticky/mine; ln -s ../private/file open/link
mkdir open/full; echo x > open/full/x
"""


@pytest.mark.parametrize(
    ("mode", "bits", "expected"),
    [
        pytest.param(0o400, 4, (True, False, False), id="owner"),
        pytest.param(0o040, 4, (False, True, False), id="group-alone"),
        pytest.param(0o004, 4, (False, False, True), id="others-alone"),
        pytest.param(0o752, 2, (True, False, True), id="write"),
        pytest.param(0o711, 5, (True, False, False), id="both"),
    ],
)
def test_permits(mode: int, bits: int, expected: tuple[bool, bool, bool]) -> None:
    owners = ((1, 9), (9, 2), (9, 9))
    assert tuple(permits(mode, uid, gid, user=1, groups=(2, 3), bits=bits) for uid, gid in owners) == expected


@pytest.mark.parametrize(
    ("script", "output", "errors"),
    [
        pytest.param("cat shared/file; ls shared", "public\nfile\ngroup\nsecret\n", "", id="public"),
        pytest.param("cat shared/secret", "", "cat: can't open 'shared/secret': Permission denied\n", id="secret"),
        pytest.param("read x < shared/secret", "", "sh: can't open shared/secret: Permission denied\n", id="redirect"),
        pytest.param("ls private", "", "ls: can't open 'private': Permission denied\n", id="list"),
        pytest.param("cat private/file", "", "cat: can't open 'private/file': Permission denied\n", id="below"),
        pytest.param("cat open/link", "", "cat: can't open 'open/link': Permission denied\n", id="through-link"),
        pytest.param("cd private", "", "sh: cd: can't cd to private: Permission denied\n", id="cd"),
        pytest.param("cat shared/group; echo more >> shared/group; tail -n 1 shared/group", "group\nmore\n", "",
                     id="supplementary-group"),
        pytest.param("echo x > shared/new", "", "sh: can't create shared/new: Permission denied\n", id="create"),
        pytest.param("echo x >> shared/file", "", "sh: can't create shared/file: Permission denied\n", id="append"),
        pytest.param("touch shared/new", "", "touch: shared/new: Permission denied\n", id="touch"),
        pytest.param("mkdir shared/new", "", "mkdir: can't create directory 'shared/new': Permission denied\n",
                     id="mkdir"),
        pytest.param("rm -f shared/file", "", "rm: can't remove 'shared/file': Permission denied\n", id="rm"),
        pytest.param("rm -rf open/full; ls open", "full\nlink\n", "rm: can't remove 'open/full': Permission denied\n",
                     id="rm-tree"),
        pytest.param("mv shared/file open", "", None, id="mv"),
        pytest.param("chmod 777 shared/file", "", "chmod: shared/file: Operation not permitted\n", id="chmod"),
        pytest.param("chown 1000 shared/file", "", "chown: shared/file: Operation not permitted\n", id="chown"),
        pytest.param("echo x > open/new; chmod 600 open/new; chown :2000 open/new; stat -c '%u %g %a' open/new",
                     "1000 2000 600\n", "", id="own"),
        pytest.param("rm sticky/theirs; rm sticky/mine; ls sticky", "theirs\n",
                     "rm: can't remove 'sticky/theirs': Operation not permitted\n", id="sticky"),
        pytest.param("test -r shared/secret; echo $?; test -w shared/group; echo $?; [ -x private ]; echo $?",
                     "1\n0\n1\n", "",
                     id="test"),
        pytest.param("echo x > /dev/null; echo y > /dev/termination-log; cat /dev/termination-log;"
                     "echo z > /dev/stdout",
                     "y\nz\n", "", id="devices"),
        pytest.param("echo x > /file", "", "sh: can't create /file: Permission denied\n", id="root-folder"),
        pytest.param("cd /tmp && echo x > f && mkdir d && mv f d && rm -r d && echo fine", "fine\n", "", id="tmp"),
    ],
)  # fmt: skip
async def test_a_user(script: str, output: str, errors: str | None) -> None:
    async with open_world() as world:
        await world.sh(SETUP)
        started = world.start(["sh", "-c", script], uid=1000, gid=1000, groups=(1000, 2000))
        out, said, _ = await started.done()
        assert out == output
        assert said == errors or (errors is None and "Permission denied" in said)


async def test_what_a_user_writes_everybody_sees() -> None:
    """The first write of all comes from a user: the root is copied for all of the container's processes."""
    async with open_world() as world:
        await world.start(["sh", "-c", "echo theirs > /tmp/file"], uid=1000).done()
        assert await world.sh("cat /tmp/file; echo root > /tmp/other") == ("theirs\n", "", 0)
        assert await world.start(["cat", "/tmp/other"], uid=1000).done() == ("root\n", "", 0)
