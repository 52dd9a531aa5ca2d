"""The six framings over file objects, for a right server and a right client in another language."""

MESSAGE_MAX = 1 << 20
LINE_MAX = 65536
FRAMINGS = ["close", "streams", "fixed", "delimiter", "prefix", "blocks"]


class Refused(Exception):
    """What came is not a message, or the message does not fit."""


def exactly(stream, count):
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data


def frame(stream, room):
    """The next frame; None if the stream ends before it."""
    first = stream.read(1)
    if not first:
        return None
    length = int.from_bytes(first + exactly(stream, 3), "big")
    if length > room:
        raise Refused("the message is too long")
    return exactly(stream, length)


def unescaped(line):
    parts = line.split(b"\\\\")
    return b"\\".join(part.replace(b"\\n", b"\n") for part in parts)


def next_message(framing, stream):
    """The next message; None if the stream ends before it."""
    if framing in ("close", "streams"):
        message = stream.read(MESSAGE_MAX + 1)
        if len(message) > MESSAGE_MAX:
            raise Refused("the message is too long")
        return message
    if framing == "fixed":
        record = stream.read(16)
        if record and len(record) < 16:
            raise EOFError
        return record.rstrip(b"\0") if record else None
    if framing == "delimiter":
        line = stream.readline(LINE_MAX + 1)
        if line.endswith(b"\n"):
            return unescaped(line[:-1])
        if len(line) > LINE_MAX:
            raise Refused("the line is too long")
        return None
    if framing == "prefix":
        return frame(stream, MESSAGE_MAX)
    message = bytearray()
    while block := frame(stream, MESSAGE_MAX - len(message)):
        message += block
    if block is None:
        if message:
            raise EOFError
        return None
    return bytes(message)


def encoded(framing, message):
    if framing == "fixed":
        if len(message) > 16:
            raise Refused("a record has 16 bytes")
        return message.ljust(16, b"\0")
    if framing == "delimiter":
        return message.replace(b"\\", b"\\\\").replace(b"\n", b"\\n") + b"\n"
    if framing == "prefix":
        return len(message).to_bytes(4, "big") + message
    if framing == "blocks":
        cuts = [message[at : at + 5] for at in range(0, len(message), 5)]
        return b"".join(encoded("prefix", block) for block in cuts + [b""])
    return message
