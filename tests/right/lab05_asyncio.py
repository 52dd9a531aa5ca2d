"""A right time server in another language and another style: one thread, an event loop."""

import argparse
import asyncio
import contextlib
import signal
import socket
import struct
import time

LINE_LEN_MAX = 1024

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--max-clients", type=int, default=1024)
parser.add_argument("--idle-limit", type=float, default=120)
parser.add_argument("--style", default="plain")
given = parser.parse_args()
clients = set()


async def lines(reader):
    """The lines of a client; None for one that is too long."""
    held, skipping = b"", False
    while piece := await asyncio.wait_for(reader.read(1000), given.idle_limit):
        held += piece
        while b"\r\n" in held:
            line, held = held.split(b"\r\n", 1)
            if not skipping:
                yield line if len(line) <= LINE_LEN_MAX else None
            skipping = False
        if len(held) > LINE_LEN_MAX + 1:
            if not skipping:
                yield None
            held, skipping = held[-1:], True


async def answer(line):
    if line != b"TIME":
        return b"Invalid command\r\n"
    reply = time.strftime("JAM %H:%M:%S\r\n").encode()
    if given.style == "over-the-second":
        # Tells the time only after the next second has begun.
        await asyncio.sleep(1 - time.time() % 1)
    return reply


async def converse(reader, writer):
    async for line in lines(reader):
        if line == b"QUIT":
            break
        if given.style == "thought":
            await asyncio.sleep(0.15)
        for piece in pieces(await answer(line)):
            writer.write(piece)
            await writer.drain()


def pieces(reply):
    if given.style == "bytes":
        return [bytes([byte]) for byte in reply]
    return [reply]


async def serve(reader, writer, seats):
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    clients.add(writer)
    with contextlib.suppress(OSError, asyncio.TimeoutError):
        async with seats:
            await converse(reader, writer)
    clients.discard(writer)
    if given.style == "reset":
        # Throws the connection away instead of closing it, once the replies are out.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def main():
    seats = asyncio.Semaphore(given.max_clients)
    goodbye = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, goodbye.set)
    try:
        server = await asyncio.start_server(
            lambda reader, writer: serve(reader, writer, seats), "127.0.0.1", given.port
        )
    except OSError as trouble:
        raise SystemExit(f"cannot listen: {trouble}")
    await goodbye.wait()
    server.close()
    # Those who have asked get their answers, and then everybody the end.
    await asyncio.sleep(1.2 if given.style == "over-the-second" else 0.5)
    for writer in list(clients):
        writer.close()
    await asyncio.sleep(0.05)


asyncio.run(main())
