"""Byte echo with a thread for each client, on the socketserver of the standard library."""

import socketserver


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while received := self.request.recv(1024):
            self.request.sendall(received)


class Server(socketserver.ThreadingTCPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


with Server(("127.0.0.1", 0), Echo) as server:
    print("listening on 127.0.0.1:%d" % server.server_address[1], flush=True)
    server.serve_forever()
