"""The time server in the way of the course: a thread for each client, a byte at a time."""

import logging
import os
import socket
import threading
import time

logging.basicConfig(level=logging.INFO, stream=open(os.devnull, "w"))


def serve(client, peer):
    line = b""
    try:
        while byte := client.recv(1):
            line += byte
            if not line.endswith(b"\r\n"):
                continue
            command, line = line.strip(), b""
            logging.info("Received: %s from %s", command, peer)
            if command == b"QUIT":
                break
            if command == b"TIME":
                reply = "JAM %s\r\n" % time.strftime("%H:%M:%S")
            else:
                reply = "Invalid command\r\n"
            client.sendall(reply.encode())
            logging.info("Sent: %s to %s", reply.strip(), peer)
    except OSError:
        pass
    client.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=128)
print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=listener.accept(), daemon=True).start()
