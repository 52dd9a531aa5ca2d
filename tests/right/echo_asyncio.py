"""The echo server of labs 02 and 03 with asyncio: echo_asyncio.py PORT [OPTIONS]."""

import asyncio
import signal
import sys

IDLE_LIMIT = 120.0
GOODBYE_LIMIT = 1.0


class Echo(asyncio.Protocol):
    everybody = set()
    leaving = False

    def connection_made(self, transport):
        self.transport = transport
        self.active = asyncio.get_running_loop().time()
        self.everybody.add(self)
        self.alarm()

    def data_received(self, data):
        self.active = asyncio.get_running_loop().time()
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.active = asyncio.get_running_loop().time()
        if not self.leaving:
            self.transport.resume_reading()

    def alarm(self):
        loop = asyncio.get_running_loop()
        if loop.time() >= self.active + IDLE_LIMIT:
            self.transport.close()
            # Whoever takes nothing does not take the end either.
            loop.call_later(0.1, self.transport.abort)
        else:
            self.clock = loop.call_at(self.active + IDLE_LIMIT, self.alarm)

    def connection_lost(self, _error):
        self.clock.cancel()
        self.everybody.discard(self)


async def main():
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(Echo, "127.0.0.1", int(sys.argv[1]), backlog=1024)
    except OSError as error:
        sys.exit(str(error))
    called = asyncio.Event()
    loop.add_signal_handler(signal.SIGINT, called.set)
    await called.wait()
    # Two more rounds of the loop read what has arrived by now.
    server.close()
    await asyncio.sleep(0.05)
    for client in list(Echo.everybody):
        client.leaving = True
        client.transport.close()
    deadline = loop.time() + GOODBYE_LIMIT
    while Echo.everybody and loop.time() < deadline:
        await asyncio.sleep(0.01)


if "--idle-limit" in sys.argv:
    IDLE_LIMIT = float(sys.argv[sys.argv.index("--idle-limit") + 1])
asyncio.run(main())
