"""The echo server of lab 02 with Python's selectors: echo_selectors.py PORT. It refuses clients for
whom there is no descriptor, by a spare one that it keeps for this."""

import errno
import os
import selectors
import signal
import socket
import sys

HIGH_WATER = 1 << 18

selector = selectors.DefaultSelector()
signal.signal(signal.SIGINT, lambda *_: os._exit(0))
try:
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=512)
except OSError as error:
    sys.exit(str(error))
listener.setblocking(False)
selector.register(listener, selectors.EVENT_READ)
spare = os.open(os.devnull, os.O_RDONLY)


def accept():
    global spare
    try:
        client, _ = listener.accept()
    except OSError as error:
        if error.errno == errno.EMFILE:
            os.close(spare)
            try:
                listener.accept()[0].close()
            except OSError:
                pass
            spare = os.open(os.devnull, os.O_RDONLY)
        return
    client.setblocking(False)
    selector.register(client, selectors.EVENT_READ, [bytearray(), False])


def drop(client):
    selector.unregister(client)
    client.close()


def step(client, events, state):
    owed, _ = state
    try:
        if events & selectors.EVENT_READ:
            piece = client.recv(4096)
            owed += piece
            state[1] = state[1] or not piece
        if owed:
            del owed[: client.send(owed)]
    except BlockingIOError:
        pass
    except OSError:
        return drop(client)
    if state[1] and not owed:
        return drop(client)
    interest = selectors.EVENT_WRITE if owed else 0
    if not state[1] and len(owed) < HIGH_WATER:
        interest |= selectors.EVENT_READ
    selector.modify(client, interest, state)


while True:
    for key, events in selector.select():
        if key.data is None:
            accept()
        else:
            step(key.fileobj, events, key.data)
