"""A right echo client in another language."""

import argparse
import socket
import sys


def exchange(connection, message):
    connection.sendall(message)
    reply = b""
    while len(reply) < len(message):
        piece = connection.recv(len(message) - len(reply))
        if not piece:
            sys.exit("the server closed the connection in the middle of a reply")
        reply += piece
    return reply


def show(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--time-limit", type=float, default=5)
    given = parser.parse_args()
    try:
        with socket.create_connection((given.host, given.port), given.time_limit) as connection:
            while piece := sys.stdin.buffer.readline(1000):
                show(exchange(connection, piece))
            connection.shutdown(socket.SHUT_WR)
            while rest := connection.recv(4096):
                show(rest)
    except ConnectionRefusedError:
        sys.exit("the connection was refused")
    except TimeoutError:
        sys.exit("the server is silent")
    except OSError as trouble:
        sys.exit(f"the connection was lost: {trouble}")


main()
