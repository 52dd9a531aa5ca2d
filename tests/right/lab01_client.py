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
            raise EOFError
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
        sys.exit(f"refused by {given.host}:{given.port}")
    except TimeoutError:
        sys.exit(f"{given.host}:{given.port} is silent")
    except EOFError:
        sys.exit(f"{given.host}:{given.port} has closed in the middle of a reply")
    except OSError as trouble:
        sys.exit(f"the connection to {given.host}:{given.port} was lost: {trouble}")


main()
