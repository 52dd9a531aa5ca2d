"""A right echo server in another language, with a thread for each client."""

import argparse
import signal
import socket
import threading


def converse(connection):
    try:
        with connection:
            while data := connection.recv(4096):
                connection.sendall(data)
    except OSError as trouble:
        print("lost:", trouble)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--both-families", action="store_true")
    given = parser.parse_args()
    port = given.port
    signal.signal(signal.SIGINT, lambda *_: exit(0))
    try:
        if given.both_families:
            family = {"family": socket.AF_INET6, "dualstack_ipv6": True}
            listener = socket.create_server(("::", port), **family)
        else:
            listener = socket.create_server(("127.0.0.1", port))
    except OSError as trouble:
        exit(f"cannot listen on port {port}: {trouble}")
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=converse, args=[connection], daemon=True).start()


main()
