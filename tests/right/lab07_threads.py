"""A right file server in another language: a thread for each client, and whole requests in memory.

It writes its JSON over many lines, with its keys in another order, further keys, letters as they are
and a backslash in front of each slash; its lists have no order and its errors other words. `--mode
process` starts so many copies of it on one listener; in every other mode it serves whoever comes.
"""

import argparse
import binascii
import itertools
import json
import os
import pathlib
import signal
import socket
import threading

END = b"\r\n\r\n"

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--storage", default="storage")
parser.add_argument("--mode", default="single")
parser.add_argument("--workers", type=int, default=5)
parser.add_argument("--wire", default="json")
parser.add_argument("--idle-limit", type=float, default=120)
parser.add_argument("--read", type=int, default=65536)
parser.add_argument("--style", default="pretty")
given, _ = parser.parse_known_args()
storage = pathlib.Path(given.storage)
threads = {}
numbers = itertools.count()


class Refusal(Exception):
    pass


def path_of(name):
    """The file in the folder that a name means."""
    if not name or name in (b".", b"..") or b"/" in name or b"\0" in name or len(name) > 255:
        raise Refusal("that is no name for a file")
    try:
        name.decode()
    except UnicodeDecodeError:
        raise Refusal("that name is no text")
    return storage / os.fsdecode(name)


def names():
    return [name for name in os.listdir(storage) if not name.startswith(".part-") and (storage / name).is_file()][::-1]


def bring(name):
    path = path_of(name)
    if not path.is_file():
        raise Refusal("nobody has stored that")
    return open(path, "rb")


def store(name, content):
    path = path_of(name)
    if path.is_dir():
        raise Refusal("there is a folder of that name")
    part = storage / f".part-{os.getpid()}-{next(numbers)}"
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def delete(name):
    path = path_of(name)
    if path.is_symlink() or not path.is_file():
        raise Refusal("nobody has stored that")
    path.unlink()


class Talk:
    """One connection."""

    def __init__(self, connection):
        self.connection = connection
        self.held = bytearray()

    def more(self):
        """Whether anything more has come."""
        piece = self.connection.recv(given.read)
        self.held += piece
        return bool(piece)

    def until(self, end):
        """What stands in front of `end`; None if the stream ends before."""
        searched = 0
        while (place := self.held.find(end, searched)) < 0:
            searched = max(0, len(self.held) - len(end))
            if not self.more():
                return None
        found = bytes(self.held[:place])
        del self.held[: place + len(end)]
        return found

    def reply(self, **members):
        if given.style == "pretty":
            text = json.dumps({"x": [1, {}], **dict(sorted(members.items()))}, indent=2, ensure_ascii=False)
            text = text.replace("/", "\\/") + "\n"
        else:
            text = json.dumps(members, separators=(",", ":"))
        self.connection.sendall(text.encode() + END)

    def answer(self, request):
        verb, blank, rest = request.partition(b" ")
        name, space, content = rest.partition(b" ")
        if verb == b"LIST":
            return self.reply(status="OK", data=names())
        if verb == b"GET":
            with bring(name) as file:
                text = binascii.b2a_base64(file.read(), newline=False).decode()
            return self.reply(status="OK", data_namafile=name.decode(), data_file=text, size=len(text))
        if verb == b"UPLOAD":
            if not space:
                raise Refusal("and what is in it?")
            store(name, binascii.a2b_base64(content, strict_mode=True))
        elif verb == b"DELETE":
            delete(name)
        else:
            raise Refusal(f"what is {request[:20]!r}?")
        self.reply(status="OK", data="thank you")

    def converse(self):
        while (request := self.until(END)) is not None:
            try:
                self.answer(request)
            except (Refusal, binascii.Error) as refusal:
                self.reply(status="ERROR", data=str(refusal) or "no")

    def answer_raw(self, line):
        verb, _, rest = line.partition(b" ")
        if verb == b"LIST":
            return b"\n".join(os.fsencode(name) for name in names()) + END
        if verb == b"DOWNLOAD":
            with bring(rest) as file:
                content = file.read()
            return b"%d\r\n%s" % (len(content), content)
        if verb == b"UPLOAD":
            name, _, size = rest.rpartition(b" ")
            if not size.isdigit():
                raise Refusal("how long is it?")
            while len(self.held) < int(size):
                if not self.more():
                    raise ConnectionError("the upload broke off")
            content = bytes(self.held[: int(size)])
            del self.held[: int(size)]
            store(name, content)
        elif verb == b"DELETE":
            delete(rest)
        else:
            raise Refusal("what is that?")
        return b"200 OK\r\n"

    def converse_raw(self):
        while (line := self.until(b"\r\n")) is not None:
            try:
                self.connection.sendall(self.answer_raw(line))
            except Refusal as refusal:
                self.connection.sendall(b"422 %s\r\n" % str(refusal).encode())


def serve(connection):
    connection.settimeout(given.idle_limit)
    try:
        with connection:
            talk = Talk(connection)
            talk.converse_raw() if given.wire == "raw" else talk.converse()
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(1)
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
    storage.mkdir(parents=True, exist_ok=True)
    try:
        listener = socket.create_server(("127.0.0.1", given.port), backlog=1024)
    except OSError as trouble:
        exit(f"cannot listen on port {given.port}: {trouble}")
    supervise(listener) if given.mode == "process" else serve_all(listener)


main()
