"""A load of HTTP requests that costs the sender little: ready-made bytes over connections that are kept."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """When a request was sent and answered (seconds since 1970), and the status."""

    sent_at: float
    answered_at: float
    status: int


class Connection:
    """One kept connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, request: bytes) -> Answer:
        """Send a request and read its answer."""
        sent_at = time.time()
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        answered_at = time.time()
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        if length:
            await self._reader.readexactly(length)
        return Answer(sent_at, answered_at, int(head[9:12]))


def request(host: str, port: int, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """Return the bytes of a POST."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}:{port}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def send_all(host: str, port: int, requests: Sequence[bytes], *, connections: int) -> list[Answer]:
    """Send requests as fast as they are answered, over a number of connections at once."""
    waiting = iter(enumerate(requests))
    answers: list[Answer | None] = [None] * len(requests)

    async def work() -> None:
        connection = Connection(*await asyncio.open_connection(host, port))
        for number, one in waiting:
            answers[number] = await connection.ask(one)

    await asyncio.gather(*(work() for _ in range(connections)))
    return [one for one in answers if one is not None]


async def send_steadily(host: str, port: int, requests: Sequence[bytes], *, per_second: float) -> list[Answer]:
    """Send requests at a steady rate, whether the earlier ones are answered or not."""
    idle: list[Connection] = []
    began = time.monotonic()

    async def one(number: int, given: bytes) -> Answer:
        await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
        while idle:
            connection = idle.pop()
            try:
                answer = await connection.ask(given)
            except (asyncio.IncompleteReadError, ConnectionError):
                continue  # the server ended it for being idle
            idle.append(connection)
            return answer
        connection = Connection(*await asyncio.open_connection(host, port))
        answer = await connection.ask(given)
        idle.append(connection)
        return answer

    return list(await asyncio.gather(*(one(number, given) for number, given in enumerate(requests))))
