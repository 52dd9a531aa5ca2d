"""A right HTTP server in another language: a thread for each client, a file for each connection.

It knows no ranges, no conditions and no chunked uploads, sends lists in chunks, writes its fields
without a blank behind the colon, and answers an upload with 201. `--model processes` starts so many
copies of it on one listener.
"""

import argparse
import html
import os
import pathlib
import signal
import socket
import stat
import threading
import urllib.parse

REASONS = {200: "Here you are", 201: "Stored", 400: "What?", 403: "No", 404: "Nothing", 409: "Not there"}
TYPES = {".txt": "text/plain", ".html": "text/html", ".jpg": "image/jpeg"}
LINE_LEN_MAX = 8192

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--root", default="upload")
parser.add_argument("--model", default="events")
parser.add_argument("--workers", type=int, default=4)
parser.add_argument("--idle-limit", type=float, default=120)
given, _ = parser.parse_known_args()
root = pathlib.Path(given.root).resolve()
threads = {}
numbers = iter(range(1 << 60))


class Refusal(Exception):
    pass


def path_of(target):
    """The file or folder below the root that a request means."""
    parts = target.partition("?")[0].split("/")
    if parts.pop(0) != "" or any("%" in part and len(part) < 3 for part in parts):
        raise Refusal(400)
    names = [urllib.parse.unquote_to_bytes(part) for part in parts]
    if any(name in (b".", b"..") or b"/" in name or b"\0" in name for name in names):
        raise Refusal(403)
    path = root.joinpath(*[os.fsdecode(name) for name in names])
    if path.resolve() != path or path.name.startswith(".part"):
        raise Refusal(404)
    return path


def head_of(stream):
    """The three words of the request line, and the fields; None at the end."""
    line = stream.readline(LINE_LEN_MAX)
    if not line:
        return None
    words = line.decode("latin-1").split()
    if not line.endswith(b"\n") or len(words) != 3 or words[2] not in ("HTTP/1.0", "HTTP/1.1"):
        raise Refusal(400)
    fields = {}
    while (line := stream.readline(LINE_LEN_MAX)) not in (b"\r\n", b"\n"):
        name, colon, value = line.rstrip(b"\r\n").decode("latin-1").partition(":")
        name = name.lower()
        if not line.endswith(b"\n") or not colon or not name or name.strip() != name:
            raise Refusal(400)
        if name in fields and name in ("host", "content-length") or "\r" in value or "\0" in value:
            raise Refusal(400)
        fields[name] = value.strip(" \t")
    if words[2] == "HTTP/1.1" and "host" not in fields or "transfer-encoding" in fields:
        raise Refusal(400)
    if not fields.get("content-length", "0").isdecimal() or len(fields.get("content-length", "")) > 18:
        raise Refusal(400)
    return *words, fields


def pieces(stream, left):
    while left:
        piece = stream.read1(min(left, 65536))
        if not piece:
            raise ConnectionError("the body broke off")
        yield piece
        left -= len(piece)


class Talk:
    """One connection."""

    def __init__(self, connection):
        self.connection = connection
        self.stream = connection.makefile("rb")
        self.wants_body = True

    def send(self, status, body, kind="text/plain", more=()):
        fields = [f"Content-type:{kind}", "server:python", *more]
        if isinstance(body, bytes):
            fields.append(f"content-LENGTH:{len(body)}")
        head = "\r\n".join([f"HTTP/1.1 {status} {REASONS.get(status, '')}", *fields, "", ""])
        if isinstance(body, bytes):
            self.connection.sendall(head.encode() + (body if self.wants_body else b""))
        else:
            self.connection.sendall(head.encode())
            for piece in body if self.wants_body else ():
                self.connection.sendall(piece)

    def answer(self, method, target, fields):
        length = int(fields.get("content-length", "0"))
        if method == "POST":
            return self.store(target, fields, length)
        for _ in pieces(self.stream, length):
            pass
        if method in ("GET", "HEAD"):
            return self.show(path_of(target), target)
        if method == "DELETE":
            path = path_of(target)
            if not path.exists():
                raise Refusal(404)
            if not path.is_file():
                raise Refusal(403)
            path.unlink()
            return self.send(200, b"Deleted")
        raise Refusal(501)

    def show(self, path, target):
        if target.rstrip("/") == "/upload" or path == root and not (path / "index.html").exists():
            names = sorted(name for name in os.listdir(root) if not name.startswith(".part"))
            lines = (f"<li>{html.escape(name)}</li>\n".encode() for name in names)
            chunks = (b"%x;list=yes\r\n%s\r\n" % (len(line), line) for line in lines)
            ending = iter([b"0\r\nX-Sorted: yes\r\n\r\n"])
            return self.send(200, (c for i in (chunks, ending) for c in i), "text/html", ["transfer-encoding:chunked"])
        if path.is_dir():
            path = path / "index.html"
        try:
            with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
                about = os.fstat(file.fileno())
                if not stat.S_ISREG(about.st_mode):
                    raise Refusal(403)
                kind = TYPES.get(path.suffix, "application/octet-stream")
                if about.st_size <= 4096:
                    return self.send(200, file.read(), kind)
                rest = iter(lambda: file.read(30_000), b"")
                self.send(200, rest, kind, [f"Content-Length:{about.st_size}"])
        except (FileNotFoundError, NotADirectoryError):
            raise Refusal(404)

    def store(self, target, fields, length):
        name = "/" + fields.get("filename", "upload_x").rpartition("/")[2] if target == "/upload" else target
        try:
            path = path_of(name)
            if path.is_dir() or not path.parent.is_dir():
                raise Refusal(409)
        except Refusal:
            for _ in pieces(self.stream, length):
                pass
            raise
        part = root / f".part-{os.getpid()}-{next(numbers)}"
        try:
            with open(part, "wb") as file:
                for piece in pieces(self.stream, length):
                    file.write(piece)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        self.send(201, b"thank you\n")

    def converse(self):
        try:
            while (head := head_of(self.stream)) is not None:
                method, target, version, fields = head
                wishes = [wish.strip().lower() for wish in fields.get("connection", "").split(",")]
                self.wants_body = method != "HEAD"
                try:
                    self.answer(method, target, fields)
                except Refusal as refusal:
                    self.send(refusal.args[0], b"that cannot be had\n")
                if version == "HTTP/1.0" or "close" in wishes:
                    return
        except Refusal as refusal:
            self.send(refusal.args[0], b"that is no request\n")


def serve(connection):
    connection.settimeout(given.idle_limit)
    try:
        with connection:
            Talk(connection).converse()
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(2)
            while connection.recv(65536):
                pass
    except OSError as trouble:
        print("lost:", trouble)
    finally:
        del threads[connection]


def goodbye(*_):
    alive = dict(threads)
    for connection in alive:
        try:
            connection.shutdown(socket.SHUT_RD)
        except OSError:
            pass
    for thread in alive.values():
        thread.join(0.5)
    os._exit(0)


def serve_all(listener):
    signal.signal(signal.SIGINT, goodbye)
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threads[connection] = threading.Thread(target=serve, args=[connection], daemon=True)
        threads[connection].start()


def worker(listener, line):
    """Serves as long as the parent holds the other end of the line."""
    threading.Thread(target=lambda: (os.read(line, 1), os._exit(1)), daemon=True).start()
    serve_all(listener)


def supervise(listener):
    line, held = os.pipe()
    children = set()

    def leave(*_):
        for child in children:
            os.waitpid(child, 0)
        os._exit(0)

    signal.signal(signal.SIGINT, leave)
    while True:
        while len(children) < given.workers:
            child = os.fork()
            if child == 0:
                os.close(held)
                worker(listener, line)
            children.add(child)
        children.discard(os.wait()[0])


def main():
    root.mkdir(parents=True, exist_ok=True)
    try:
        listener = socket.create_server(("127.0.0.1", given.port), backlog=1024)
    except OSError as trouble:
        exit(f"cannot listen on port {given.port}: {trouble}")
    supervise(listener) if given.model == "processes" else serve_all(listener)


main()
