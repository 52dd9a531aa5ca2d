"""HTTP in the way of the course: a pool of 20 threads or processes, a connection for each request,
32 bytes at a time.

usage: pool_http.py threads|processes FOLDER
"""

import concurrent.futures
import os
import socket
import sys
import time

WORKERS = 20


def answer(request, folder):
    method, path = request.split("\r\n")[0].split(" ")[:2]
    name = os.path.join(folder, os.path.basename(path))
    if method != "GET" or not os.path.isfile(name):
        return reply(404, "Not Found", b"")
    with open(name, "rb") as file:
        return reply(200, "OK", file.read())


def reply(code, reason, body):
    head = [
        "HTTP/1.0 %d %s\r\n" % (code, reason),
        "Date: %s\r\n" % time.strftime("%c"),
        "Connection: close\r\n",
        "Server: myserver/1.0\r\n",
        "Content-Length: %d\r\n" % len(body),
        "\r\n",
    ]
    return "".join(head).encode() + body


def serve(client, folder):
    text = ""
    try:
        while piece := client.recv(32):
            text += piece.decode()
            if text.endswith("\r\n\r\n"):
                client.sendall(answer(text, folder))
                break
    except OSError:
        pass
    client.close()


def main():
    model, folder = sys.argv[1:]
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    pools = concurrent.futures
    kind = pools.ThreadPoolExecutor if model == "threads" else pools.ProcessPoolExecutor
    with kind(WORKERS) as pool:
        print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
        while True:
            client, _ = listener.accept()
            pool.submit(serve, client, folder)


if __name__ == "__main__":
    main()
