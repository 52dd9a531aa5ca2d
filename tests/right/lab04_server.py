"""A right server for six framings, with a thread for each client."""

import argparse
import os
import signal
import socket
import struct
import sys
import threading

sys.dont_write_bytecode = True
from lab04_framings import FRAMINGS, Refused, encoded, next_message  # noqa: E402

inside = set()


def answer_all(connection, framing):
    stream = connection.makefile("rb")
    while (message := next_message(framing, stream)) is not None:
        if framing in ("close", "streams"):
            connection.sendall(message[::-1])
            return
        connection.sendall(encoded(framing, message[::-1]))


def converse(connection, given):
    connection.settimeout(given.idle_limit)
    try:
        answer_all(connection, given.framing)
        connection.shutdown(socket.SHUT_WR)
    except (EOFError, Refused):
        if given.reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError as trouble:
        print("lost:", trouble)
    finally:
        inside.discard(connection)
        connection.close()


def say_goodbye(framing):
    # Where the end of a stream completes a message, it must not come from here.
    for connection in [] if framing in ("close", "streams") else list(inside):
        try:
            connection.shutdown(socket.SHUT_RD)
        except OSError:
            pass
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(0.5)
    os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--framing", choices=FRAMINGS, default="close")
    parser.add_argument("--idle-limit", type=float, default=120)
    parser.add_argument("--reset", action="store_true")
    given, _ = parser.parse_known_args()
    signal.signal(signal.SIGINT, lambda *_: say_goodbye(given.framing))
    try:
        listener = socket.create_server(("127.0.0.1", given.port), backlog=128)
    except OSError as trouble:
        sys.exit(f"cannot listen on port {given.port}: {trouble}")
    # A signal may be delivered to any thread; Python acts on it here, and so must wake up.
    listener.settimeout(0.1)
    while True:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        inside.add(connection)
        threading.Thread(target=converse, args=[connection, given], daemon=True).start()


main()
