"""The client of lab 02 with a thread for each direction: talk_threads.py HOST PORT."""

import os
import socket
import sys
import threading

address = f"{sys.argv[1]}:{sys.argv[2]}"
told = False


def fail(words):
    sys.stderr.write(f"{address}: {words}\n")
    sys.stderr.flush()
    os._exit(1)


def speak(stream):
    global told
    while piece := os.read(0, 65536):
        try:
            stream.sendall(piece)
        except OSError as error:
            fail(f"lost: {error}")
    told = True
    stream.shutdown(socket.SHUT_WR)


try:
    stream = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
except OSError as error:
    fail(f"refused: {error}")
stream.settimeout(None)
threading.Thread(target=speak, args=[stream], daemon=True).start()
try:
    while piece := stream.recv(65536):
        while piece:
            piece = piece[os.write(1, piece) :]
except OSError as error:
    fail(f"lost: {error}")
if not told:
    fail("closed the connection too early")
