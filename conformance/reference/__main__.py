"""The server's own process: settings on standard input, answers on standard output, one a line.

It ends when its standard input does, so that it never outlives the process that started it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import uvicorn

from conformance import contract_file
from conformance.reference import registry, roster

BACKLOG = 2048


def listener(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one. Raises :class:`OSError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, the event loop sets TCP_NODELAY on what the socket accepts.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    # Whoever reads the URL may connect at once, before the event loop accepts.
    bound.listen(BACKLOG)
    return bound


def configure(settings: dict[str, Any]) -> uvicorn.Server:
    document = contract_file.load(Path(settings["openapi"]) if settings.get("openapi") else None)
    server = registry.server_class(settings.get("deviations", ()))
    app = server(document, roster.load(settings["sessions"]))
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=True,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


async def input_ends() -> None:
    loop = asyncio.get_running_loop()
    ended = loop.create_future()

    def wait() -> None:
        sys.stdin.read()
        with contextlib.suppress(RuntimeError):  # the server has ended by itself
            loop.call_soon_threadsafe(ended.set_result, None)

    threading.Thread(target=wait, daemon=True).start()
    await ended


async def serve(server: uvicorn.Server, bound: socket.socket) -> None:
    """Until the input ends. Nobody is left then to whom anything would have to be finished."""
    serving, ended = (asyncio.ensure_future(one) for one in (server.serve([bound]), input_ends()))
    await asyncio.wait((serving, ended), return_when=asyncio.FIRST_COMPLETED)
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def say(**line: Any) -> None:
    """To whoever started this, who may have been killed."""
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), f"{json.dumps(line)}\n".encode())


def main() -> int:
    settings = json.loads(sys.stdin.readline())
    host = settings.get("host", "127.0.0.1")
    bound: socket.socket | None = None
    try:
        bound = listener(host, settings.get("port", 0))
        server = configure(settings)
    except (OSError, ValueError) as problem:
        say(error=str(problem))
        return 2
    shown = f"[{host}]" if ":" in host else host
    say(url=f"http://{shown}:{bound.getsockname()[1]}")
    asyncio.run(serve(server, bound))
    say(ran=sorted(registry.ran))
    return 0


if __name__ == "__main__":
    sys.exit(main())
