"""What `cargo lab tap` and `cargo lab check --pcap` write must open in tshark without a complaint.

Usage: tap.py PATH-OF-CARGO-LAB, in the course
Clients and servers of this script's own talk through the tap in every way that a connection can go;
then tshark looks at the capture for anything that it would remark on.
"""

import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading

LIMIT = 60
LONG = os.urandom(1_000_000)

# A reset is there on purpose: that tshark says so is no complaint.
COMPLAINTS = " || ".join([
    "(tcp.analysis.flags)",
    "(tcp.checksum.status == 0)",
    "(ip.checksum.status == 0)",
    "(_ws.malformed)",
    "(_ws.expert.severity >= 0x600000 && tcp.flags.reset == 0)",
])


def throw_away(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def serve(peer):
    """Echoes; on BYE it resets, on HUSH it closes at once; in the end it says how much there was."""
    count = 0
    try:
        while piece := peer.recv(65536):
            if piece == b"BYE\r\n":
                return throw_away(peer)
            if piece == b"HUSH\r\n":
                return peer.close()
            count += len(piece)
            peer.sendall(piece)
        peer.sendall(b"%d bytes\r\n" % count)
    except OSError:
        pass
    peer.close()


def serve_forever(listener):
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=serve, args=(peer,), daemon=True).start()


def hear_all(peer):
    heard = b""
    try:
        while piece := peer.recv(65536):
            heard += piece
    except ConnectionResetError:
        return None
    return heard


def talk(connect):
    peer = connect()
    peer.sendall(b"halo\r\n")
    assert peer.recv(100) == b"halo\r\n"
    peer.shutdown(socket.SHUT_WR)
    assert hear_all(peer) == b"6 bytes\r\n"

    peer = connect()
    threading.Thread(target=lambda: (peer.sendall(LONG), peer.shutdown(socket.SHUT_WR))).start()
    assert hear_all(peer) == LONG + b"%d bytes\r\n" % len(LONG)

    peer = connect()
    peer.sendall(b"BYE\r\n")
    assert hear_all(peer) is None

    peer = connect()
    peer.sendall(b"HUSH\r\n")
    assert hear_all(peer) == b""
    peer.close()

    peer = connect()
    peer.sendall(b"halo")
    assert peer.recv(100) == b"halo"
    throw_away(peer)

    many = [connect() for _ in range(50)]
    for peer in many:
        peer.sendall(b"one of many\r\n")
    for peer in reversed(many):
        peer.shutdown(socket.SHUT_WR)
        assert hear_all(peer) == b"one of many\r\n13 bytes\r\n"


def tshark(path, *options):
    checks = [part for name in ("tcp", "ip") for part in ("-o", f"{name}.check_checksum:TRUE")]
    command = ["tshark", "-r", path, *checks, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    said = [line for line in done.stderr.splitlines() if not line.startswith("Running as user")]
    assert done.returncode == 0 and not said, (command, done.returncode, said)
    return done.stdout


def try_with(program, host, options):
    """One tap, everything that can happen on it, and what tshark says of that."""
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    threading.Thread(target=serve_forever, args=(listener,), daemon=True).start()
    port = listener.getsockname()[1]
    place = f"[{host}]:{{}}" if ":" in host else f"{host}:{{}}"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "talk.pcapng")
        command = [program, "tap", "--listen", place.format(0), "--to", place.format(port)]
        tap = subprocess.Popen([*command, "--write", path, *options], stdout=subprocess.PIPE, text=True)
        try:
            here = int(re.search(r":(\d+), passing on", tap.stdout.readline())[1])
            threading.Thread(target=tap.stdout.read, daemon=True).start()
            talk(lambda: socket.create_connection((host, here), timeout=LIMIT))
            tap.send_signal(signal.SIGINT)
            assert tap.wait(LIMIT) == 0
        finally:
            tap.kill()
        complaints = tshark(path, "-Y", COMPLAINTS)
        assert not complaints, complaints
        count = len(tshark(path, "-Y", "tcp.flags.syn == 1 && tcp.flags.ack == 0").splitlines())
        assert count == 55, count
        sent = tshark(path, "-q", "-z", "follow,tcp,raw,1").split("\n")
        sent = bytes.fromhex("".join(line for line in sent if re.fullmatch("[0-9a-f]+", line)))
        assert sent == LONG, len(sent)
        print(f"{host} {' '.join(options)}: 55 connections, and no complaint")


def check_a_failure(program):
    """Something that speaks HTTP where a time server is wanted: what the judge saw of it."""
    server = f"{sys.executable} -m http.server --bind 127.0.0.1 {{port}}"
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "check", "5.1", "--command", server, "--pcap", folder]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        assert done.returncode == 1, done
        paths = [os.path.join(folder, name) for name in os.listdir(folder)]
        assert paths, done.stdout
        asked = ""
        for path in paths:
            complaints = tshark(path, "-Y", COMPLAINTS)
            assert not complaints, (path, complaints)
            asked += tshark(path, "-Y", 'tcp.dstport == 45000 && tcp.payload contains "TIME"')
        assert asked, paths
        print(f"{len(paths)} captures of what failed, and no complaint")


def main():
    program = os.path.abspath(sys.argv[1])
    try_with(program, "127.0.0.1", [])
    try_with(program, "127.0.0.1", ["--chunk", "1000"])
    if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
        try_with(program, "::1", [])
    check_a_failure(program)


main()
