"""A right client for six framings."""

import argparse
import os
import socket
import sys

sys.dont_write_bytecode = True
from lab04_framings import FRAMINGS, Refused, encoded, next_message  # noqa: E402


def show(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def lines():
    while line := sys.stdin.buffer.readline():
        yield line.removesuffix(b"\n")


def pieces():
    while piece := os.read(0, 1000):
        yield piece


def answer(given, stream):
    message = next_message(given.framing, stream)
    if message is None:
        raise EOFError
    return message


def connect(given):
    connection = socket.create_connection((given.host, given.port), given.time_limit)
    return connection, connection.makefile("rb")


def talk(given, messages):
    if given.framing == "close":
        for message in messages:
            connection, stream = connect(given)
            connection.sendall(message)
            connection.shutdown(socket.SHUT_WR)
            show(answer(given, stream) + b"\n")
        return
    connection, stream = connect(given)
    for message in messages:
        connection.sendall(encoded(given.framing, message))
        if given.framing != "streams":
            show(answer(given, stream) + b"\n")
    if given.framing == "streams":
        connection.shutdown(socket.SHUT_WR)
        while piece := stream.read1(100):
            show(piece)
        show(b"\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--framing", choices=FRAMINGS, default="close")
    parser.add_argument("--time-limit", type=float, default=5)
    parser.add_argument("messages", nargs="*")
    given = parser.parse_intermixed_args()
    words = [os.fsencode(word) for word in given.messages]
    where = f"{given.host}:{given.port}"
    try:
        talk(given, words or (pieces() if given.framing == "streams" else lines()))
    except ConnectionRefusedError:
        sys.exit(f"refused by {where}")
    except TimeoutError:
        sys.exit(f"{where} is silent")
    except EOFError:
        sys.exit(f"{where} has closed in the middle of an answer")
    except Refused as why:
        sys.exit(f"cannot talk to {where}: {why}")
    except OSError as trouble:
        sys.exit(f"the connection to {where} was lost: {trouble}")


main()
