"""A right server of lab 08 in another language: Python's own socketserver, with all its models."""

import argparse
import os
import queue
import signal
import socket
import socketserver
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--transport", default="tcp")
parser.add_argument("--run", default="inline")
parser.add_argument("--workers", type=int, default=64)
parser.add_argument("--handler", default="upper")
parser.add_argument("--idle-limit", type=float, default=120)
given = parser.parse_args()

first_process = os.getpid()
inside = set()
seats = threading.BoundedSemaphore(given.workers)


def answer(request):
    """The reply to a line or a datagram; None if there is none."""
    if given.handler == "echo":
        return request
    if given.handler == "upper":
        if request.rstrip() == b"BOOM":
            raise ValueError("BOOM")
        return bytes(request).upper()
    line = request.removesuffix(b"\r\n")
    if line == b"QUIT":
        return None
    return time.strftime("JAM %H:%M:%S\r\n").encode() if line == b"TIME" else b"Invalid command\r\n"


class Connection(socketserver.StreamRequestHandler):
    timeout = given.idle_limit

    def handle(self):
        inside.add(self.connection)
        try:
            for request in self.requests():
                reply = answer(request)
                if reply is None:
                    return
                self.wfile.write(reply)
        finally:
            inside.discard(self.connection)

    def requests(self):
        if given.handler == "echo":
            while piece := self.connection.recv(16384):
                yield piece
        elif given.handler == "upper":
            while (line := self.rfile.readline(65538)).endswith(b"\n"):
                yield line
        else:
            while line := self.line():
                yield line

    def line(self):
        """The next line with its CR LF, cut short if it is too long; nothing at the end."""
        line, last = bytearray(), b""
        while byte := self.rfile.read(1):
            if len(line) <= 1026 or byte == b"\n":
                line += byte
            if last + byte == b"\r\n":
                return bytes(line)
            last = byte
        return b""


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        reply = answer(self.request[0])
        if reply is not None:
            self.request[1].sendto(reply, self.client_address)


class Threads(socketserver.ThreadingMixIn):
    daemon_threads = True

    def process_request(self, request, client_address):
        seats.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request, client_address):
        try:
            super().process_request_thread(request, client_address)
        finally:
            seats.release()


class Pool:
    def server_activate(self):
        super().server_activate()
        self.requests = queue.Queue()
        for _ in range(given.workers):
            threading.Thread(target=self.work, daemon=True).start()

    def process_request(self, request, client_address):
        seats.acquire()
        self.requests.put((request, client_address))

    def work(self):
        while True:
            request, client_address = self.requests.get()
            try:
                self.finish_request(request, client_address)
            except Exception:
                self.handle_error(request, client_address)
            finally:
                self.shutdown_request(request)
                seats.release()


class Processes(socketserver.ForkingMixIn):
    max_children = given.workers


class Server:
    allow_reuse_address = given.transport == "tcp"
    request_queue_size = 1024
    max_packet_size = 65536

    def get_request(self):
        try:
            return super().get_request()
        except OSError as shortage:
            print("cannot take a request just now:", shortage)
            time.sleep(0.3)
            raise


models = {"inline": (), "threads": (Threads,), "pool": (Pool,), "processes": (Processes,)}
kind = socketserver.TCPServer if given.transport == "tcp" else socketserver.UDPServer
bases = (*models[given.run], Server, kind)
handler = Connection if given.transport == "tcp" else Datagram


def goodbye(*_):
    """Sees out who is inside; in a child, that is one."""
    for connection in list(inside):
        try:
            connection.shutdown(socket.SHUT_RD)
        except OSError:
            pass
    if os.getpid() == first_process:
        ending.set()


def end_children(server):
    children = getattr(server, "active_children", None) or set()
    for child in list(children):
        try:
            os.kill(child, signal.SIGINT)
        except OSError:
            pass
    return children


ending = threading.Event()
signal.signal(signal.SIGINT, goodbye)
try:
    server = type("Chosen", bases, {})(("127.0.0.1", given.port), handler)
except OSError as trouble:
    raise SystemExit(f"cannot listen on port {given.port}: {trouble}")
loop = threading.Thread(target=server.serve_forever, args=[0.1], daemon=True)
loop.start()
while not ending.wait(0.1):
    pass
end = time.monotonic() + 1
threading.Thread(target=server.shutdown, daemon=True).start()
children = end_children(server)
while (inside or children) and time.monotonic() < end:
    time.sleep(0.01)
for child in list(children):
    try:
        os.kill(child, signal.SIGKILL)
    except OSError:
        pass
os._exit(0)
