"""A right time server in another language: a thread for each client, a file for each connection."""

import argparse
import os
import signal
import socket
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--max-clients", type=int, default=1024)
parser.add_argument("--idle-limit", type=float, default=120)
given = parser.parse_args()
seats = threading.BoundedSemaphore(given.max_clients)
threads = {}


def read_line(stream):
    """The next line without its end, cut short if it is too long; None at the end."""
    line = bytearray()
    last = b""
    while byte := stream.read(1):
        if last + byte == b"\r\n":
            return bytes(line[:-1])
        # One byte more than a line may have, and its CR.
        if len(line) <= 1026:
            line += byte
        last = byte
    return None


def converse(connection):
    stream = connection.makefile("rb")
    while (line := read_line(stream)) not in (None, b"QUIT"):
        if line == b"TIME":
            connection.sendall(time.strftime("JAM %H:%M:%S\r\n").encode())
        else:
            connection.sendall(b"Invalid command\r\n")


def serve(connection):
    connection.settimeout(given.idle_limit)
    try:
        with connection:
            converse(connection)
    except OSError as trouble:
        print("lost:", trouble)
    finally:
        del threads[connection]
        seats.release()


def goodbye(*_):
    alive = dict(threads)
    for connection in alive:
        try:
            connection.shutdown(socket.SHUT_RD)
        except OSError:
            pass
    deadline = time.monotonic() + 1
    for thread in alive.values():
        thread.join(max(0, deadline - time.monotonic()))
    os._exit(0)


def accept(listener):
    """The next client; as long as there are no descriptors for one, it waits in the queue."""
    while True:
        try:
            return listener.accept()[0]
        except OSError as shortage:
            print("cannot accept just now:", shortage)
            time.sleep(0.2)


def main():
    signal.signal(signal.SIGINT, goodbye)
    try:
        listener = socket.create_server(("127.0.0.1", given.port))
    except OSError as trouble:
        exit(f"cannot listen on port {given.port}: {trouble}")
    while True:
        seats.acquire()
        connection = accept(listener)
        threads[connection] = threading.Thread(target=serve, args=[connection], daemon=True)
        threads[connection].start()


main()
