"""Byte echo with select, in the way of the course's Python program: a print for each message."""

import os
import select
import socket
import sys

listener = socket.create_server(("127.0.0.1", 0), backlog=128)
print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
# A line at a time, as at a terminal.
sys.stdout = open(os.devnull, "w", buffering=1)
everybody = [listener]
while True:
    ready, _, _ = select.select(everybody, [], [])
    for one in ready:
        if one is listener:
            everybody.append(listener.accept()[0])
            continue
        try:
            received = one.recv(1024)
            print(one.getpeername(), received)
        except OSError:
            received = b""
        if received:
            one.send(received)
        else:
            everybody.remove(one)
            one.close()
