"""``tar``: against the machine's own, on real archives; and what it refuses."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.kubelet.fake.world import World, open_world

real_tar = pytest.mark.skipif(shutil.which("tar") is None, reason="there is no tar to compare with")

TREE = (
    "mkdir -p a/b a/empty; echo one > a/one; printf two > a/b/two; ln -s ../one a/b/link; chmod 640 a/one; "
    f"chmod 1777 a/b; mkdir -p a/{'n' * 80}; echo deep > a/{'n' * 80}/{'m' * 90}"
)
SHOWN = "cd out/a && find . | sort && cat one b/two b/link */mmm* && stat -c '%a %F' one b b/two && readlink b/link"


async def packed(world: World, options: str) -> bytes:
    out, errors, code = await world.sh(f"{TREE}; tar {options} x.tar a")
    assert (out, errors, code) == ("", "", 0)
    return world.fs.read("/home/me/x.tar")


def real(script: str, folder: Path) -> str:
    done = subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True, timeout=20, check=True)
    return done.stdout


@real_tar
@pytest.mark.parametrize("letter", ["", "z", "j", "J"])
async def test_the_real_one_reads_what_is_written(letter: str, tmp_path: Path) -> None:
    if letter and shutil.which({"z": "gzip", "j": "bzip2", "J": "xz"}[letter]) is None:
        pytest.skip("tar has nothing to decompress that with")
    async with open_world() as world:
        (tmp_path / "x.tar").write_bytes(await packed(world, f"c{letter}f"))
        # With all modes, as root has them unasked.
        unpacked = real(f"mkdir out; tar xp{letter}f x.tar -C out; {SHOWN}", tmp_path)
        expected, _, _ = await world.sh(f"mkdir out; mv a out; {SHOWN}")
    assert unpacked == expected


@real_tar
@pytest.mark.parametrize("form", ["gnu", "pax", "ustar"])
async def test_what_the_real_one_writes_is_read(form: str, tmp_path: Path) -> None:
    real(f"umask 022; {TREE}; tar --format={form} -cf x.tar a; mkdir out; mv a out", tmp_path)
    async with open_world() as world:
        world.fs.write("/home/me/x.tar", (tmp_path / "x.tar").read_bytes())
        unpacked, errors, _ = await world.sh(f"mkdir out; tar -xf x.tar -C out; {SHOWN}")
    assert errors == ""
    assert unpacked == real(SHOWN, tmp_path)


@pytest.mark.parametrize(
    ("script", "output", "errors", "code"),
    [
        pytest.param("tar cf - a | tar tf -", "a/\na/one\n", "", 0, id="list"),
        pytest.param("tar c a | tar tv", "drwxr-xr-x root/root         0 2026-01-01 00:00:00 a/\n"
                     "-rw-r--r-- root/root         4 2026-01-01 00:00:00 a/one\n", "", 0, id="list-long"),
        pytest.param("tar czf x a; tar xOf x a/one", "one\n", "", 0, id="finds-out-compression"),
        pytest.param("tar cf x a; tar tf x a/two", "", "tar: a/two: not found in archive\n", 1, id="not-there"),
        pytest.param("tar cf - /home/me/a | tar t", "home/me/a/\nhome/me/a/one\n",
                     "tar: removing leading '/' from member names\n", 0, id="absolute"),
        pytest.param("tar --exclude=on* -cf - a | tar t", "a/\n", "", 0, id="exclude"),
        pytest.param("tar cf - a | tar -x --strip-components=1 -vf -; cat one", "a/one\none\n", "", 0, id="strip"),
        pytest.param("tar cf - nothing a | tar t", "a/\na/one\n", "tar: nothing: No such file or directory\n", 0,
                     id="missing"),
        pytest.param("tar x -C nowhere < a/one", "", "tar: can't change directory to '/home/me/nowhere': "
                     "No such file or directory\n", 1, id="nowhere"),
        pytest.param("tar xf nothing", "", "tar: can't open 'nothing': No such file or directory\n", 1, id="no-file"),
        pytest.param("tar xf a/one", "", "tar: short read\n", 1, id="no-archive"),
        pytest.param("seq 1000 | tar t", "", "tar: invalid tar magic\n", 1, id="no-head"),
        pytest.param("tar czf - a | head -c 50 | tar tz", "", "tar: unexpected end of file\n", 1, id="cut-off"),
        pytest.param("tar f x", "", "tar: must specify one of -c, -t, -x\n", 1, id="no-action"),
        pytest.param("tar c", "", "tar: empty archive\n", 1, id="nothing"),
    ],
)  # fmt: skip
async def test_words(script: str, output: str, errors: str, code: int) -> None:
    async with open_world() as world:
        assert await world.sh(f"mkdir a; echo one > a/one; {script}") == (output, errors, code)


async def test_nothing_is_written_outside() -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in ("../escaped", "/absolute"):
            member = tarfile.TarInfo(name)
            member.size = 3
            tar.addfile(member, io.BytesIO(b"bad"))
    async with open_world() as world:
        out, errors, code = await world.run("tar", "x", stdin=archive.getvalue())
        assert (out, code) == ("", 1)
        assert "name with '..' skipped: '../escaped'" in errors
        assert not world.fs.exists("/home/escaped")
        assert world.fs.listdir("/home/me") == ["absolute"]


async def test_owners_and_times() -> None:
    """As root an archive's own; for others those of who unpacks."""
    async with open_world() as world:
        await world.sh("touch f; chown nobody:www-data f; chmod 4755 f; tar cf x f; chmod 777 . /tmp")
        await world.sh("mkdir r n; tar xf x -C r; tar xof x -C n; chmod 777 n; chmod 644 x")
        await world.run("sh", "-c", "umask 027; mkdir /tmp/u; tar xf x -C /tmp/u", uid=1000)
        shown, _, _ = await world.sh("stat -c '%u %g %a' r/f n/f /tmp/u/f")
        assert shown == "65534 33 4755\n0 0 4755\n1000 1000 750\n"
