"""Files as base64 in JSON, in the way of the course: a thread for each client, all in memory.

usage: file_server.py FOLDER
"""

import base64
import json
import os
import socket
import sys
import threading

FOLDER = sys.argv[1]
END = b"\r\n\r\n"


def answer(request):
    words = request.split(" ")
    name = os.path.join(FOLDER, os.path.basename(words[1])) if len(words) > 1 else ""
    if words[0] == "LIST":
        return {"status": "OK", "data": os.listdir(FOLDER)}
    if words[0] == "GET":
        with open(name, "rb") as file:
            text = base64.b64encode(file.read()).decode()
        return {"status": "OK", "data_namafile": words[1], "data_file": text}
    if words[0] == "UPLOAD":
        with open(name, "wb") as file:
            file.write(base64.b64decode(words[2]))
        return {"status": "OK", "data": "File %s berhasil diunggah" % words[1]}
    return {"status": "ERROR", "data": "Perintah tidak valid"}


def serve(client):
    try:
        request = bytearray()
        while not request.endswith(END):
            piece = client.recv(64 * 1024)
            if not piece:
                break
            request += piece
        reply = answer(request.decode().strip())
        client.sendall(json.dumps(reply).encode() + END)
    except OSError:
        pass
    client.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=100)
print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    threading.Thread(target=serve, args=(client,), daemon=True).start()
