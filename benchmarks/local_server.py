"""A service on loopback for what asks one: a Knowledge Box at every address, each answer after a given delay.
It is a process of its own, so that its work is not the measured program's."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator

BODY = json.dumps(
    {"uuid": "0", "slug": "box", "config": {"title": "Box"}, "user": {"account_id": "a"}}
).encode()
HEAD = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n".encode()


@contextlib.contextmanager
def serving(delay: float) -> Iterator[str]:
    """Run the service, whose answers take `delay` seconds, and give its origin."""
    words = [sys.executable, "-I", __file__, str(delay)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


async def _serve(delay: float) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await asyncio.sleep(delay)
                writer.write(HEAD + BODY)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
