"""A right time client in another language."""

import argparse
import socket
import sys

REPLY_LEN_MAX = 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--time-limit", type=float, default=5)
    given = parser.parse_args()
    server = f"{given.host}:{given.port}"
    try:
        with socket.create_connection((given.host, given.port), given.time_limit) as connection:
            talk(connection, connection.makefile("rb"))
    except ConnectionRefusedError:
        sys.exit(f"refused by {server}")
    except TimeoutError:
        sys.exit(f"{server} is silent")
    except EOFError:
        sys.exit(f"{server} has closed")
    except ValueError:
        sys.exit(f"{server} sends what is no reply")
    except OSError as trouble:
        sys.exit(f"the connection to {server} was lost: {trouble}")


def talk(connection, replies):
    while True:
        print(">> ", end="", flush=True)
        line = sys.stdin.readline().strip()
        # It says goodbye in words also when the input has ended.
        command = line or "QUIT"
        connection.sendall(command.encode() + b"\r\n")
        reply = replies.readline(REPLY_LEN_MAX)
        if not reply and command == "QUIT":
            print("Connection closed by server.")
            return
        if len(reply) == REPLY_LEN_MAX:
            raise ValueError
        if not reply.endswith(b"\r\n"):
            raise EOFError
        print(reply.decode().rstrip("\r\n"), flush=True)


main()
