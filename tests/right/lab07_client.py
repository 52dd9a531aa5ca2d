"""A right client of the file server in another language: it has whole files in memory."""

import argparse
import binascii
import json
import os
import pathlib
import socket
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--host", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--wire", default="json")
parser.add_argument("--time-limit", type=float, default=5)
actions = parser.add_subparsers(dest="action", required=True)
actions.add_parser("list")
get = actions.add_parser("get")
get.add_argument("name")
get.add_argument("--output")
upload = actions.add_parser("upload")
upload.add_argument("--as", dest="name")
upload.add_argument("--verify", action="store_true")
upload.add_argument("file", type=pathlib.Path)
actions.add_parser("delete").add_argument("name")
given = parser.parse_args()


def ask(request, is_whole):
    """Asks on a connection of its own; returns all of the reply."""
    with socket.create_connection((given.host, given.port), given.time_limit) as connection:
        connection.sendall(request)
        reply, searched = bytearray(), 0
        while not is_whole(reply, searched):
            searched = max(0, len(reply) - 3)
            piece = connection.recv(65536)
            if not piece:
                raise ValueError(f"{given.host}:{given.port} closed the connection too early")
            reply += piece
        return bytes(reply)


def ask_json(request):
    reply = ask(request.encode() + b"\r\n\r\n", lambda reply, searched: reply.find(b"\r\n\r\n", searched) >= 0)
    reply = json.loads(reply)
    if reply["status"] != "OK":
        raise ValueError(f"not done: {reply.get('data')}")
    return reply


def is_line(reply, searched):
    return reply.find(b"\r\n", searched) >= 0


def ask_raw(request):
    reply = ask(request, is_line)
    if not reply.startswith(b"200"):
        raise ValueError(f"not done: {reply.decode()}")


def is_download(reply, _):
    size, end, content = reply.partition(b"\r\n")
    return bool(end) and (not size.isdigit() or len(content) >= int(size))


def names():
    if given.wire == "raw":
        reply = ask(b"LIST\r\n", lambda reply, searched: reply.find(b"\r\n\r\n", searched) >= 0)
        return reply[:-4].decode().split("\n") if len(reply) > 4 else []
    data = ask_json("LIST")["data"]
    if not isinstance(data, list) or not all(isinstance(name, str) for name in data):
        raise ValueError("that is no list")
    return data


def bring(name):
    if given.wire == "raw":
        size, _, content = ask(f"DOWNLOAD {name}\r\n".encode(), is_download).partition(b"\r\n")
        if not size.isdigit():
            raise ValueError(f"not done: {size.decode()}")
        return content
    return binascii.a2b_base64(ask_json(f"GET {name}")["data_file"], strict_mode=True)


def send(name, content):
    if given.wire == "raw":
        return ask_raw(f"UPLOAD {name} {len(content)}\r\n".encode() + content)
    ask_json(f"UPLOAD {name} " + binascii.b2a_base64(content, newline=False).decode())


def run():
    if given.action == "list":
        print("".join(name + "\n" for name in names()), end="")
    elif given.action == "get":
        path = pathlib.Path(given.output or given.name.replace("/", "_"))
        content = bring(given.name)
        part = path.with_name(f".part-{os.getpid()}")
        part.write_bytes(content)
        part.replace(path)
    elif given.action == "upload":
        content = given.file.read_bytes()
        name = given.name or given.file.name
        send(name, content)
        if given.verify and bring(name) != content:
            raise ValueError("something else has come back")
    elif given.wire == "raw":
        ask_raw(f"DELETE {given.name}\r\n".encode())
    else:
        ask_json(f"DELETE {given.name}")


try:
    run()
except TimeoutError:
    sys.exit(f"{given.host}:{given.port} is silent")
except ConnectionRefusedError:
    sys.exit(f"{given.host}:{given.port} refused the connection")
except (OSError, ValueError, KeyError, TypeError, AttributeError) as trouble:
    sys.exit(f"that did not work: {trouble}")
