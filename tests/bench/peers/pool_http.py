"""HTTP in the way of the course: a pool of 20 threads or processes, a connection for each request.

With "counting" it asks, at each connection, every request that it has ever had whether it is still
running, and prints the answers: as the course's programs do. So it becomes slower while it runs.

usage: pool_http.py threads|processes FOLDER [counting]
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
        while piece := client.recv(1024):
            text += piece.decode()
            if "\r\n\r\n" in text:
                client.sendall(answer(text, folder))
                break
    except OSError:
        pass
    client.close()


def main():
    model, folder = sys.argv[1:3]
    counting = sys.argv[3:] == ["counting"]
    requests = []
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    pools = concurrent.futures
    kind = pools.ThreadPoolExecutor if model == "threads" else pools.ProcessPoolExecutor
    with kind(WORKERS) as pool:
        print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
        # A line at a time, as at a terminal.
        sys.stdout = open(os.devnull, "w", buffering=1)
        while True:
            client, _ = listener.accept()
            request = pool.submit(serve, client, folder)
            if counting:
                requests.append(request)
                print(["x" for one in requests if one.running()])


if __name__ == "__main__":
    main()
