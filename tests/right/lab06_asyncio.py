"""A right HTTP server in another language and another style: one thread, an event loop.

It lists as a text, takes uploads in chunks, answers a deletion with 204, gives no reasons, and closes
behind every refusal. `--style pieces` writes large bodies in many small writes. With `--model processes`
so many copies of the loop share the listener.
"""

import argparse
import asyncio
import contextlib
import email.utils
import mimetypes
import os
import pathlib
import re
import signal
import socket
import sys
import tempfile
import urllib.parse

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--root", default="upload")
parser.add_argument("--model", default="events")
parser.add_argument("--workers", type=int, default=4)
parser.add_argument("--idle-limit", type=float, default=120)
parser.add_argument("--style", default="plain")
given, _ = parser.parse_known_args()
root = pathlib.Path(given.root).resolve()
# What is coming stands beside the root, where nobody looks.
coming = pathlib.Path(tempfile.mkdtemp(prefix=".coming-", dir=root.parent))
TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
LINE = re.compile(rb"(%s) (\S+) HTTP/1\.([01])\r\n" % TOKEN)
FIELD = re.compile(rb"(%s):[ \t]*([^\0\r\n]*?)[ \t]*\r\n" % TOKEN)


class Refusal(Exception):
    pass


def place(target):
    """What a target means below the root."""
    path = re.sub(rb"^http://[^/]*", b"", target).split(b"?")[0]
    if not re.fullmatch(rb"/(?:[^%]|%[0-9a-fA-F]{2})*", path):
        raise Refusal(400)
    found = root
    for part in path[1:].split(b"/"):
        name = os.fsdecode(urllib.parse.unquote_to_bytes(part))
        if "/" in name or "\0" in name or name in (".", ".."):
            raise Refusal(404)
        found = found / name
        if found.is_symlink():
            raise Refusal(404)
    return found


class Request:
    def __init__(self, head):
        line = LINE.match(head)
        if not line:
            raise Refusal(400)
        self.method, self.target, self.minor = line.groups()
        self.fields = {}
        at = line.end()
        while head[at:] != b"\r\n":
            field = FIELD.match(head, at)
            if not field:
                raise Refusal(400)
            name, at = field[1].lower(), field.end()
            if name in self.fields and name in (b"host", b"content-length", b"transfer-encoding"):
                raise Refusal(400)
            self.fields[name] = field[2]
        length, coding = self.fields.get(b"content-length"), self.fields.get(b"transfer-encoding")
        self.chunked = coding is not None
        self.length = int(length) if length and re.fullmatch(rb"[0-9]{1,15}", length) else 0
        wrong = self.chunked and (coding.lower() != b"chunked" or length is not None)
        if wrong or length not in (None, b"%d" % self.length) or self.minor == b"1" and b"host" not in self.fields:
            raise Refusal(400)
        wishes = self.fields.get(b"connection", b"").lower().replace(b" ", b"").split(b",")
        self.keeps = self.minor == b"1" and b"close" not in wishes

    async def body(self, reader):
        if not self.chunked:
            left = self.length
            while left:
                piece = await reader.read(min(left, 50_000))
                if not piece:
                    raise EOFError
                left -= len(piece)
                yield piece
            return
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            yield (await reader.readexactly(size + 2))[:-2]
        while await reader.readuntil(b"\r\n") != b"\r\n":
            pass


def names():
    return "".join(f"{name}\n" for name in sorted(os.listdir(root))).encode()


async def answer(request, reader, writer):
    if request.method == b"POST":
        return await store(request, reader, writer)
    async for _ in request.body(reader):
        pass
    if request.method not in (b"GET", b"HEAD", b"DELETE"):
        raise Refusal(501)
    is_list = request.target in (b"/upload", b"/")
    file = root if is_list else place(request.target)
    if request.method == b"DELETE":
        if file.is_dir():
            raise Refusal(405)
        if not file.is_file():
            raise Refusal(404)
        file.unlink()
        return await respond(request, writer, 204, None)
    if file.is_dir() and (file / "index.html").is_file() and request.target != b"/upload":
        file = file / "index.html"
    elif is_list:
        # A thread has the time that the loop has not.
        text = await asyncio.to_thread(names)
        return await respond(request, writer, 200, text)
    if not file.is_file():
        raise Refusal(404)
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    await respond(request, writer, 200, file.open("rb"), kind)


async def store(request, reader, writer):
    target = request.target
    if target == b"/upload":
        target = b"/" + request.fields.get(b"filename", b"upload_x").split(b"/")[-1]
    file = place(target)
    if file.is_dir() or not file.parent.is_dir():
        raise Refusal(409)
    handle, name = tempfile.mkstemp(dir=coming)
    try:
        with open(handle, "wb") as part:
            async for piece in request.body(reader):
                part.write(piece)
        os.replace(name, file)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
    await respond(request, writer, 200, b"stored\n")


async def respond(request, writer, status, body, kind="text/plain; charset=utf-8"):
    size = os.fstat(body.fileno()).st_size if hasattr(body, "read") else len(body or b"")
    fields = [f"CONTENT-TYPE:\t{kind}", f"date:{email.utils.formatdate(usegmt=True)}"]
    if body is not None:
        fields.insert(0, f"Content-Length:   {size}   ")
    if not request.keeps:
        fields.append("connection: close")
    head = "\r\n".join([f"HTTP/1.1 {status} ", *fields, "", ""]).encode()
    if request.method == b"HEAD" or body is None:
        body = b""
    whole = body if isinstance(body, bytes) else None
    step = 700 if given.style == "pieces" and size > 4096 else 1 << 16
    if whole is not None and len(whole) <= 4096:
        writer.write(head + whole)
        return await writer.drain()
    writer.write(head)
    with contextlib.nullcontext(body) if whole is None else contextlib.nullcontext():
        at = 0
        while piece := body.read(step) if whole is None else whole[at : at + step]:
            at += len(piece)
            writer.write(piece)
            await writer.drain()
    if whole is None:
        body.close()


async def converse(reader, writer):
    request = None
    while request is None or request.keeps:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), given.idle_limit)
            request = Request(head)
            await answer(request, reader, writer)
        except Refusal as refusal:
            last = request or Request(b"GET / HTTP/1.0\r\n\r\n")
            last.keeps = False
            return await respond(last, writer, refusal.args[0], b"no\n")


clients = {}


async def serve(reader, writer):
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    clients[writer] = asyncio.current_task()
    with contextlib.suppress(OSError, EOFError, ValueError, asyncio.TimeoutError, asyncio.LimitOverrunError):
        await converse(reader, writer)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 2)
    del clients[writer]
    writer.close()


async def loop(listener, line):
    goodbye = asyncio.Event()
    running = asyncio.get_running_loop()
    running.add_signal_handler(signal.SIGINT, goodbye.set)
    if line is not None:
        # The parent is gone when its end of the line is.
        running.add_reader(line, lambda: os._exit(1))
    server = await asyncio.start_server(serve, sock=listener, backlog=1024)
    await goodbye.wait()
    server.close()
    # Those who have asked get their answers, and then everybody the end.
    await asyncio.sleep(0.3)
    for writer in list(clients):
        writer.close()
    await asyncio.sleep(0.05)
    os._exit(0)


def supervise(listener):
    line, held = os.pipe()
    children, leaving = set(), []
    signal.signal(signal.SIGINT, lambda *_: leaving.append(True))
    while not leaving or children:
        while len(children) < given.workers and not leaving:
            child = os.fork()
            if child == 0:
                os.close(held)
                asyncio.run(loop(listener, line))
            children.add(child)
        with contextlib.suppress(InterruptedError):
            children.discard(os.wait()[0])


def main():
    root.mkdir(parents=True, exist_ok=True)
    try:
        listener = socket.create_server(("127.0.0.1", given.port), backlog=1024)
    except OSError as trouble:
        sys.exit(f"cannot listen: {trouble}")
    supervise(listener) if given.model == "processes" else asyncio.run(loop(listener, None))


main()
