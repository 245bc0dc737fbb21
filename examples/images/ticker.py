"""An image in Python: ``python -m kubelet --images examples/images/ticker.py``."""

from kubelet.images.api import HTTPRequest, HTTPResponse, Process, image, program, serve_http


@program("/usr/bin/tick")
async def tick(process: Process) -> int:
    """Count one more, so that ``kubectl exec POD -- tick`` changes what the image answers."""
    count = int(process.fs.read("/var/ticks")) + 1
    process.fs.write("/var/ticks", str(count).encode())
    await process.print(f"tick {count}")
    return 0


@image("example.com/ticker", programs=[tick], files={"/var/ticks": "0"}, annotations={"kubemu.io/memory": "16Mi"})
async def ticker(process: Process) -> int:
    """Answer with the count on port 8080."""
    await process.print(f"ticker {process.env.get('NAME', 'without a name')} is up")

    def answer(request: HTTPRequest) -> HTTPResponse:
        return HTTPResponse(200, process.fs.read("/var/ticks") + b"\n")

    return await serve_http(process, 8080, answer)
